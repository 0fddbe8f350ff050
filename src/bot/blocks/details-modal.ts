import type { KnownBlock, ModalView } from '@slack/types';
import type { Instant, StepStatus } from '../../deploy/deployment.ts';
import { readable } from '../../duration.ts';
import type { Reference } from './action.ts';
import { action, encode, modal } from './action.ts';
import { actions, context, header, section } from './block.ts';
import { code, codeBlock } from './escape.ts';
import { dialogue } from './input.ts';
import { moment } from './moment.ts';
import { sign } from './signs.ts';
import { shown } from './titles.ts';

/** One question to the world with its answer, as kept. */
export interface Attempt {
  readonly asked: string;
  readonly of: string;
  readonly answered: string;
  readonly ms: number;
  readonly hash: string;
  readonly at: Instant;
}

/** What is kept of one step; `step` is its title. */
export interface Entry {
  readonly step: string;
  readonly status: StepStatus | 'untouched';
  readonly attempts: readonly Attempt[];
}

/** What the details of a phase or step show; `page` starts at 1 and is brought into range. */
export interface Details {
  readonly title: string;
  readonly about: Reference;
  readonly entries: readonly Entry[];
  readonly page: number;
}

// One attempt takes two blocks, so that a page stays well below Slack's 100 even when each has a step of its own.
const perPage = 15;
const longest = 1_500;

/** The evidence of a phase or step, 15 attempts to a page; long answers are cut with a pointer to where all of it is. */
export function detailsModal(details: Details): ModalView {
  const { title, about } = details;
  const rows = details.entries.flatMap(rowsOf);
  const pages = pagesOf(details.entries);
  const page = Math.min(Math.max(1, Math.trunc(details.page) || 1), pages);
  const shownRows = rows.slice((page - 1) * perPage, page * perPage);
  const body = shownRows.flatMap(({ entry, attempt }, index): KnownBlock[] => {
    const isFirst = index === 0 || shownRows[index - 1]?.entry !== entry;
    const name = isFirst ? [section(`*${shown(entry.step)}* · ${shown(entry.status)}`)] : [];
    return [...name, ...(attempt === undefined ? [] : attemptBlocks(attempt, about.run))];
  });
  const place = pages > 1 ? [context(`Page ${page} of ${pages}`)] : [];
  const turn = (text: string, to: number) => ({
    text,
    action: `${action.detailsPage}:${to}`,
    value: encode({ ...about, page: to }),
  });
  return dialogue({
    id: modal.details,
    title: 'Details',
    metadata: { ...about, page },
    blocks: [
      header(title),
      ...(rows.length === 0 ? [section('Nothing has been looked at yet.')] : body),
      ...place,
      ...actions([
        ...(page > 1 ? [turn('Previous', page - 1)] : []),
        ...(page < pages ? [turn('Next', page + 1)] : []),
        ...(rows.some(({ attempt }) => attempt !== undefined && isCut(attempt))
          ? [{ text: 'All as a file', action: action.detailsFile, value: encode(about) }]
          : []),
      ]),
    ],
  });
}

/** How many pages the details of these entries take, at least one. */
export function pagesOf(entries: readonly Entry[]): number {
  return Math.max(1, Math.ceil(entries.flatMap(rowsOf).length / perPage));
}

function rowsOf(entry: Entry): { entry: Entry; attempt?: Attempt }[] {
  return entry.attempts.length === 0 ? [{ entry }] : entry.attempts.map((attempt) => ({ entry, attempt }));
}

function isCut({ answered }: Pick<Attempt, 'answered'>): boolean {
  return answered.length > longest - 100;
}

/** Everything that is kept of a phase or step as plain text, for a file. */
export function detailsText({ title, entries }: Pick<Details, 'title' | 'entries'>): string {
  const lines = entries.flatMap(({ step, status, attempts }) => [
    `== ${step}: ${status}`,
    ...attempts.flatMap(({ asked, of, answered, ms, hash, at }) => [
      '',
      `-- ${new Date(at).toISOString()} · ${readable(ms)} · ${of} · ${hash}`,
      asked,
      '',
      answered,
    ]),
    '',
  ]);
  return [title, '', ...lines].join('\n');
}

function attemptBlocks({ asked, of, answered, ms, hash, at }: Attempt, run: string): KnownBlock[] {
  const rest = isCut({ answered })
    ? `\n${sign.warning} Cut here: *All as a file* below, or ${code(`slipway audit show ${run}`)}, has all of it.`
    : '';
  const answer = codeBlock(answered, longest);
  return [
    section(`${codeBlock(asked, 1_000)}\n${answer === '' ? 'Nothing came back.' : answer}${rest}`),
    context(`${shown(of)} · ${readable(ms)} · ${moment(at)} · ${code(hash.slice(0, 12))}`),
  ];
}
