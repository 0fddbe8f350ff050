import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment, OutlinePhase } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  answer,
  bob,
  gated,
  hour,
  noon,
  phase,
  played,
  requested,
  skip,
  told,
  worker,
} from '../support/runs.ts';

type Row = [string, Deployment, Command, string | string[]];

const first = worker('build');
const second = worker('build', 2);
const queued = requested(phase('build'));
const begun = played(queued, first.begin);
const takenOver = played(begun, second.begin);
const three = { steps: ['one', 'two', 'three'] };
const inOrder = played(requested(phase('build', three)), first.begin);
const sideBySide = played(requested(phase('build', { ...three, parallel: true })), first.begin);

function check(rows: Row[]) {
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });
}

describe('beginning a phase', () => {
  check([
    ['gives a worker the first fence', queued, first.begin, ['PhaseBegun build fence 1']],
    ['gives a worker that takes over a higher fence', begun, first.begin, ['PhaseBegun build fence 2']],
    [
      'is refused for an attempt that is over',
      played(begun, first.failed(), first.end, { type: 'Retry', phase: 'build', by: alice }),
      first.begin,
      'refused: nothing-waiting',
    ],
    [
      'gives the next attempt a higher fence',
      played(begun, first.failed(), first.end, { type: 'Retry', phase: 'build', by: alice }),
      worker('build', 2, 2).begin,
      ['PhaseBegun build fence 2'],
    ],
    [
      'is refused for an attempt that has not come yet',
      queued,
      worker('build', 1, 2).begin,
      'refused: nothing-waiting',
    ],
    [
      'is refused while the gate is open',
      requested(gated('build', { ops: 1 })),
      worker('build', 1, 0).begin,
      'refused: nothing-waiting',
    ],
    [
      'is refused while the needs are not done',
      requested(phase('first'), phase('build', { needs: ['first'] })),
      worker('build', 1, 0).begin,
      'refused: nothing-waiting',
    ],
    ['is refused for a phase that is not there', queued, worker('gone').begin, 'refused: nothing-waiting'],
    [
      'is refused when the run is over',
      played(queued, abort(alice)),
      first.begin,
      'refused: nothing-waiting',
    ],
    [
      'stops the phase instead while the run is being stopped',
      played(requested(phase('build'), phase('side')), worker('side').begin, abort(alice)),
      first.begin,
      ['PhaseStopped build'],
    ],
    [
      'stops a phase whose worker is gone while the run is being stopped',
      played(begun, abort(alice)),
      first.begin,
      ['PhaseStopped build', 'RunEnded aborted'],
    ],
  ]);

  test('by a worker that takes over puts an apply that was in flight in doubt', () => {
    const run = played(begun, first.beginApply(), first.begin);

    expect(run.phases.build?.steps.one).toMatchObject({ status: 'in-doubt', doubt: 'open' });
  });

  test('again keeps when the phase was first begun', () => {
    const decision = decide(begun, first.begin, noon + hour);

    expect(decision).toMatchObject({ ok: true });
    expect(takenOver.phases.build).toMatchObject({ startedAt: noon, fence: 2, attempt: 1 });
  });
});

describe('a worker that reports', () => {
  check([
    ['that it starts to apply is heard', begun, first.beginApply(), ['ApplyBegun build.one']],
    ['that all is well is heard', begun, first.satisfied(), ['StepSatisfied build.one']],
    ['a change is heard', begun, first.changed(), ['StepChanged build.one']],
    ['a failure that it tries again is heard', begun, first.failed('one', true), ['StepTried build.one']],
    ['a failure is heard', begun, first.failed(), ['StepFailed build.one']],
    ['a doubt is heard', begun, first.doubt(), ['StepDoubted build.one']],
    ['a question is heard', begun, first.confirm(), ['StepAsked build.one']],
    ['that it waits is heard', begun, first.wait(noon + hour), ['StepWaiting build.one']],
    ['on a step that is not there is refused', begun, first.changed('gone'), 'refused: nothing-waiting'],
    ['without holding the phase is refused', queued, worker('build', 0).changed(), 'refused: fenced'],
    [
      'after the phase has ended is refused',
      played(begun, first.changed(), first.end),
      first.changed(),
      'refused: fenced',
    ],
    [
      'while the run is being stopped is heard',
      played(begun, abort(alice)),
      first.changed(),
      ['StepChanged build.one'],
    ],
    ['on a step before its turn is refused', inOrder, first.beginApply('two'), 'refused: nothing-waiting'],
    [
      'on the next step before the first is done is refused',
      played(inOrder, first.confirm()),
      first.changed('two'),
      'refused: nothing-waiting',
    ],
    [
      'on any step of a phase side by side is heard',
      sideBySide,
      first.changed('three'),
      ['StepChanged build.three'],
    ],
    ['a step twice is heard once', played(inOrder, first.changed()), first.changed(), []],
    ['a failure of a finished step is not heard', played(inOrder, first.satisfied()), first.failed(), []],
    ['an apply of a finished step is not heard', played(inOrder, first.satisfied()), first.beginApply(), []],
  ]);

  const old: Row[] = [
    first.beginApply(),
    first.satisfied(),
    first.changed(),
    first.failed(),
    first.doubt(),
    first.confirm(),
    first.wait(noon + hour),
    first.end,
  ].map((command) => [command.type, takenOver, command, 'refused: fenced']);

  test.each(old)('%s with an old fence is refused', (_, run, command, expected) => {
    expect(told(decide(run, command, noon))).toEqual(expected);
  });

  test('leaves the evidence of every attempt, and no old failure beside a success', () => {
    const run = played(inOrder, first.failed('one', true), first.changed());

    const step = run.phases.build?.steps.one;

    expect(step).toMatchObject({ status: 'changed', tries: 1, evidence: ['hash', 'hash'], ms: 5 });
    expect(step).not.toHaveProperty('code');
    expect(step).not.toHaveProperty('because');
  });
});

describe('a worker that ends a phase', () => {
  const asked = played(inOrder, first.satisfied(), first.confirm('two'));
  const askedBoth = played(sideBySide, first.changed(), first.confirm('two'), first.confirm('three'));
  const requeued = ['PhasePaused build', 'PhaseQueued build #2'];
  check([
    [
      'with every step done, and nothing after it, ends the run',
      played(begun, first.changed()),
      first.end,
      ['PhaseSucceeded build', 'RunEnded succeeded'],
    ],
    [
      'with every step done starts what needs it',
      played(requested(phase('build'), phase('next', { needs: ['build'] })), first.begin, first.changed()),
      first.end,
      ['PhaseSucceeded build', 'PhaseQueued next #1'],
    ],
    [
      'with every step done opens the gate of what needs it',
      played(
        requested(phase('build'), gated('next', { ops: 1 }, { needs: ['build'] })),
        first.begin,
        first.changed(),
      ),
      first.end,
      ['PhaseSucceeded build', 'GateOpened next'],
    ],
    [
      'starts nothing that needs another phase too',
      played(
        requested(phase('build'), phase('side'), phase('next', { needs: ['build', 'side'] })),
        first.begin,
        first.changed(),
      ),
      first.end,
      ['PhaseSucceeded build'],
    ],
    ['with a failed step fails the phase', played(begun, first.failed()), first.end, ['PhaseFailed build']],
    [
      'with a failed step fails the phase although another one asks',
      played(sideBySide, first.confirm(), first.failed('two')),
      first.end,
      ['PhaseFailed build'],
    ],
    ['with a question open pauses it', asked, first.end, ['PhasePaused build']],
    ['with a doubt open pauses it', played(begun, first.doubt()), first.end, ['PhasePaused build']],
    ['with a wait pauses it', played(begun, first.wait(noon + 1)), first.end, ['PhasePaused build']],
    ['with a wait that is over queues it again', played(begun, first.wait(noon)), first.end, requeued],
    [
      'with a question that was answered meanwhile queues it again',
      played(asked, answer('build', bob, 'two')),
      first.end,
      requeued,
    ],
    ['in order, pauses at the first open question', asked, first.end, ['PhasePaused build']],
    ['side by side, pauses when every open step waits', askedBoth, first.end, ['PhasePaused build']],
    [
      'side by side, queues it again when one of the open steps can go on',
      played(askedBoth, answer('build', bob, 'three')),
      first.end,
      requeued,
    ],
    [
      'side by side, queues it again when a step was never tried',
      played(sideBySide, first.confirm()),
      first.end,
      requeued,
    ],
    ['without having done anything queues it again', begun, first.end, requeued],
    ['with an apply still in flight queues it again', played(begun, first.beginApply()), first.end, requeued],
    [
      'while the run is being stopped stops the phase and ends the run',
      played(begun, first.changed(), abort(alice)),
      first.end,
      ['PhaseStopped build', 'RunEnded aborted'],
    ],
  ]);
});

describe('a phase that is not critical', () => {
  const side = phase('side', { critical: false });
  const { begin, failed, end } = worker('side');
  const failing = (...outline: readonly OutlinePhase[]) =>
    played(requested(side, ...outline), begin, failed());
  const build = worker('build');
  check([
    [
      'fails without stopping what needs it',
      failing(phase('build', { needs: ['side'] })),
      end,
      ['PhaseFailed side', 'PhaseQueued build #1'],
    ],
    ['fails and leaves the run partial', failing(), end, ['PhaseFailed side', 'RunEnded partial']],
    [
      'leaves the run partial however the rest goes',
      played(failing(phase('build', { needs: ['side'] })), end, build.begin, build.changed()),
      build.end,
      ['PhaseSucceeded build', 'RunEnded partial'],
    ],
    [
      'leaves the run partial when a step of it was skipped',
      played(
        failing(phase('build')),
        end,
        skip('side', alice),
        worker('side', 2, 2).begin,
        worker('side', 2).end,
        build.begin,
        build.changed(),
      ),
      build.end,
      ['PhaseSucceeded build', 'RunEnded partial'],
    ],
    [
      'leaves the run well when it succeeds the second time',
      played(
        failing(phase('build')),
        end,
        { type: 'Retry', phase: 'side', by: alice },
        worker('side', 2, 2).begin,
        worker('side', 2).changed(),
        worker('side', 2).end,
        build.begin,
        build.changed(),
      ),
      build.end,
      ['PhaseSucceeded build', 'RunEnded succeeded'],
    ],
  ]);
});

describe('a doubt that was left by a worker that is gone', () => {
  const inDoubt = played(begun, first.beginApply(), first.begin);
  check([
    ['is settled by a check that finds all well', inDoubt, second.satisfied(), ['StepSatisfied build.one']],
    ['is settled by applying again', inDoubt, second.beginApply(), ['ApplyBegun build.one']],
    ['pauses the phase for a person', inDoubt, second.end, ['PhasePaused build']],
    [
      'does not hold up a step whose check asks',
      played(inDoubt, second.confirm(), second.end),
      answer('build', bob),
      ['Answered build.one for ops', 'PhaseQueued build #2'],
    ],
    [
      'does not hold up a step whose check waits',
      played(inDoubt, second.wait(noon)),
      second.end,
      ['PhasePaused build', 'PhaseQueued build #2'],
    ],
    [
      'does not hold up a step that is to be tried again',
      played(inDoubt, second.failed('one', true)),
      second.end,
      ['PhasePaused build', 'PhaseQueued build #2'],
    ],
  ]);
});
