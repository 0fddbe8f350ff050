import type { OutlinePhase } from '../../src/deploy/deployment.ts';
import type { Event } from '../../src/deploy/events.ts';
import type { Question } from '../../src/steps/step.ts';

interface Approver {
  readonly by: string;
  readonly groups: readonly string[];
  readonly digest: string;
}

interface Opening {
  readonly expiresAt: number;
  readonly approvals: Approver[];
  decided: boolean;
}

interface StepRecord {
  done: boolean;
  failed: boolean;
  skipped: boolean;
  applying: boolean;
  inDoubt: boolean;
  question?: Question;
  readonly answers: { readonly by: string; readonly group: string }[];
}

interface PhaseRecord {
  hasPassed: boolean;
  ended: 'succeeded' | 'failed' | undefined;
  attempt: number;
  fence: number;
  isHeld: boolean;
  isQueued: boolean;
  opening?: Opening;
  readonly steps: Map<string, StepRecord>;
}

/**
 * What a list of events tells that may never happen, as sentences: a second reading of the rules that keeps its own books
 * and shares no code with the one under test. Empty when all is well.
 */
export function faultsIn(events: readonly Event[]): string[] {
  const [first] = events;
  if (first === undefined) return [];
  if (first.type !== 'RunRequested') return [`began with ${first.type}`];
  const faults: string[] = [];
  const phases = new Map<string, PhaseRecord>();
  let { outline, digest } = first;
  let stop: string | undefined;
  let hasEnded = false;
  let isPrepared = first.kind === 'deployment';
  let last = first.at;

  const fault = (event: Event, text: string) =>
    faults.push(`${event.type}${'phase' in event ? ` of ${event.phase}` : ''}: ${text}`);
  const recordOf = (id: string): PhaseRecord => {
    const known = phases.get(id) ?? {
      hasPassed: false,
      ended: undefined,
      attempt: 0,
      fence: 0,
      isHeld: false,
      isQueued: false,
      steps: new Map(),
    };
    phases.set(id, known);
    return known;
  };
  const stepOf = (phase: PhaseRecord, id: string): StepRecord => {
    const known = phase.steps.get(id) ?? {
      done: false,
      failed: false,
      skipped: false,
      applying: false,
      inDoubt: false,
      answers: [],
    };
    phase.steps.set(id, known);
    return known;
  };
  const outlineOf = (id: string): OutlinePhase | undefined => outline.find((phase) => phase.id === id);

  for (const event of events.slice(1)) {
    if (hasEnded) fault(event, 'after the end of the run');
    if (event.at < last) fault(event, 'went back in time');
    last = event.at;
    if (!isPrepared && !['RunPrepared', 'StopRequested', 'RunEnded'].includes(event.type))
      fault(event, 'before the run was prepared');

    if (event.type === 'RunRequested') fault(event, 'twice');
    if (event.type === 'RunPrepared') {
      if (isPrepared) fault(event, 'twice');
      isPrepared = true;
      ({ outline, digest } = event);
    }
    if (event.type === 'RunRevised') {
      if (stop !== undefined) fault(event, 'while the run is being stopped');
      ({ outline, digest } = event);
      for (const phase of phases.values()) {
        if (phase.fence > 0) continue;
        delete phase.opening;
        phase.isQueued = false;
      }
    }
    if (event.type === 'StopRequested') {
      if (stop !== undefined) fault(event, 'twice');
      if (event.reason.trim() === '') fault(event, 'without a reason');
      stop = event.outcome;
    }
    if (event.type === 'RunEnded') {
      hasEnded = true;
      const expected = stop ?? endOf();
      if (event.outcome !== expected) fault(event, `${event.outcome} instead of ${expected}`);
      if ([...phases.values()].some(({ isHeld }) => isHeld)) fault(event, 'while a worker is at it');
    }
    if (!('phase' in event)) continue;

    const phase = recordOf(event.phase);
    const rules = outlineOf(event.phase);
    if (rules === undefined) {
      fault(event, 'is not in the plan');
      continue;
    }
    const moves = ['GateOpened', 'GateReopened', 'Approved', 'GatePassed', 'PhaseQueued', 'PhaseBegun'];
    if (stop !== undefined && moves.includes(event.type)) fault(event, 'while the run is being stopped');
    if ('step' in event) {
      onStep(event, phase, rules);
      continue;
    }
    const { opening } = phase;
    switch (event.type) {
      case 'GateOpened':
      case 'GateReopened':
        if (phase.fence > 0) fault(event, 'after the phase was begun');
        if (!needsPassed(rules)) fault(event, 'before its needs');
        phase.opening = { expiresAt: event.expiresAt, approvals: [], decided: false };
        break;
      case 'Approved':
        if (opening === undefined) fault(event, 'no gate is open');
        if (opening?.decided) fault(event, 'the gate is decided');
        if (opening !== undefined && event.at >= opening.expiresAt) fault(event, 'too late');
        if (opening?.approvals.some(({ by }) => by === event.by)) fault(event, 'twice by one person');
        if (event.by === first.by && !first.selfApproval) fault(event, 'by the one who asked');
        if (event.digest !== digest) fault(event, 'for something else');
        opening?.approvals.push(event);
        break;
      case 'GatePassed':
      case 'Rejected':
      case 'GateExpired':
        if (opening === undefined) fault(event, 'no gate is open');
        if (opening?.decided) fault(event, 'decided twice');
        if (opening !== undefined) opening.decided = true;
        if (event.type === 'Rejected' && event.reason.trim() === '') fault(event, 'without a reason');
        break;
      case 'PhaseQueued':
        if (event.attempt !== phase.attempt + 1)
          fault(event, `attempt ${event.attempt} after ${phase.attempt}`);
        if (phase.isQueued || phase.isHeld) fault(event, 'while it is on its way already');
        if (phase.ended === 'succeeded') fault(event, 'after it succeeded');
        if ([...phase.steps.values()].some(({ failed }) => failed)) fault(event, 'with a failed step');
        phase.attempt = event.attempt;
        phase.isQueued = true;
        phase.ended = undefined;
        break;
      case 'PhaseBegun':
        if (!phase.isQueued && !phase.isHeld) fault(event, 'without being queued');
        if (event.fence !== phase.fence + 1) fault(event, `fence ${event.fence} after ${phase.fence}`);
        if (!needsPassed(rules)) fault(event, 'before its needs');
        if (phase.fence === 0 && rules.gate !== undefined) checkGate(event, opening, rules.gate.approvals);
        for (const step of phase.steps.values()) {
          if (step.applying) step.inDoubt = true;
          step.applying = false;
        }
        phase.fence = event.fence;
        phase.isHeld = true;
        phase.isQueued = false;
        break;
      case 'RetryRequested':
        if (phase.ended !== 'failed') fault(event, 'although it has not failed');
        for (const step of phase.steps.values()) step.failed = false;
        break;
      case 'PhaseSucceeded':
      case 'PhaseFailed':
      case 'PhasePaused':
      case 'PhaseStopped':
        endPhase(event, phase, rules);
        break;
    }
  }
  return faults;

  function needsPassed(rules: OutlinePhase): boolean {
    return rules.needs.every((need) => phases.get(need)?.hasPassed);
  }

  function checkGate(event: Event, opening: Opening | undefined, wanted: Readonly<Record<string, number>>) {
    const approvals = opening?.approvals ?? [];
    const seats = Object.entries(wanted).flatMap(([group, count]) => Array<string>(count).fill(group));
    if (!canSeat(seats, approvals)) fault(event, 'without enough approvals');
    if (approvals.some((approval) => approval.digest !== digest)) fault(event, 'approved for something else');
  }

  function endPhase(event: Event, phase: PhaseRecord, rules: OutlinePhase) {
    const mayStand = event.type === 'PhaseStopped' && phase.isQueued;
    if (!phase.isHeld && !mayStand) fault(event, 'nobody holds it');
    if (event.type === 'PhaseStopped' ? stop === undefined : stop !== undefined)
      fault(event, stop === undefined ? 'nobody asked for it' : 'while the run is being stopped');
    const steps = rules.steps.map((id) => phase.steps.get(id));
    const hasFailed = steps.some((step) => step?.failed);
    const isDone = steps.every((step) => step?.done);
    if (event.type === 'PhaseSucceeded' && !isDone) fault(event, 'with steps left to do');
    if (event.type === 'PhaseFailed' && !hasFailed) fault(event, 'with no failed step');
    if (event.type === 'PhasePaused' && (isDone || hasFailed)) fault(event, 'although it is over');
    phase.isHeld = false;
    phase.isQueued = false;
    if (event.type === 'PhaseSucceeded') phase.ended = 'succeeded';
    if (event.type === 'PhaseFailed') phase.ended = 'failed';
    if (event.type === 'PhaseSucceeded' || (event.type === 'PhaseFailed' && !rules.critical))
      phase.hasPassed = true;
  }

  function onStep(event: Extract<Event, { step: string }>, phase: PhaseRecord, rules: OutlinePhase) {
    const step = stepOf(phase, event.step);
    if (!rules.steps.includes(event.step)) fault(event, `has no step ${event.step}`);
    const byPerson = ['Answered', 'DoubtSettled', 'StepSkipped'].includes(event.type);
    if (!byPerson && !phase.isHeld) fault(event, 'nobody holds the phase');
    if (byPerson && stop !== undefined) fault(event, 'while the run is being stopped');
    if (step.done) fault(event, 'the step is done');
    const before = rules.steps.slice(0, rules.steps.indexOf(event.step));
    if (!rules.parallel && before.some((id) => !phase.steps.get(id)?.done)) fault(event, 'out of order');
    switch (event.type) {
      case 'ApplyBegun':
        Object.assign(step, { applying: true, inDoubt: false, failed: false });
        break;
      case 'StepSatisfied':
      case 'StepChanged':
        Object.assign(step, { done: true, applying: false, failed: false, inDoubt: false });
        break;
      case 'StepFailed':
      case 'StepTried':
        Object.assign(step, { failed: event.type === 'StepFailed', applying: false });
        break;
      case 'StepDoubted':
        Object.assign(step, { inDoubt: true, applying: false, failed: false });
        break;
      case 'StepAsked':
        Object.assign(step, { question: event.question, applying: false, failed: false });
        break;
      case 'StepWaiting':
        Object.assign(step, { applying: false, failed: false });
        break;
      case 'DoubtSettled':
        if (!step.inDoubt) fault(event, 'there is no doubt');
        if (event.reason.trim() === '') fault(event, 'without a reason');
        step.inDoubt = false;
        break;
      case 'StepSkipped':
        if (phase.isHeld || phase.isQueued) fault(event, 'while it is on its way');
        if (event.reason.trim() === '') fault(event, 'without a reason');
        Object.assign(step, { done: true, skipped: true, failed: false });
        break;
      case 'Answered': {
        const { question, answers } = step;
        if (question === undefined) fault(event, 'nothing was asked');
        if (!question?.groups.includes(event.group) || !event.groups.includes(event.group))
          fault(event, 'by somebody who was not asked');
        const isTwice = answers.some(({ by, group }) => by === event.by || group === event.group);
        if (question?.kind === 'confirm' ? answers.length > 0 : isTwice) fault(event, 'decided twice');
        answers.push(event);
        break;
      }
    }
  }

  function endOf(): string {
    const left = outline.filter(({ id }) => phases.get(id)?.ended === undefined);
    const broken = outline.filter(({ id, critical }) => critical && phases.get(id)?.ended === 'failed');
    if (left.length > 0 || broken.length > 0) return 'no end';
    const all = [...phases.values()];
    const isWhole = all.every(
      ({ ended, steps }) => ended === 'succeeded' && ![...steps.values()].some(({ skipped }) => skipped),
    );
    return isWhole ? 'succeeded' : 'partial';
  }
}

/** Tries every way of seating people, each on one seat of a group of theirs. */
function canSeat(seats: readonly string[], people: readonly Approver[]): boolean {
  const [group, ...others] = seats;
  if (group === undefined) return true;
  return people.some(
    (person) =>
      person.groups.includes(group) &&
      canSeat(
        others,
        people.filter(({ by }) => by !== person.by),
      ),
  );
}
