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

/** The end of what a step said while it ran, which may be all of it, and how much it was in characters. */
export interface Said {
  readonly tail: string;
  readonly characters: number;
}

/** What is kept of one step; `step` is its title, `said` what its newest attempt said. */
export interface Entry {
  readonly step: string;
  readonly status: StepStatus | 'untouched';
  readonly attempts: readonly Attempt[];
  readonly said?: Said;
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

/** Slack takes 3,000 characters in a section; the heading stands in it too. */
const longestBlock = 2_800;

/** How much of the end of an output is shown, in characters. */
export const longestTail = 1_500;

/** The evidence of a phase or step, 15 attempts to a page; long answers are cut with a pointer to where all of it is. */
export function detailsModal(details: Details): ModalView {
  const { title, about } = details;
  const rows = details.entries.flatMap(rowsOf);
  const pages = pagesOf(details.entries);
  const page = Math.min(Math.max(1, Math.trunc(details.page) || 1), pages);
  const shownRows = rows.slice((page - 1) * perPage, page * perPage);
  const body = shownRows.flatMap(({ entry, attempt, said }, index): KnownBlock[] => {
    const isFirst = index === 0 || shownRows[index - 1]?.entry !== entry;
    const name = isFirst ? [section(`*${shown(entry.step)}* · ${shown(entry.status)}`)] : [];
    return [
      ...name,
      ...(attempt === undefined ? [] : attemptBlocks(attempt, about.run)),
      ...(said === undefined ? [] : [saidBlock(said, entry.status)]),
    ];
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
        ...(rows.some(isRowCut)
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

interface Row {
  readonly entry: Entry;
  readonly attempt?: Attempt;
  readonly said?: Said;
}

function rowsOf(entry: Entry): readonly Row[] {
  const { attempts, said } = entry;
  const rows = [...attempts.map((attempt) => ({ entry, attempt })), ...(said ? [{ entry, said }] : [])];
  return rows.length === 0 ? [{ entry }] : rows;
}

function isRowCut({ attempt, said }: Row): boolean {
  if (said !== undefined) return said.characters > said.tail.length;
  return attempt !== undefined && isCut(attempt);
}

function isCut({ answered }: Pick<Attempt, 'answered'>): boolean {
  return answered.length > longest - 100;
}

function saidBlock({ tail, characters }: Said, status: Entry['status']): KnownBlock {
  const so = status === 'trying' || status === 'applying' ? ' so far' : '';
  const head =
    characters > tail.length ? `*Output${so}*, the end of ${characters} characters` : `*Output${so}*`;
  let shownTail = tail;
  // Marks grow when they are escaped, and of an output the end is what people look for.
  while (codeBlock(shownTail, Number.POSITIVE_INFINITY).length > longestBlock) {
    shownTail = shownTail.slice(Math.ceil(shownTail.length / 4));
  }
  return section(`${head}\n${codeBlock(shownTail, longestBlock) || 'Blank lines only.'}`);
}

/** Everything that one attempt of a step said. */
export interface WholeOutput {
  readonly step: string;
  readonly text: string;
}

/** Everything that is kept of a phase or step as plain text, for a file; `outputs` name their steps as the entries do. */
export function detailsText({
  title,
  entries,
  outputs = [],
}: Pick<Details, 'title' | 'entries'> & { readonly outputs?: readonly WholeOutput[] }): string {
  const lines = entries.flatMap(({ step, status, attempts }) => [
    `== ${step}: ${status}`,
    ...attempts.flatMap(({ asked, of, answered, ms, hash, at }) => [
      '',
      `-- ${new Date(at).toISOString()} · ${readable(ms)} · ${of} · ${hash}`,
      asked,
      '',
      answered,
    ]),
    ...outputs
      .filter((one) => one.step === step)
      .flatMap(({ text }, index) => ['', `-- output${index > 0 ? `, attempt ${index + 1}` : ''}`, text]),
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
