import type { KnownBlock } from '@slack/types';
import type { Letter, News, Report } from '../../../runbooks/report.ts';
import { reviewAge, reviewInWords } from '../../../runbooks/review-age.ts';
import { context, header, lines } from '../block.ts';
import { clip, code, escaped, mention, more } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import type { Surface } from '../surface.ts';

const title = 'What the runbooks lack this week';

/** The messages of a report: one for each person whom it concerns, whichever groups they are in, and one for the channel. */
export function reportSurfaces({ letters, at }: Report): readonly Surface[] {
  const everybody = [...new Set(letters.flatMap(({ people }) => people))].sort();
  const own = everybody.map((to): Surface => {
    const theirs = letters.filter(({ people }) => people.includes(to));
    return { key: `letter.${to}`, place: 'channel', urgent: false, to, ...contentOf(theirs, at) };
  });
  const channels = letters.flatMap((letter): Surface[] =>
    letter.channel === undefined
      ? []
      : [
          {
            key: 'announce',
            place: 'channel',
            urgent: false,
            elsewhere: { channel: letter.channel },
            ...contentOf([letter], at),
          },
        ],
  );
  return [...own, ...channels];
}

function contentOf(letters: readonly Letter[], at: number): { text: string; blocks: KnownBlock[] } {
  const owners = letters.flatMap(({ owner }) => owner ?? []);
  const blocks = [
    header(title),
    ...letters.flatMap(({ owner, news }) => [
      ...(owner === undefined ? [] : [context(`What the group ${code(owner)} owns`)]),
      ...lines(linesOf(news, at)),
    ]),
    context(
      owners.length === 0
        ? 'Nobody owns these; `owner:` in the front matter of a runbook names a group.'
        : `You are told since you are in ${owners.map((owner) => code(owner)).join(', ')}.`,
    ),
  ];
  return { text: clip(`${title}: ${countsOf(letters)}`, 400), blocks: fitBlocks(blocks) };
}

function linesOf({ unanswered, stale, remarks, faults, left }: News, at: number): readonly string[] {
  return [
    ...under(
      'Alerts that fired without a runbook',
      unanswered.map(({ alert, times }) => `• ${code(alert)} ${times === 1 ? 'once' : `${times} times`}`),
    ),
    ...under(
      'Said to be wrong',
      remarks.map(
        ({ name, part, text, by }) => `• ${code(name)}${partWords(part)}: ${escaped(text)} – ${mention(by)}`,
      ),
    ),
    ...under(
      'Not reviewed for 90 days',
      stale.map(
        ({ name, title: called, reviewed }) =>
          `• ${code(name)} ${escaped(called)}, ${reviewInWords(reviewAge(reviewed, at))}`,
      ),
    ),
    ...under(
      'Files that cannot be read as they are',
      faults.map(
        ({ file, line, message }) =>
          `• ${code(line === undefined ? file : `${file}:${line}`)} ${escaped(message)}`,
      ),
    ),
    ...(left > 0 ? [more(left)] : []),
  ];
}

function under(heading: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`*${heading}*`, ...texts];
}

/** `t3` is the third task of a runbook, `s1` its first step. */
function partWords(part: string | undefined): string {
  const [, kind, number] = /^([ts])(\d+)$/.exec(part ?? '') ?? [];
  return kind === undefined ? '' : `, ${kind === 't' ? 'task' : 'step'} ${number}`;
}

function countsOf(letters: readonly Letter[]): string {
  const sum = (count: (news: News) => number) => letters.reduce((all, { news }) => all + count(news), 0);
  return [
    [sum(({ unanswered }) => unanswered.length), 'alerts without a runbook'],
    [sum(({ remarks }) => remarks.length), 'remarks'],
    [sum(({ stale }) => stale.length), 'not reviewed'],
    [sum(({ faults }) => faults.length), 'faults in files'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}
