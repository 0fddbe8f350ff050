import type { Finding } from './firewall-exposure.ts';

/** How many findings of a kind a sentence names. */
const namedAtMost = 6;

/**
 * The findings as ends of a sentence that begins with the host: what is open first, each port at which something listens by its number
 * and program, the others by how many they are.
 */
export function exposureFaults(
  findings: readonly Finding[],
  listening: ReadonlyMap<number, string>,
): readonly string[] {
  const of = (kind: Finding['kind']) => findings.filter((one) => one.kind === kind);
  const [heard, silent] = halves(of('open'), ({ from }) => listening.has(from));
  const open = shortened(
    heard.map(({ from, to, who }) => `${ports(from, to, listening)} is open to ${who}, wanted is closed`),
  );
  const unused = [...new Set(silent.map(({ who }) => who))].map((who) => {
    const mine = silent.filter((one) => one.who === who);
    const count = mine.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const some = mine.map(({ from, to }) => ports(from, to, listening));
    const named = some.length <= 4 ? ` (${some.join(', ')})` : '';
    return `${count} ports at which nothing listens${named} are open to ${who}, wanted is closed`;
  });
  const closed = shortened(
    of('closed').map(
      ({ from, to, who, by }) => `${ports(from, to, listening)} is closed to ${who} by ${by}, wanted is open`,
    ),
  );
  return [...open, ...unused, ...closed];
}

/** What could not be told, as ends of the same sentence. */
export function exposureDoubts(
  findings: readonly Finding[],
  listening: ReadonlyMap<number, string>,
): readonly string[] {
  const doubts = findings
    .filter(({ kind }) => kind === 'unclear')
    .map(
      ({ from, to, who, by }) =>
        `whether ${ports(from, to, listening)} is open to ${who} cannot be told, since ${by}`,
    );
  return shortened(doubts);
}

/** What listens for others, for the evidence. */
export function shownListeners(listening: ReadonlyMap<number, string>): string {
  const all = [...listening.keys()].sort((a, b) => a - b).map((port) => ports(port, port, listening));
  return all.join(', ') || 'nothing';
}

function ports(from: number, to: number, listening: ReadonlyMap<number, string>): string {
  const name = listening.get(from);
  if (from !== to) return `${from}-${to}`;
  return name ? `${from} (${name})` : String(from);
}

function shortened(all: readonly string[]): readonly string[] {
  if (all.length <= namedAtMost) return all;
  return [...all.slice(0, namedAtMost), `${all.length - namedAtMost} more of this kind`];
}

function halves<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
