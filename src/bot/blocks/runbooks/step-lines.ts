import type { Labels } from '../../../alerts/alert.ts';
import { readable } from '../../../duration.ts';
import { filledText, filledValue } from '../../../runbooks/fill-in.ts';
import type { Block } from '../../../runbooks/runbook.ts';
import type { StepRun } from '../../../walkthroughs/walkthrough.ts';
import { brief } from '../alerts/group-words.ts';
import { codeBlock, mention } from '../escape.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Ease } from './walkthrough-units.ts';

/** The lines of evidence that stand in the message; **Output** has all. */
const mostLines = 12;

/** What a step is called: its title, or what it uses. */
export function stepName({ title, uses }: Block, labels: Labels): string {
  return filledText(title ?? uses, labels);
}

/** What a step does, as text for code: what it uses and its parameters, of which secrets are still `${NAME}`. */
export function stepText({ uses, with: written }: Block, labels: Labels): string {
  const parameters = Object.entries(written).map(
    ([name, value]) => `${name}: ${valueText(filledValue(value, labels))}`,
  );
  return [uses, ...parameters.map((line) => line.replaceAll('\n', '\n  '))].join('\n');
}

/** What became of the newest run of a step, as mrkdwn. */
export function runLine(run: StepRun, evidence: string | undefined, ease: Ease): string {
  const { by, at, decidedBy, decidedAt, because } = run;
  const asked = `${mention(by)} · ${moment(at)}`;
  const approved = decidedBy === undefined ? '' : `, approved by ${mention(decidedBy)}`;
  const why = because === undefined || because.trim() === '' ? '' : `\n${brief(because, ease.because)}`;
  switch (run.status) {
    case 'asked':
      return `${sign.person} *Waits for a second person.* ${mention(by)} asked to run it · ${moment(at)}`;
    case 'queued':
      return `${sign.moving} *Starting* · ${asked}${approved}`;
    case 'running':
      return `${sign.moving} *Running* · ${asked}${approved}`;
    case 'applying':
      return `${sign.moving} *Changing something* · ${asked}${approved}`;
    case 'declined':
      return `${sign.refused} *Declined* by ${mention(decidedBy ?? 'somebody')} · ${moment(decidedAt ?? at)} · asked for by ${mention(by)}`;
    case 'satisfied':
      return `${sign.done} *Satisfied* · ${asked}${took(run)}${approved}${why}${firstLines(evidence, ease)}`;
    case 'changed':
      return `${sign.done} *Changed* · ${asked}${took(run)}${approved}${why}${firstLines(evidence, ease)}`;
    case 'failed':
      return `${sign.failed} *Not satisfied* · ${asked}${took(run)}${approved}${why}${firstLines(evidence, ease)}`;
    case 'in-doubt':
      return `${sign.warning} *Nobody knows whether it was done* · ${asked}${approved}${why}${firstLines(evidence, ease)}`;
  }
}

function took({ at, decidedAt, endedAt }: StepRun): string {
  return endedAt === undefined ? '' : ` · ${readable(Math.max(0, endedAt - (decidedAt ?? at)))}`;
}

function firstLines(evidence: string | undefined, { evidence: most }: Ease): string {
  const lines = (evidence ?? '').trim().split('\n');
  const left = lines.length - mostLines;
  const shown = left > 0 ? [...lines.slice(0, mostLines), `… ${left} more lines: Output`] : lines;
  const code = codeBlock(shown.join('\n'), most);
  return code === '' ? '' : `\n${code}`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? '';
  return value.includes('\n') ? `\n${value.trimEnd()}` : value;
}
