import { reviewAge, reviewInWords } from '../../../runbooks/review-age.ts';
import type { Runbook, RunbookSeverity } from '../../../runbooks/runbook.ts';
import type { Found } from '../../../runbooks/search.ts';
import { termOf, wordsOf } from '../../../runbooks/search-terms.ts';
import { action } from '../action.ts';
import { actions, section } from '../block.ts';
import { clip, code, escaped, more } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import { type Reply, reply } from '../reply.ts';
import { sign } from '../signs.ts';
import { encodeRunbook } from './runbook-reference.ts';

/** The words that a person may type after `/runbook`. */
export const runbookHelp: readonly (readonly [usage: string, does: string])[] = [
  ['', 'all runbooks, by severity'],
  ['WORDS', 'finds: an alert, a symptom, a system; typos are forgiven'],
  ['list [severity, tag or owner] [page]', 'lists those of a severity, a tag or an owner'],
  ['open NAME [environment]', 'opens one in this channel, to be ticked off and run'],
  ['help', 'this'],
];

/** The answer to `/runbook help`. */
export function helpReply(): Reply {
  return reply(
    '*Runbooks: the right page at 3 a.m.*',
    ...runbookHelp.map(([usage, does]) => `${code(`/runbook ${usage}`.trim())} ${does}`),
  );
}

/** The answer when words found nothing; `near` are the names that may have been meant. */
export function nothingFoundReply(words: string, near: readonly string[]): Reply {
  return reply(
    `No runbook says anything of ${escapedWords(words)}.`,
    ...(near.length === 0 ? [] : [`Did you mean ${near.map((name) => code(name)).join(', ')}?`]),
    `${code('/runbook')} lists all of them.`,
  );
}

/** The answer when a name is no runbook's. */
export function unknownRunbookReply(name: string, near: readonly string[]): Reply {
  const meant = near.map((one) => code(`/runbook open ${one}`)).join(' or ');
  return reply(
    `${sign.refused} There is no runbook ${escapedWords(name)}.`,
    meant === '' ? `${code('/runbook')} lists all of them.` : `Did you mean ${meant}?`,
  );
}

/** What was found for words, the best first, each with why and a button that opens it. */
export function foundReply(
  words: string,
  found: readonly Found[],
  about: { readonly key: string; readonly environment: string | undefined; readonly now: number },
): Reply {
  const { key, environment, now } = about;
  const count = found.length === 1 ? 'One runbook' : `${found.length} runbooks`;
  const blocks = found.flatMap(({ runbook, matched }, index) => [
    section(`${titled(runbook)}\n${clip(why(runbook, matched), 400)}\n${clip(factsOf(runbook, now), 400)}`),
    ...actions([
      {
        text: 'Open',
        action: action.openRunbook,
        value: encodeRunbook({
          runbook: runbook.name,
          key,
          ...(environment !== undefined && { environment }),
        }),
        ...(index === 0 && { style: 'primary' as const }),
      },
    ]),
  ]);
  const first = `${count} for ${escapedWords(words)}`;
  return { text: first, blocks: fitBlocks([section(`*${first}*`), ...blocks]) };
}

/** Which of its alerts and tags, and which words elsewhere, made a runbook be found. */
function why(runbook: Runbook, matched: Found['matched']): string {
  const isMatched = (field: 'alerts' | 'tags') => (text: string) =>
    wordsOf(text).some((word) => {
      const term = termOf(word);
      return term !== undefined && Object.hasOwn(matched, term) && matched[term]?.includes(field);
    });
  const alerts = runbook.alerts.filter(isMatched('alerts'));
  const tags = runbook.tags.filter(isMatched('tags'));
  const elsewhere = Object.entries(matched)
    .filter(([, fields]) => fields.includes('headings') || fields.includes('text'))
    .map(([word]) => word);
  const isTitled = Object.values(matched).some(
    (fields) => fields.includes('title') || fields.includes('name'),
  );
  const reasons = [
    ...(alerts.length > 0 ? [`alert ${some(alerts, 4)}`] : []),
    ...(isTitled ? ['title'] : []),
    ...(tags.length > 0 ? [`tagged ${some(tags, 6)}`] : []),
    ...(elsewhere.length > 0 ? [`text has ${some(elsewhere, 6)}`] : []),
  ];
  return `Found by: ${reasons.join(' · ')}`;
}

function some(texts: readonly string[], most: number): string {
  const shown = texts.slice(0, most).map((text) => clip(escaped(text), 60));
  return [...shown, ...(texts.length > most ? [more(texts.length - most)] : [])].join(', ');
}

/** A runbook's title and name in one line. */
export function titled({ title, name }: Runbook): string {
  return `*${clip(escaped(title), 150)}*  ${code(name)}`;
}

/** What the front matter says of a runbook, in one line. */
export function factsOf({ severity, owner, reviewed, tags }: Runbook, now: number): string {
  const age = reviewAge(reviewed, now);
  const told = reviewInWords(age);
  return [
    ...(severity === undefined ? [] : [severity]),
    owner === undefined ? 'no owner' : `owner ${escaped(owner)}`,
    age.kind === 'fresh' ? told : `${sign.warning} ${told}`,
    ...(tags.length === 0 ? [] : [some(tags, 8)]),
  ].join(' · ');
}

/** How bad, as a word for a heading. */
export function severityWord(severity: RunbookSeverity | undefined): string {
  return severity ?? 'without a severity';
}

function escapedWords(words: string): string {
  return code(clip(words, 100)) || 'that';
}
