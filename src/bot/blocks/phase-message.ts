import type { Deployment, OutlinePhase, PhaseState, StepState } from '../../deploy/deployment.ts';
import { isDone } from '../../deploy/deployment.ts';
import { readable } from '../../duration.ts';
import { action, encode } from './action.ts';
import type { Press } from './block.ts';
import { actions, lines, section } from './block.ts';
import { clip, code, escaped, mention } from './escape.ts';
import { fitBlocks, foldLines } from './fit.ts';
import { moment } from './moment.ts';
import { phaseSign, sign, stepSign } from './signs.ts';
import { canSkip } from './standing.ts';
import type { About, Surface } from './surface.ts';
import { phaseTitle, rawStepTitle, stepTitle } from './titles.ts';

// More lines than this are read by nobody; Details has them all.
const mostLines = 40;

/** The message of a phase in the thread, from the moment it is queued: each step with its state, and Details. */
export function phaseMessage(run: Deployment, outline: OutlinePhase, about: About): Surface[] {
  const phase = run.phases[outline.id];
  if (phase === undefined || phase.attempt === 0) return [];
  const title = phaseTitle(run, about.plan, outline.id);
  const mark = phaseSign(outline, phase);
  const word = wordOf(outline, phase);
  const blocks = fitBlocks([
    section(`${mark} *${title}* · ${word}`),
    ...lines(stepLines(run, outline, phase, about)),
    ...actions(buttons(run, outline, phase, about)),
  ]);
  const text = `${mark} ${title}: ${word}`;
  return [{ key: `phase.${outline.id}`, place: 'thread', urgent: false, text, blocks }];
}

function wordOf(outline: OutlinePhase, phase: PhaseState): string {
  switch (phase.status) {
    case 'waiting':
    case 'gated':
      return 'starts anew, what runs has changed';
    case 'queued':
      return 'queued';
    case 'running':
      return 'running';
    case 'paused':
      return 'paused';
    case 'failed':
      return outline.critical ? 'failed' : 'failed, the rest goes on';
    case 'succeeded':
      return `done${took(phase)}`;
    case 'stopped':
      return 'stopped';
  }
}

function took({ startedAt, endedAt }: PhaseState): string {
  return startedAt === undefined || endedAt === undefined ? '' : ` in ${readable(endedAt - startedAt)}`;
}

function stepLines(run: Deployment, outline: OutlinePhase, phase: PhaseState, about: About): string[] {
  const line = (step: string) =>
    `${stepSign(phase.steps[step])} ${stepTitle(run, about.plan, outline.id, step)}${remark(phase.steps[step])}`;
  if (outline.steps.length <= mostLines) return outline.steps.map(line);
  const quiet = (step: string) => {
    const status = phase.steps[step]?.status;
    return status === undefined || status === 'satisfied' || status === 'changed';
  };
  const done = outline.steps.filter((step) => quiet(step) && isDone(phase.steps[step])).length;
  const untouched = outline.steps.filter((step) => phase.steps[step] === undefined).length;
  const loud = outline.steps.filter((step) => !quiet(step)).map(line);
  return [
    ...(done > 0 ? [`${sign.done} ${done} steps done`] : []),
    ...foldLines(loud, mostLines - 2),
    ...(untouched > 0 ? [`${sign.idle} ${untouched} steps to come`] : []),
  ];
}

function remark(step: StepState | undefined): string {
  if (step === undefined) return '';
  const time = step.ms === undefined ? '' : ` · ${readable(step.ms)}`;
  switch (step.status) {
    case 'satisfied':
      return time;
    case 'changed':
      return ` · changed${time}${drifted(step)}`;
    case 'applying':
      return ' · applying';
    case 'trying':
      return step.tries > 0 ? ` · try ${step.tries + 1}` : ' · checking';
    case 'asking':
      return ' · waits for an answer';
    case 'waiting':
      return step.until === undefined ? ' · waits' : ` · waits until ${moment(step.until)}`;
    case 'in-doubt':
      return ' · was it applied?';
    case 'failed':
      return ` · failed${time}${drifted(step)}`;
    case 'skipped':
      return ` · skipped by ${mention(step.by ?? 'somebody')}: ${clip(escaped(step.reason ?? ''), 200)}`;
  }
}

function drifted({ drift }: StepState): string {
  if (drift === undefined) return '';
  return ` · drift, found changed since ${code(drift.since)}: ${clip(escaped(drift.because), 250)}`;
}

function buttons(run: Deployment, { id, steps }: OutlinePhase, phase: PhaseState, { plan }: About): Press[] {
  const details: Press = {
    text: 'Details',
    action: action.phaseDetails,
    value: encode({ run: run.id, phase: id }),
  };
  // Failures, questions and doubts have messages of their own; a clock has only this one.
  const clocks = steps.filter((step) => {
    const state = phase.steps[step];
    return state?.status === 'waiting' && canSkip(run, phase, state);
  });
  return [details, ...skipButtons(run, id, clocks, (step) => rawStepTitle(run, plan, id, step))];
}

/** Buttons that leave out steps, at most ten at a time, each named when there are several. */
export function skipButtons(
  run: Deployment,
  phase: string,
  steps: readonly string[],
  titleOf: (step: string) => string,
): Press[] {
  return steps.slice(0, 10).map((step) => ({
    text: steps.length === 1 ? 'Skip' : `Skip ${titleOf(step)}`,
    action: action.skip,
    value: encode({ run: run.id, phase, step }),
  }));
}
