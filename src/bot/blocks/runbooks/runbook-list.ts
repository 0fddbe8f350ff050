import type { Fault } from '../../../runbooks/library.ts';
import { reviewAge } from '../../../runbooks/review-age.ts';
import { type Runbook, runbookSeverities } from '../../../runbooks/runbook.ts';
import { lines } from '../block.ts';
import { clip, code, escaped, more } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import { type Reply, reply } from '../reply.ts';
import { sign } from '../signs.ts';
import { factsOf, severityWord, titled } from './runbook-replies.ts';

/** The most runbooks of a page, faults and tags of a list: together they stay within one message. */
const most = { page: 25, faults: 6, tags: 20, row: 300 } as const;

/** What is listed: all runbooks that a word selects, and what is wrong with files. */
export interface Listed {
  readonly runbooks: readonly Runbook[];
  readonly faults: readonly Fault[];
  /** A severity, tag or owner as it was typed. */
  readonly word?: string;
  /** From 1. */
  readonly page: number;
  readonly now: number;
}

/** Runbooks by severity, worst first, and their titles; a page of at most 25 with the counts of all. */
export function listReply({ runbooks, faults, word, page, now }: Listed): Reply {
  if (runbooks.length === 0 && faults.length === 0) {
    return word === undefined
      ? reply('There are no runbooks; put Markdown files into `runbooks/incidents/`.')
      : reply(
          `No runbook has the severity, the tag or the owner ${code(clip(word, 100))}.`,
          `${code('/runbook')} lists all.`,
        );
  }
  const sorted = runbooks.toSorted(
    (one, other) => rank(one) - rank(other) || one.title.localeCompare(other.title),
  );
  const pages = Math.max(1, Math.ceil(sorted.length / most.page));
  const at = Math.min(Math.max(1, page), pages);
  const shown = sorted.slice((at - 1) * most.page, at * most.page);
  const broken = new Set(faults.map(({ file }) => file.replace(/\.md$/, '')));
  const first = `*${counted(runbooks.length, 'runbook')}*${word === undefined ? '' : ` of ${code(clip(word, 100))}`}${pages > 1 ? `, page ${at} of ${pages}` : ''}`;
  const rows = shown.flatMap((runbook, index) => {
    const heading = rank(runbook) === rankOf(shown[index - 1]) ? [] : [`*${severityWord(runbook.severity)}*`];
    const mark = broken.has(runbook.name)
      ? `  ${sign.warning} its file has a fault; this is how it last was`
      : '';
    return [...heading, `${clip(`${titled(runbook)}  ${factsOf(runbook, now)}`, most.row)}${mark}`];
  });
  const next = `/runbook list ${word ?? ''} ${at + 1}`.replace(/\s+/g, ' ');
  const text = [
    first,
    summaryOf(runbooks, now),
    ...rows,
    ...(at < pages ? [`The next page: ${code(clip(next, 150))}`] : []),
    ...faultLines(faults),
    `${code('/runbook WORDS')} finds, ${code('/runbook open NAME')} opens.`,
  ];
  return { text: first, blocks: fitBlocks(lines(text)) };
}

/** How many there are of each severity, how many are not reviewed, and the commonest tags. */
function summaryOf(runbooks: readonly Runbook[], now: number): string {
  const severities = runbookSeverities.flatMap((severity) => {
    const count = runbooks.filter((runbook) => runbook.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const stale = runbooks.filter(({ reviewed }) => reviewAge(reviewed, now).kind !== 'fresh').length;
  const counts = new Map<string, number>();
  for (const tag of runbooks.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const tags = [...counts].toSorted(([a, n], [b, m]) => m - n || a.localeCompare(b));
  const shown = tags.slice(0, most.tags).map(([tag, count]) => {
    const name = clip(escaped(tag), 40);
    return count === 1 ? name : `${name} (${count})`;
  });
  const rest = tags.length > most.tags ? [more(tags.length - most.tags)] : [];
  return [
    ...(severities.length === 0 ? [] : [severities.join(', ')]),
    ...(stale === 0 ? [] : [`${sign.warning} ${stale} not reviewed for 90 days`]),
    ...(shown.length === 0 ? [] : [`tags: ${[...shown, ...rest].join(', ')}`]),
  ].join(' · ');
}

function faultLines(faults: readonly Fault[]): readonly string[] {
  if (faults.length === 0) return [];
  const shown = faults
    .slice(0, most.faults)
    .map(
      ({ file, line, message }) =>
        `${code(clip(line === undefined ? file : `${file}:${line}`, 120))} ${clip(escaped(message), 200)}`,
    );
  const rest = faults.length - most.faults;
  return [`${sign.warning} *Faulty files*`, ...shown, ...(rest > 0 ? [more(rest)] : [])];
}

function rank({ severity }: Runbook): number {
  return severity === undefined ? runbookSeverities.length : runbookSeverities.indexOf(severity);
}

function rankOf(runbook: Runbook | undefined): number {
  return runbook === undefined ? -1 : rank(runbook);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
