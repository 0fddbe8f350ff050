import { canGoOn, isAnswered } from '../../deploy/decide-work.ts';
import type { Deployment, Instant, OutlinePhase, PhaseState, StepState } from '../../deploy/deployment.ts';
import { filled, wanted } from '../../deploy/gate.ts';
import { reasons } from '../../errors.ts';
import { escaped } from './escape.ts';
import { moment } from './moment.ts';
import { sign } from './signs.ts';
import type { About } from './surface.ts';
import { phaseTitle, shown, stepTitle } from './titles.ts';

/** One thing that a run waits for, as a line of mrkdwn, the most pressing kind first in `kinds`. */
export interface Standing {
  readonly kind: 'failure' | 'doubt' | 'gate' | 'question' | 'warning' | 'clock';
  readonly phase: string;
  readonly line: string;
}

const kinds: readonly Standing['kind'][] = ['failure', 'doubt', 'gate', 'question', 'warning', 'clock'];

/** All that a running run waits for, the most pressing first; empty when it moves by itself or is over. */
export function standing(run: Deployment, about: About): Standing[] {
  if (run.status !== 'running') return [];
  const all = run.outline.flatMap((outline) => standingIn(run, outline, about));
  return all.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

/** What a phase waits for in a few words for its line on the card, or undefined. */
export function waitsFor(outline: OutlinePhase, phase: PhaseState): string | undefined {
  if (phase.status === 'gated') return approvalsLeft(outline, phase);
  const steps = Object.values(phase.steps);
  if (phase.status === 'queued' || phase.status === 'succeeded' || phase.status === 'stopped')
    return undefined;
  if (steps.some(isOpenDoubt)) return 'a person to say whether it was applied';
  const asking = steps.find((step) => step.status === 'asking' && !isAnswered(step));
  if (asking !== undefined) return `an answer from ${openGroups(asking)}`;
  const until = steps.find((step) => step.status === 'waiting')?.until;
  return until === undefined ? undefined : `the clock, until ${moment(until)}`;
}

/** How far a gate is and whom it still wants, such as `approvals, 1 of 2 from approvers`. */
export function approvalsLeft({ gate }: OutlinePhase, phase: PhaseState): string | undefined {
  if (gate === undefined || phase.gate === undefined) return undefined;
  if (phase.gate.status === 'expired') return 'somebody to ask again, since the approvals expired';
  const count = filled(gate, phase.gate.approvals);
  return `approvals, ${count} of ${wanted(gate)} from ${Object.keys(gate.approvals).map(shown).join(', ')}`;
}

/** Why a step failed: what its code means and what was found. */
export function failedBecause(step: StepState): string {
  const says = step.code === undefined ? 'It failed.' : reasons[step.code].says;
  return step.because === undefined ? says : `${says} ${escaped(step.because)}`;
}

/** Whether only a person can tell what became of a step: looking could not, or no worker is looking. */
export function isOpenDoubt(step: StepState): boolean {
  return step.status === 'in-doubt' && step.doubt === 'open';
}

/** Whether a step stands still where somebody may leave it out. */
export function canSkip(run: Deployment, phase: PhaseState, step: StepState): boolean {
  const stands = phase.status === 'failed' || phase.status === 'paused';
  const skippable: readonly string[] = ['failed', 'asking', 'in-doubt', 'waiting'];
  return run.status === 'running' && stands && skippable.includes(step.status);
}

/** Whether a step waits until a moment that has not come. */
export function waitsForClock(step: StepState, now: Instant): boolean {
  return step.status === 'waiting' && !canGoOn(step, now);
}

function standingIn(run: Deployment, outline: OutlinePhase, about: About): Standing[] {
  const { id } = outline;
  const phase = run.phases[id];
  if (phase === undefined) return [];
  const title = `*${phaseTitle(run, about.plan, id)}*`;
  const all: Standing[] = [];
  if (phase.status === 'gated') {
    all.push({
      kind: 'gate',
      phase: id,
      line: `${sign.person} ${title} waits for ${waitsFor(outline, phase)}`,
    });
  }
  if (phase.status === 'succeeded' || phase.status === 'stopped') return all;
  for (const step of outline.steps) {
    const state = phase.steps[step];
    if (state === undefined) continue;
    const name = `*${stepTitle(run, about.plan, id, step)}*`;
    if (state.status === 'failed' && phase.status === 'failed') {
      const line = `${outline.critical ? sign.failed : sign.warning} ${title} failed at ${name}: ${shortly(state)}`;
      all.push({ kind: outline.critical ? 'failure' : 'warning', phase: id, line });
    } else if (isOpenDoubt(state) && phase.status !== 'queued') {
      all.push({
        kind: 'doubt',
        phase: id,
        line: `${sign.person} ${title} · ${name}: was it applied? Nobody knows yet`,
      });
    } else if (state.status === 'asking' && !isAnswered(state)) {
      const line = `${sign.person} ${title} · ${name} waits for an answer from ${openGroups(state)}`;
      all.push({ kind: 'question', phase: id, line });
    } else if (state.until !== undefined && waitsForClock(state, about.now)) {
      all.push({
        kind: 'clock',
        phase: id,
        line: `${sign.clock} ${title} · ${name} waits until ${moment(state.until)}`,
      });
    }
  }
  return all;
}

function shortly(step: StepState): string {
  const says = step.code === undefined ? '' : reasons[step.code].says;
  return step.because === undefined ? says : shown(step.because);
}

function openGroups({ question, answers }: StepState): string {
  const open = question?.groups.filter((group) => !answers.some((answer) => answer.group === group)) ?? [];
  return open.map(shown).join(question?.kind === 'confirm' ? ' or ' : ', ');
}
