import type { KnownBlock } from '@slack/types';
import type { Fault } from '../../../runbooks/library.ts';
import type { Runbook, RunbookSeverity } from '../../../runbooks/runbook.ts';
import { runbookSeverities } from '../../../runbooks/runbook.ts';
import { action } from '../action.ts';
import { brief, severitySign } from '../alerts/group-words.ts';
import { actions, context, section } from '../block.ts';
import { clip, code, more } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import { type Reply, reply } from '../reply.ts';
import { sign } from '../signs.ts';
import { encodeRunbook } from './runbook-reference.ts';

/** How many runbooks a list names; with more of them it is quicker to search. */
const mostListed = 60;

const markOf: Readonly<Record<RunbookSeverity | 'none', string>> = {
  critical: severitySign.critical,
  high: severitySign.error,
  medium: severitySign.warning,
  low: severitySign.info,
  none: '📖',
};

/** All runbooks, the most severe first, and what is wrong with their files. */
export function runbookList(all: readonly Runbook[], faults: readonly Fault[]): Reply {
  if (all.length === 0 && faults.length === 0) {
    return reply(
      `${sign.idle} There is no runbook yet.`,
      `Put Markdown files into ${code('runbooks/incidents/')}; they are served as soon as they are there.`,
    );
  }
  const sorted = all.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
  const left = sorted.length - mostListed;
  return reply(
    `*${all.length} ${all.length === 1 ? 'runbook' : 'runbooks'}*, ${code('/runbook WORDS')} finds one, ${code('/runbook open NAME')} opens it here`,
    ...sorted.slice(0, mostListed).map(line),
    ...(left > 0 ? [more(left)] : []),
    ...faultLines(faults),
  );
}

/** What a search found, the best first, each with a button that opens it. */
export function runbooksFound(
  query: string,
  found: readonly Runbook[],
  environment: string | undefined,
): Reply {
  if (found.length === 0) {
    return reply(
      `${sign.idle} No runbook says anything of ${code(clip(query, 100)) || 'that'}.`,
      `${code('/runbook')} lists all of them.`,
    );
  }
  const [best] = found;
  const blocks = found.flatMap((runbook): KnownBlock[] => {
    const value = encodeRunbook({ name: runbook.name, ...(environment !== undefined && { environment }) });
    const style = runbook === best ? { style: 'primary' as const } : {};
    return [
      section(`${line(runbook)}${alertsLine(runbook)}`),
      ...actions([{ text: 'Open here', action: action.openRunbook, value, ...style }]),
    ];
  });
  return { text: clip(`Found: ${found.map(({ title }) => brief(title, 80)).join(', ')}`, 400), blocks };
}

/** What can be typed after `/runbook`; `unknown` is a name that no runbook has, and `meant` what it may have been. */
export function runbookHelp(unknown?: string, meant?: string): Reply {
  const lines = [
    `${code('/runbook')}  all runbooks`,
    `${code('/runbook redis memory')}  those that say most about these words`,
    `${code('/runbook open NAME [environment]')}  opens one here, for everybody in the channel`,
  ];
  if (unknown === undefined) return reply('*What you can type*', ...lines);
  const advice = meant === undefined ? '' : ` Did you mean ${code(`/runbook open ${meant}`)}?`;
  return reply(
    `${sign.refused} There is no runbook ${code(clip(unknown, 80)) || 'of that name'}.${advice}`,
    ...lines,
  );
}

/** A runbook was opened in the channel; without an environment nothing of it can be run. */
export function runbookOpened(runbook: Runbook, hint: string | undefined): Reply {
  const head = `📖 *${brief(runbook.title, 200)}* is opened here.`;
  const blocks = [section(head), ...(hint === undefined ? [] : [context(hint)])];
  return { text: clip(head.replaceAll('*', ''), 400), blocks: fitBlocks(blocks) };
}

function line({ name, title, severity, owner, reviewed, tags }: Runbook): string {
  const facts = [
    ...(owner === undefined ? [] : [`owner ${brief(owner, 40)}`]),
    reviewed === undefined ? 'never reviewed' : `reviewed ${brief(reviewed, 20)}`,
    ...(tags.length === 0 ? [] : [brief(tags.slice(0, 4).join(', '), 80)]),
  ];
  return `${markOf[severity ?? 'none']} ${code(name)}  *${brief(title, 120)}* · ${facts.join(' · ')}`;
}

function alertsLine({ alerts }: Runbook): string {
  return alerts.length === 0
    ? ''
    : `\nAnswers ${alerts
        .slice(0, 5)
        .map((one) => code(clip(one, 60)))
        .join(', ')}`;
}

function faultLines(faults: readonly Fault[]): readonly string[] {
  if (faults.length === 0) return [];
  const shown = faults.slice(0, 10).map(({ file, line: at, message }) => {
    const where = at === undefined ? file : `${file}:${at}`;
    return `${sign.warning} ${code(clip(where, 100))} ${brief(message, 200)}`;
  });
  return [...shown, ...(faults.length > 10 ? [more(faults.length - 10)] : [])];
}

function rankOf({ severity }: Runbook): number {
  return severity === undefined ? runbookSeverities.length : runbookSeverities.indexOf(severity);
}
