import type { Deployment, OutlinePhase, PhaseState, StepState, StepStatus } from '../../deploy/deployment.ts';
import { isDone } from '../../deploy/deployment.ts';

/** The few signs that all messages use, each always for the same thing. */
export const sign = {
  idle: '⚪',
  moving: '🔵',
  person: '🟠',
  clock: '⏰',
  done: '✅',
  failed: '❌',
  warning: '⚠️',
  skipped: '⏭️',
  stopped: '⏹️',
  back: '↩️',
  refused: '🚫',
  locked: '🔒',
} as const;

const ofStep: Readonly<Record<StepStatus, string>> = {
  trying: sign.moving,
  applying: sign.moving,
  asking: sign.person,
  waiting: sign.clock,
  'in-doubt': sign.person,
  satisfied: sign.done,
  changed: sign.done,
  failed: sign.failed,
  skipped: sign.skipped,
};

/** The sign of a step; one that nobody has looked at yet has no state. */
export function stepSign(step: StepState | undefined): string {
  return step === undefined ? sign.idle : ofStep[step.status];
}

/** The sign of a phase. */
export function phaseSign(outline: OutlinePhase, phase: PhaseState): string {
  switch (phase.status) {
    case 'waiting':
      return sign.idle;
    case 'gated':
      return sign.person;
    case 'queued':
    case 'running':
      return sign.moving;
    case 'paused':
      return waitsForPeople(phase) ? sign.person : sign.clock;
    case 'failed':
      return outline.critical ? sign.failed : sign.warning;
    case 'succeeded':
      return sign.done;
    case 'stopped':
      return sign.stopped;
  }
}

/** The sign and the word for a whole run, the most pressing first. */
export function runSign(run: Deployment): readonly [sign: string, word: string] {
  switch (run.status) {
    case 'preparing':
      return [sign.clock, 'preparing'];
    case 'stopping':
      return [sign.stopped, 'stopping'];
    case 'running': {
      const isFailed = run.outline.some(
        ({ id, critical }) => critical && run.phases[id]?.status === 'failed',
      );
      if (isFailed) return [sign.failed, 'failed, needs a decision'];
      const phases = Object.values(run.phases);
      const waits = phases.some((phase) => phase.status === 'gated' || waitsForPeople(phase));
      return waits ? [sign.person, 'waiting for people'] : [sign.moving, 'running'];
    }
    case 'ended':
      return outcomeSign(run.kind, run.outcome);
  }
}

/** The sign and the word for how a run ended. */
export function outcomeSign(
  kind: Deployment['kind'],
  outcome: Deployment['outcome'],
): readonly [sign: string, word: string] {
  switch (outcome) {
    case 'succeeded':
      return [sign.done, kind === 'rollback' ? 'rolled back' : 'succeeded'];
    case 'partial':
      return [sign.warning, kind === 'rollback' ? 'rolled back in part' : 'partial success'];
    case 'aborted':
      return [sign.stopped, 'aborted'];
    case 'rejected':
      return [sign.refused, 'rejected'];
    case 'rolled-back':
      return [sign.back, 'taken back'];
    case undefined:
      return [sign.moving, 'active'];
  }
}

function waitsForPeople(phase: PhaseState): boolean {
  return Object.values(phase.steps).some(
    (step) => !isDone(step) && (step.status === 'asking' || step.doubt === 'open'),
  );
}
