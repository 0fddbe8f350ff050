import type { WalkthroughEvent } from './events.ts';
import type { StepRun, Tick, Walkthrough } from './walkthrough.ts';

/** How many remarks the state keeps; the record has all of them. */
const keptRemarks = 20;

/** The state after an event; every event after the first needs the state before it. */
export function evolveWalkthrough(
  walkthrough: Walkthrough | undefined,
  event: WalkthroughEvent,
): Walkthrough {
  if (event.type === 'RunbookOpened') {
    const { type: _, by, at, ...opened } = event;
    return {
      ...opened,
      openedBy: by,
      openedAt: at,
      isWhole: false,
      ticks: {},
      runs: {},
      remarks: [],
      remarksSoFar: 0,
    };
  }
  if (walkthrough === undefined) throw new RangeError(`${event.type} cannot be its first event`);
  switch (event.type) {
    case 'WholeShown':
      return { ...walkthrough, isWhole: true };
    case 'Ticked': {
      const { task } = event;
      return {
        ...walkthrough,
        ticks: { ...walkthrough.ticks, [task]: ticked(walkthrough.ticks[task], event) },
      };
    }
    case 'Unticked': {
      const { [event.task]: _, ...ticks } = walkthrough.ticks;
      return { ...walkthrough, ticks };
    }
    case 'Remarked': {
      const { type: _, ...remark } = event;
      const remarks = [...walkthrough.remarks, remark].slice(-keptRemarks);
      return { ...walkthrough, remarks, remarksSoFar: remark.number };
    }
    default:
      return {
        ...walkthrough,
        runs: { ...walkthrough.runs, [event.step]: ranOn(walkthrough.runs[event.step], event) },
      };
  }
}

/** Whoever was first stays it; a finding is of whoever wrote it last. */
function ticked(
  before: Tick | undefined,
  { by, at, finding }: Extract<WalkthroughEvent, { type: 'Ticked' }>,
): Tick {
  return {
    ...(before ?? { by, at }),
    ...(finding !== undefined && { finding, findingBy: by }),
  };
}

type OfStep = Extract<WalkthroughEvent, { readonly step: string }>;

function ranOn(before: StepRun | undefined, event: OfStep): StepRun {
  if (event.type === 'StepAsked') {
    const { number, by, at, waits } = event;
    return { number, attempt: 0, status: waits ? 'asked' : 'queued', by, at };
  }
  if (before === undefined) throw new RangeError(`${event.type} of a step that nobody has asked to run`);
  switch (event.type) {
    case 'StepApproved':
      return { ...before, status: 'queued', decidedBy: event.by, decidedAt: event.at };
    case 'StepDeclined':
      return { ...before, status: 'declined', decidedBy: event.by, decidedAt: event.at, endedAt: event.at };
    case 'StepBegun':
      // Whoever was applying has died, and may have done it: that stays until somebody has looked.
      return {
        ...before,
        attempt: event.attempt,
        status: before.status === 'applying' ? 'applying' : 'running',
      };
    case 'StepReported': {
      if (event.outcome === 'applying') return { ...before, status: 'applying' };
      const { outcome, at, type: _, step: __, number: ___, ...told } = event;
      return { ...before, status: outcome, ...told, endedAt: at };
    }
  }
}
