import { allOf, isWithin, merged, pieces, type Span, shownSpan, spanOf } from './firewall-addresses.ts';
import { type Passage, passageOf } from './firewall-evaluator.ts';
import type { Ruleset } from './firewall-rules.ts';
import { isInSpans } from './firewall-sets.ts';

/** A port that is to be open to some addresses, each written as CIDR. */
export interface Opening {
  readonly port: number;
  readonly sources: readonly string[];
}

/** What is known of a host: its rules, the interfaces that lead outside, its address families. */
export interface Surroundings {
  readonly ruleset: Ruleset;
  readonly interfaces: readonly string[];
  /** The host's own addresses on these interfaces. */
  readonly own: readonly Span[];
  readonly families: readonly (4 | 6)[];
  /** The ports at which something listens for others, to the names of what listens. */
  readonly listening: ReadonlyMap<number, string>;
}

/** Ports in a row about which the same is to be said. */
export interface Finding {
  readonly kind: 'open' | 'closed' | 'unclear';
  readonly from: number;
  readonly to: number;
  /** The addresses that it concerns, as people write them. */
  readonly who: string;
  readonly by: string;
}

/** More pieces than this would take minutes to look at. */
const tooMany = 20_000;

/** Everybody, in both families. */
export const everybody = ['0.0.0.0/0', '::/0'] as const;

/**
 * Where the rules and the wanted openings differ, port by port and address by address; undefined when the rules name more addresses
 * than can be followed. A port that is to be open to all may be closed to a few, such as those that a ban names.
 */
export function findingsOf(around: Surroundings, wanted: readonly Opening[]): readonly Finding[] | undefined {
  const openings = wanted.map(({ port, sources }) => ({
    port,
    spans: sources.flatMap((source) => spanOf(source) ?? []),
  }));
  const spans = [...around.ruleset.groups.flat(), ...openings.flatMap((one) => one.spans)];
  const areas = around.families.flatMap((family) => pieces(family, spans));
  if (areas.length > tooMany) return undefined;
  const kinds = kindsOf(areas, around.ruleset);
  const own = openings.map(({ port }) => port).concat([...around.listening.keys()]);
  const starts = [...new Set([1, ...around.ruleset.ports, ...own.flatMap((port) => [port, port + 1])])]
    .filter((port) => port <= 65_535)
    .sort((a, b) => a - b);
  const found = starts.flatMap((from, at) => {
    const to = (starts[at + 1] ?? 65_536) - 1;
    const allowed = openings.filter(({ port }) => port === from).flatMap((one) => one.spans);
    return differences(around, kinds, from, allowed).map((one) => ({ ...one, from, to }));
  });
  return joined(found, around.listening);
}

interface Seen {
  readonly area: Span;
  readonly passage: Passage;
  readonly isWanted: boolean;
}

/** The areas that no rule tells from each other are of one kind, and one of them is asked for all. */
function kindsOf(areas: readonly Span[], { groups }: Ruleset): readonly (readonly Span[])[] {
  const kinds = new Map<string, Span[]>();
  for (const area of areas) {
    const within = groups.flatMap((spans, at) => (isInSpans(spans, area.family, area.from) ? [at] : []));
    const key = `${area.family} ${within.join(' ')}`;
    const kind = kinds.get(key);
    if (kind) kind.push(area);
    else kinds.set(key, [area]);
  }
  return [...kinds.values()];
}

function differences(
  { ruleset, interfaces, own }: Surroundings,
  kinds: readonly (readonly Span[])[],
  port: number,
  allowed: readonly Span[],
): readonly Omit<Finding, 'from' | 'to'>[] {
  const seen = kinds.flatMap((areas): readonly Seen[] => {
    const [first] = areas;
    if (!first) return [];
    return interfaces.flatMap((by) => {
      const passage = passageOf(ruleset, { family: first.family, source: first.from, own, port, by });
      return areas.map((area) => {
        const isWanted = allowed.some((span) => isWithin(span, area.family, area.from));
        return { area, passage, isWanted };
      });
    });
  });
  const open = seen.filter(({ passage, isWanted }) => passage.is === 'open' && !isWanted);
  const unclear = seen.filter(({ passage }) => passage.is === 'unclear');
  const closed = seen.filter(({ passage, isWanted }) => passage.is === 'closed' && isWanted);
  const matters = ([4, 6] as const).flatMap((family) =>
    isOnlyBanned(family, closed, allowed) ? [] : closed.filter(({ area }) => area.family === family),
  );
  return [told('open', open), told('unclear', unclear), told('closed', matters)].flat();
}

/** Whether a port that is open to all is closed only to a smaller part of them. */
function isOnlyBanned(family: 4 | 6, closed: readonly Seen[], allowed: readonly Span[]): boolean {
  const all = allOf(family);
  if (!allowed.some((span) => span.family === family && sizeOf(span) === sizeOf(all))) return false;
  const areas = merged(closed.map(({ area }) => area).filter((area) => area.family === family));
  return areas.reduce((sum, area) => sum + sizeOf(area), 0n) * 2n < sizeOf(all);
}

function told(kind: Finding['kind'], seen: readonly Seen[]): readonly Omit<Finding, 'from' | 'to'>[] {
  const [first] = seen;
  return first ? [{ kind, who: who(seen.map(({ area }) => area)), by: first.passage.by }] : [];
}

/** The addresses in words: everybody, a family, or at most four ranges. */
function who(areas: readonly Span[]): string {
  const found = ([4, 6] as const).map((family) => merged(areas.filter((area) => area.family === family)));
  const isAll = found.map((spans, at) => {
    const [only] = spans;
    return only !== undefined && sizeOf(only) === sizeOf(allOf(at === 0 ? 4 : 6));
  });
  if (isAll[0] && isAll[1]) return 'everybody';
  const named = found.flatMap((spans, at) => {
    if (isAll[at]) return [at === 0 ? 'every IPv4 address' : 'every IPv6 address'];
    return spans.map(shownSpan);
  });
  return named.length <= 4
    ? named.join(', ')
    : `${named.slice(0, 4).join(', ')} and ${named.length - 4} more`;
}

function sizeOf({ from, to }: Span): bigint {
  return to - from + 1n;
}

/** Ports beside each other about which the same is said become one finding, except where something listens. */
function joined(found: readonly Finding[], listening: ReadonlyMap<number, string>): readonly Finding[] {
  const all: Finding[] = [];
  for (const one of found) {
    const at = all.findIndex(
      (last) =>
        last.kind === one.kind &&
        last.who === one.who &&
        last.to + 1 === one.from &&
        !listening.has(one.from) &&
        !listening.has(last.to),
    );
    const last = all[at];
    if (last) all[at] = { ...last, to: one.to };
    else all.push(one);
  }
  return all;
}
