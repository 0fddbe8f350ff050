import fc from 'fast-check';
import type { Command } from '../../src/deploy/commands.ts';
import type { Deployment, Instant, OutlinePhase, Person, Right } from '../../src/deploy/deployment.ts';
import { answer, request, settle, skip, whatRuns, worker } from './runs.ts';

const groups = ['ops', 'qa'] as const;
const rights: readonly Right[] = ['deploy', 'rollback', 'lock'];
const span = 1_000;

/** People of whom enough are in each group for any gate of `outlines`; the first one asks. */
export const people: fc.Arbitrary<readonly Person[]> = fc
  .tuple(...[0, 1, 2, 3, 4].map(() => fc.tuple(fc.subarray([...groups]), fc.subarray([...rights]))))
  .map((all) =>
    all.map(([extra, may], index): Person => {
      const own = index === 0 ? [] : [index < 3 ? 'ops' : 'qa'];
      const isRequester = index === 0;
      return {
        id: `person-${index}`,
        groups: [...new Set([...own, ...extra])],
        may: isRequester ? [...rights] : may,
      };
    }),
  );

/** Up to five phases without circles, with any needs, gates, steps and ways to run. */
export const outlines: fc.Arbitrary<readonly OutlinePhase[]> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(4), { maxLength: 2 }),
      critical: fc.boolean(),
      parallel: fc.boolean(),
      approvals: fc.option(
        fc.constantFrom<Readonly<Record<string, number>>>(
          { ops: 1 },
          { ops: 2 },
          { qa: 1, ops: 1 },
          { qa: 2, ops: 2 },
        ),
        { nil: undefined, freq: 2 },
      ),
      steps: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((phases) =>
    phases.map(({ needs, critical, parallel, approvals, steps }, index): OutlinePhase => {
      const before = needs.filter((need) => need < index).map((need) => `phase-${need}`);
      const gate = approvals === undefined ? {} : { gate: { approvals, expires: 20 * span } };
      const names = Array.from({ length: steps }, (_, step) => `step-${step}`);
      return { id: `phase-${index}`, needs: [...new Set(before)], critical, parallel, steps: names, ...gate };
    }),
  );

/** One thing that somebody tries; numbers pick from whatever there is to pick from. */
export interface Move {
  readonly kind: (typeof kinds)[number];
  readonly phase: number;
  readonly step: number;
  readonly who: number;
  readonly pick: number;
  /** Whether fence, attempt, digest, time of opening and text are the right ones. */
  readonly isRight: boolean;
  readonly pause: number;
}

const kinds = [
  'crew',
  'Approve',
  'Reject',
  'Expire',
  'Reopen',
  'Begin',
  'report',
  'End',
  'Answer',
  'Settle',
  'Wake',
  'Retry',
  'Skip',
  'Revise',
  'Prepare',
  'Hold',
  'Continue',
  'Request',
  'Abort',
  'RollBack',
] as const;

/** Moves of which most help the run on, many disturb it, and few stop it. */
export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constant<Move['kind']>('crew') },
      { weight: 14, arbitrary: fc.constantFrom(...kinds.slice(1, -3)) },
      { weight: 1, arbitrary: fc.constantFrom(...kinds.slice(-3)) },
    ),
    phase: fc.nat(4),
    step: fc.nat(2),
    who: fc.nat(4),
    pick: fc.nat(1_000),
    isRight: fc.oneof(
      { weight: 3, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    pause: fc.constantFrom(0, 1, span, 10 * span),
  }),
  { maxLength: 120, size: 'max' },
);

/** The command that a move is when the run stands as it does. */
export function commandOf(run: Deployment, move: Move, crew: readonly Person[], now: Instant): Command {
  const id = `phase-${move.phase % Math.max(1, run.outline.length)}`;
  const state = run.phases[id];
  const steps = run.outline.find((phase) => phase.id === id)?.steps ?? [];
  const step = steps[move.step % Math.max(1, steps.length)] ?? 'step-0';
  const by = pickFrom(crew, move.who);
  const { isRight } = move;
  const text = isRight ? 'because' : ' ';
  const fence = (state?.fence ?? 0) - (isRight ? 0 : 1);
  const digest = isRight ? run.digest : 'digest-old';
  switch (move.kind) {
    case 'crew':
      return pickFrom(crewOptions(run, crew, now, move.pick), move.who + move.phase * 5);
    case 'Approve':
      return { type: 'Approve', phase: id, by, digest };
    case 'Reject':
      // Rejections end a run, so most are made without the reason that they need.
      return { type: 'Reject', phase: id, by, digest: run.digest, reason: move.pick < 300 ? 'because' : '' };
    case 'Expire':
      return { type: 'Expire', phase: id, openedAt: (state?.gate?.openedAt ?? 0) - (isRight ? 0 : 1) };
    case 'Reopen':
      return { type: 'Reopen', phase: id, by };
    case 'Begin':
      return worker(id, move.who, (state?.attempt ?? 0) - (isRight ? 0 : 1)).begin;
    case 'report':
      return report(id, step, fence, move.pick, now);
    case 'End':
      return worker(id, fence).end;
    case 'Answer':
      return answer(id, by, step, text);
    case 'Settle':
      return settle(id, by, move.pick % 2 === 0 ? 'done' : 'again', text, step);
    case 'Wake':
      return { type: 'Wake', phase: id };
    case 'Retry':
      return { type: 'Retry', phase: id, by };
    case 'Skip':
      return skip(id, by, step, text);
    case 'Revise':
      return revision(run, move, by);
    case 'Prepare':
      return { type: 'Prepare', ...whatRuns(run.outline) };
    case 'Hold':
      return { type: 'Hold', group: `group-${move.pick % 3}`, name: 'ApiDown' };
    case 'Continue':
      return { type: 'Continue', by, reason: text };
    case 'Request':
      return request(run.outline, { by });
    case 'Abort':
      return { type: 'Abort', by, reason: text };
    case 'RollBack':
      return { type: 'RollBack', by, reason: text, rollback: 'rollback-1' };
  }
}

function revision(run: Deployment, { pick, isRight }: Move, by: Person): Command {
  const what = { ...whatRuns(run.outline), digest: `digest-${pick}` };
  const changes = ['parameter PORT changed'];
  if (isRight) return { type: 'Revise', changes, ...what };
  // Another plan: the same phases, each now after the one before it.
  const chained = run.outline.map((phase, index) => ({
    ...phase,
    needs: index === 0 ? [] : [`phase-${index - 1}`],
  }));
  return { type: 'Revise', by, changes, ...what, planHash: `plan-chained-${pick}`, outline: chained };
}

/** Everything that somebody could do now to help the run on; `pick` chooses how steps turn out. */
export function crewOptions(
  run: Deployment,
  crew: readonly Person[],
  now: Instant,
  pick: number,
): readonly [Command, ...Command[]] {
  const boss = pickFrom(crew, 0);
  if (run.hold !== undefined && run.status === 'running') {
    return [{ type: 'Continue', by: boss, reason: 'looked at it' }];
  }
  const options = run.outline.flatMap(({ id, steps, parallel }): Command[] => {
    const phase = run.phases[id];
    if (phase === undefined) return [];
    const held = worker(id, phase.fence, phase.attempt);
    const names = steps.filter((name) => !isDone(phase.steps[name]?.status));
    switch (phase.status) {
      case 'queued':
        return [held.begin];
      case 'gated':
        if (phase.gate?.status === 'expired') return [{ type: 'Reopen', phase: id, by: boss }];
        if (phase.gate !== undefined && now >= phase.gate.expiresAt)
          return [{ type: 'Expire', phase: id, openedAt: phase.gate.openedAt }];
        return crew.map((by): Command => ({ type: 'Approve', phase: id, by, digest: run.digest }));
      case 'running': {
        const todo = names.filter((name) => !standsStill(phase.steps[name], now));
        const next = parallel ? todo : todo.filter((name) => name === names[0]);
        return next.length === 0 ? [held.end] : next.map((name) => report(id, name, phase.fence, pick, now));
      }
      case 'paused':
        return [
          { type: 'Wake', phase: id },
          ...names.flatMap((name) => [
            ...crew.map((by) => answer(id, by, name)),
            settle(id, boss, 'again', 'I looked', name),
          ]),
        ];
      case 'failed':
        return [{ type: 'Retry', phase: id, by: boss }, ...names.map((name) => skip(id, boss, name))];
      default:
        return [];
    }
  });
  return [options[0] ?? { type: 'Wake', phase: 'phase-0' }, ...options.slice(1)];
}

function report(phase: string, step: string, fence: number, pick: number, now: Instant): Command {
  const { beginApply, satisfied, changed, failed, doubt, confirm, signOff, wait } = worker(phase, fence);
  const all = [
    satisfied(step),
    changed(step),
    beginApply(step),
    changed(step),
    failed(step),
    failed(step, true),
    doubt(step),
    confirm(step, ['qa', 'ops']),
    signOff(step),
    wait(now + span, step),
  ];
  return pickFrom(all, pick);
}

function isDone(status: string | undefined): boolean {
  return status === 'satisfied' || status === 'changed' || status === 'skipped';
}

/** Whether a good worker leaves the step alone: it failed, or it waits for somebody or something. */
function standsStill(step: Deployment['phases'][string]['steps'][string] | undefined, now: Instant): boolean {
  if (step?.status === 'failed') return true;
  if (step?.status === 'waiting') return (step.until ?? 0) > now;
  if (step?.status === 'in-doubt') return step.doubt === 'open' && step.evidence.length > 0;
  if (step?.status !== 'asking') return false;
  const { question, answers } = step;
  return question?.kind === 'confirm'
    ? answers.length === 0
    : answers.length < (question?.groups.length ?? 0);
}

function pickFrom<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
