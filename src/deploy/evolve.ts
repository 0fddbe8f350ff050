import type { Deployment, GateState, OutlinePhase, PhaseState, StepState } from './deployment.ts';
import { phaseOf, resolvedOf } from './deployment.ts';
import type { Event } from './events.ts';

type StepEvent = Extract<Event, { step: string }>;
type PhaseEvent = Exclude<Extract<Event, { phase: string }>, StepEvent>;
type RunEvent = Exclude<Event, StepEvent | PhaseEvent>;

/** The state after an event; every event after the first needs the state before it. */
export function evolve(run: Deployment | undefined, event: Event): Deployment {
  if (event.type === 'RunRequested') return requested(event);
  if (run === undefined) throw new RangeError(`${event.type} cannot be a run's first event`);
  if ('step' in event) return evolveStep(run, event);
  if ('phase' in event) return evolvePhase(run, event);
  return evolveRun(run, event);
}

function requested(event: Extract<Event, { type: 'RunRequested' }>): Deployment {
  const { type: _, by, groups: __, at, ...rest } = event;
  return {
    ...rest,
    requestedBy: by,
    requestedAt: at,
    status: event.kind === 'rollback' ? 'preparing' : 'running',
    phases: untouched(event.outline),
  };
}

function untouched(outline: readonly OutlinePhase[]): Record<string, PhaseState> {
  return Object.fromEntries(
    outline.map((phase) => [phase.id, { status: 'waiting', attempt: 0, fence: 0, steps: {} }]),
  );
}

function evolveRun(run: Deployment, event: Exclude<RunEvent, { type: 'RunRequested' }>): Deployment {
  switch (event.type) {
    case 'RunPrepared':
      return { ...given(run), ...whatRuns(event), status: 'running', phases: untouched(event.outline) };
    case 'RunRevised':
      return { ...given(run), ...whatRuns(event), phases: revisedPhases(run, event) };
    case 'RunHeld': {
      const groups = { ...run.hold?.groups, [event.group]: event.name };
      return { ...run, hold: { at: run.hold?.at ?? event.at, groups } };
    }
    case 'RunContinued': {
      const { hold: _, ...rest } = run;
      return rest;
    }
    case 'IncidentLinked': {
      const { id, number, channel } = event;
      return { ...run, incident: { id, number, channel } };
    }
    case 'StopRequested': {
      const { outcome, by, reason, rollback, at } = event;
      const stop = { outcome, by, reason, at, ...(rollback === undefined ? {} : { rollback }) };
      return { ...run, status: 'stopping', stop };
    }
    case 'RunEnded':
      return { ...run, status: 'ended', outcome: event.outcome, endedAt: event.at };
  }
}

function whatRuns(event: Extract<Event, { type: 'RunPrepared' | 'RunRevised' }>) {
  const { version, planHash, outline, digest, fingerprints } = event;
  return { version, planHash, outline, digest, fingerprints, ...resolvedOf(event) };
}

/** A version that was not looked up must not keep the commit of the one before it. */
function given({ commit: _, image: __, ...run }: Deployment): Deployment {
  return run;
}

/** Phases that have begun stay as they are; for all others the gate starts anew and says why. */
function revisedPhases(run: Deployment, event: Extract<Event, { type: 'RunRevised' }>) {
  return Object.fromEntries(
    event.outline.map(({ id }): [string, PhaseState] => {
      const phase = run.phases[id];
      if (phase !== undefined && phase.fence > 0) return [id, phase];
      const fresh: PhaseState = { status: 'waiting', attempt: phase?.attempt ?? 0, fence: 0, steps: {} };
      return [id, phase?.gate === undefined ? fresh : { ...fresh, gate: voided(phase.gate, event.changes) }];
    }),
  );
}

function voided(gate: GateState, changes: readonly string[]): GateState {
  const because = gate.approvals.length > 0 ? changes : gate.voided;
  const { voided: _, ...rest } = gate;
  return { ...rest, approvals: [], status: 'open', ...(because === undefined ? {} : { voided: because }) };
}

function evolvePhase(run: Deployment, event: PhaseEvent): Deployment {
  const phase = phaseOf(run, event.phase);
  return { ...run, phases: { ...run.phases, [event.phase]: nextPhase(phase, event) } };
}

function nextPhase(phase: PhaseState, event: PhaseEvent): PhaseState {
  switch (event.type) {
    case 'GateOpened':
    case 'GateReopened': {
      const gate: GateState = {
        openedAt: event.at,
        expiresAt: event.expiresAt,
        approvals: [],
        status: 'open',
        ...(phase.gate?.voided === undefined ? {} : { voided: phase.gate.voided }),
      };
      return { ...phase, status: 'gated', gate };
    }
    case 'Approved': {
      const approval = { by: event.by, groups: event.groups, digest: event.digest, at: event.at };
      return withGate(phase, (gate) => ({ ...gate, approvals: [...gate.approvals, approval] }));
    }
    case 'GatePassed':
      return withGate(phase, (gate) => ({ ...gate, status: 'approved' }));
    case 'Rejected':
      return withGate(phase, (gate) => ({ ...gate, status: 'rejected' }));
    case 'GateExpired':
      return withGate(phase, (gate) => ({ ...gate, status: 'expired' }));
    case 'PhaseQueued': {
      const { endedAt: _, ...rest } = phase;
      return { ...rest, status: 'queued', attempt: event.attempt };
    }
    case 'PhaseBegun': {
      const steps = mapSteps(phase.steps, cutOff);
      return {
        ...phase,
        status: 'running',
        fence: event.fence,
        startedAt: phase.startedAt ?? event.at,
        steps,
      };
    }
    case 'RetryRequested':
      return { ...phase, steps: mapSteps(phase.steps, triedAnew) };
    case 'PhaseSucceeded':
      return { ...phase, status: 'succeeded', endedAt: event.at };
    case 'PhaseFailed':
      return { ...phase, status: 'failed', endedAt: event.at };
    case 'PhasePaused':
      return { ...phase, status: 'paused' };
    case 'PhaseStopped':
      return { ...phase, status: 'stopped', endedAt: event.at };
  }
}

function withGate(phase: PhaseState, change: (gate: GateState) => GateState): PhaseState {
  return phase.gate === undefined ? phase : { ...phase, gate: change(phase.gate) };
}

function mapSteps(steps: PhaseState['steps'], change: (step: StepState) => StepState): PhaseState['steps'] {
  return Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, change(step)]));
}

/** A new worker takes over: an apply that the last one had begun may or may not have happened. */
function cutOff(step: StepState): StepState {
  return step.status === 'applying' ? { ...step, status: 'in-doubt', doubt: 'open' } : step;
}

function triedAnew(step: StepState): StepState {
  return step.status === 'failed' ? { ...step, status: 'trying', tries: 0 } : step;
}

function evolveStep(run: Deployment, event: StepEvent): Deployment {
  const phase = phaseOf(run, event.phase);
  const before: StepState = phase.steps[event.step] ?? {
    status: 'trying',
    firstSeenAt: event.at,
    tries: 0,
    evidence: [],
    answers: [],
  };
  const steps = { ...phase.steps, [event.step]: nextStep(before, event) };
  return { ...run, phases: { ...run.phases, [event.phase]: { ...phase, steps } } };
}

function nextStep(step: StepState, event: StepEvent): StepState {
  switch (event.type) {
    case 'ApplyBegun': {
      const { doubt: _, ...rest } = step;
      return { ...rest, status: 'applying', touched: true };
    }
    case 'StepSatisfied':
      return { ...settled(step), status: 'satisfied', ...attempted(step, event) };
    case 'StepChanged':
      return { ...settled(step), status: 'changed', ...attempted(step, event) };
    case 'StepTried':
    case 'StepFailed': {
      const status = event.type === 'StepTried' ? 'trying' : 'failed';
      const { code, because } = event;
      return { ...step, status, tries: step.tries + 1, code, because, ...attempted(step, event) };
    }
    case 'StepDoubted':
      return {
        ...step,
        status: 'in-doubt',
        doubt: 'open',
        because: event.because,
        ...attempted(step, event),
      };
    case 'StepAsked':
      return { ...step, status: 'asking', question: event.question };
    case 'StepWaiting':
      return { ...step, status: 'waiting', until: event.until };
    case 'Answered': {
      const { by, group, text, at } = event;
      return { ...step, answers: [...step.answers, { by, group, text, at }] };
    }
    case 'DoubtSettled':
      return { ...step, doubt: event.verdict, by: event.by, reason: event.reason };
    case 'StepSkipped':
      return { ...step, status: 'skipped', by: event.by, reason: event.reason };
  }
}

/** What was wrong before no longer is. */
function settled(step: StepState): StepState {
  const { code: _, because: __, doubt: ___, touched: ____, ...rest } = step;
  return rest;
}

function attempted(step: StepState, event: Extract<StepEvent, { evidence: string }>) {
  const { evidence, ms, drift } = event;
  return { evidence: [...step.evidence, evidence], ms, ...(drift === undefined ? {} : { drift }) };
}
