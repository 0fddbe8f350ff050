import type { Deployment, OutlinePhase, PhaseState, StepState } from '../../deploy/deployment.ts';
import { action, encode } from './action.ts';
import type { Press } from './block.ts';
import { actions, lines, section } from './block.ts';
import { rollBackButton } from './card.ts';
import { clip, code, codeBlock, escaped, mention, more } from './escape.ts';
import { fitBlocks } from './fit.ts';
import { unformatted } from './moment.ts';
import { skipButtons } from './phase-message.ts';
import { phaseSign, sign, stepSign } from './signs.ts';
import { failedBecause } from './standing.ts';
import type { About, Surface } from './surface.ts';
import { phaseTitle, placeOf, rawStepTitle, shown, stepTitle, whatOf } from './titles.ts';

const mostSteps = 8;

/** The message of a failed phase in the thread; after the failure it stays and says what was done about it. */
export function failureMessage(run: Deployment, outline: OutlinePhase, about: About): Surface[] {
  const phase = run.phases[outline.id];
  if (phase === undefined) return [];
  const isFailed = phase.status === 'failed';
  if (!isFailed && !hasFailed(outline, phase)) return [];
  const failed = outline.steps.filter((step) => phase.steps[step]?.status === 'failed');
  const title = phaseTitle(run, about.plan, outline.id);
  const head =
    isFailed && run.status === 'running' ? headOf(outline, title) : after(run, outline, phase, title);
  const details = failed.slice(0, mostSteps).flatMap((step) => failedStep(run, outline, phase, step, about));
  const blocks = fitBlocks([
    section(`${head}\n${whatOf(run)} on ${placeOf(run, about.environmentTitle)}`),
    ...details,
    ...(failed.length > mostSteps
      ? [section(`${more(failed.length - mostSteps)} failed steps, see Details`)]
      : []),
    ...lines(isFailed ? [] : skippedLines(run, outline, phase, about)),
    ...actions(buttons(run, outline, phase, failed, about)),
  ]);
  const first = failed[0];
  const at = first === undefined ? '' : ` at ${stepTitle(run, about.plan, outline.id, first)}`;
  const state = first === undefined ? undefined : phase.steps[first];
  const because = state === undefined ? '' : ` – ${clip(failedBecause(state), 200)}`;
  const text = `${unformatted(first === undefined ? head : `${phaseSign(outline, phase)} ${title} failed`)}${at}${because}`;
  return [{ key: `failure.${outline.id}`, place: 'thread', urgent: true, text, blocks }];
}

/**
 * Whether a phase failed before and somebody helped it on. The state keeps no list of failures, but a step that was skipped
 * after one keeps its code, a phase that runs again keeps its end, and a retry starts the count of tries anew.
 */
function hasFailed(outline: OutlinePhase, phase: PhaseState): boolean {
  const isGoing = phase.status === 'queued' || phase.status === 'running' || phase.status === 'paused';
  if (isGoing && phase.endedAt !== undefined) return true;
  return outline.steps.some((step) => {
    const state = phase.steps[step];
    return state !== undefined && (wasSkipped(state) || wasRetried(state));
  });
}

function wasSkipped({ status, code, doubt }: StepState): boolean {
  return status === 'skipped' && code !== undefined && doubt === undefined;
}

function wasRetried({ status, by, evidence, tries }: StepState): boolean {
  return (status === 'satisfied' || status === 'changed') && by === undefined && evidence.length > tries + 1;
}

function headOf(outline: OutlinePhase, title: string): string {
  return outline.critical
    ? `${sign.failed} *${title}* failed`
    : `${sign.warning} *${title}* failed, the rest goes on`;
}

function after(run: Deployment, outline: OutlinePhase, phase: PhaseState, title: string): string {
  if (phase.status === 'failed' || phase.status === 'stopped') {
    const by = run.stop === undefined ? '' : ` by ${mention(run.stop.by)}`;
    const ended = run.stop === undefined ? 'the run went on without it' : `the run was stopped${by}`;
    return `${phase.status === 'failed' ? sign.failed : sign.stopped} *${title}* failed, ${ended}`;
  }
  const isSkipped = outline.steps.some((step) => phase.steps[step]?.status === 'skipped');
  if (phase.status === 'succeeded') {
    return `${sign.done} *${title}* had failed, then ${isSkipped ? 'went on with steps skipped' : 'succeeded on retry'}`;
  }
  return `${sign.moving} *${title}* had failed and runs again`;
}

function failedStep(run: Deployment, outline: OutlinePhase, phase: PhaseState, step: string, about: About) {
  const state = phase.steps[step];
  if (state === undefined) return [];
  const tries = state.tries > 1 ? ` · ${state.tries} tries` : '';
  const name = stepTitle(run, about.plan, outline.id, step);
  return [section(`*${name}*${tries}\n${clip(failedBecause(state), 1_200)}${evidenceOf(state, about)}`)];
}

function evidenceOf(state: StepState, { evidence }: About): string {
  const hash = state.evidence.at(-1);
  const last = hash === undefined ? undefined : evidence?.[hash]?.at(-1);
  if (last === undefined) return '';
  const asked = `${code(clip(last.asked, 200)) || 'Asked'} of ${shown(last.of)}`;
  const answered = codeBlock(last.answered, 600);
  return `\n${asked}${answered === '' ? '' : `\n${answered}`}`;
}

function skippedLines(run: Deployment, outline: OutlinePhase, phase: PhaseState, about: About): string[] {
  return outline.steps.flatMap((step) => {
    const state = phase.steps[step];
    if (state?.status !== 'skipped') return [];
    const who = mention(state.by ?? 'somebody');
    const name = stepTitle(run, about.plan, outline.id, step);
    return [`${stepSign(state)} ${name} · skipped by ${who}: ${clip(escaped(state.reason ?? ''), 200)}`];
  });
}

function buttons(
  run: Deployment,
  { id }: OutlinePhase,
  phase: PhaseState,
  failed: readonly string[],
  about: About,
): Press[] {
  if (run.status !== 'running' || phase.status !== 'failed') return [];
  const value = encode({ run: run.id, phase: id });
  return [
    { text: 'Retry', action: action.retry, value, style: 'primary' },
    ...skipButtons(run, id, failed, (step) => rawStepTitle(run, about.plan, id, step)),
    ...rollBackButton(run, about),
    { text: 'Details', action: action.phaseDetails, value },
  ];
}
