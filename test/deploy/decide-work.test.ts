import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
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

describe('a doubt that was left by a worker that is gone', () => {
  const inDoubt = played(begun, first.beginApply(), first.begin);
  check([
    ['is settled by a check that finds all well', inDoubt, second.satisfied(), ['StepChanged build.one']],
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
