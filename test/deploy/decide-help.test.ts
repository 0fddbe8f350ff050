import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  bob,
  carol,
  hour,
  noon,
  phase,
  played,
  requested,
  retry,
  skip,
  told,
  worker,
} from '../support/runs.ts';

type Row = [string, Deployment, Command, string | string[]];

const first = worker('build');
const begun = played(requested(phase('build')), first.begin);
const sideBySide = played(requested(phase('build', { steps: ['one', 'two'], parallel: true })), first.begin);
const again = 'PhaseQueued build #2';

function check(rows: Row[]) {
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });
}

describe('a clock', () => {
  const waiting = played(begun, first.wait(noon), first.wait(noon + hour), first.end);
  const wake: Command = { type: 'Wake', phase: 'build' };
  const asked = played(sideBySide, first.confirm(), first.wait(noon + hour, 'two'), first.end);

  const rows: [string, Deployment, number, string | string[]][] = [
    ['starts the phase again when its time has come', waiting, noon + hour, [again]],
    ['that comes early does nothing', waiting, noon + hour - 1, []],
    ['starts the phase again although another step asks', asked, noon + hour, [again]],
    ['does nothing while a worker runs', played(begun, first.wait(noon + hour)), noon + hour, []],
    [
      'does nothing when the step was skipped and the phase goes on',
      played(waiting, skip('build', alice)),
      noon + hour,
      [],
    ],
    ['does nothing when the run is over', played(waiting, abort(alice)), noon + hour, []],
    ['does nothing where people are asked', played(begun, first.confirm(), first.end), noon + hour, []],
  ];
  test.each(rows)('%s', (_, run, now, expected) => {
    expect(told(decide(run, wake, now))).toEqual(expected);
  });
});

describe('trying a phase again', () => {
  const failed = played(begun, first.failed('one', true), first.failed(), first.end);
  check([
    ['queues it', failed, retry('build', bob), ['RetryRequested build', again]],
    ['needs the right to deploy', failed, retry('build', carol), 'refused: not-allowed'],
    ['is done once', played(failed, retry('build', bob)), retry('build', alice), 'refused: nothing-waiting'],
    ['is not done while it runs', begun, retry('build', bob), 'refused: nothing-waiting'],
    ['is not done for a phase that is not there', failed, retry('gone', bob), 'refused: nothing-waiting'],
    [
      'is not done when the run is over',
      played(failed, abort(alice)),
      retry('build', bob),
      'refused: run-finished',
    ],
  ]);

  test('forgets how often the step was tried, and keeps what is done', () => {
    const stopped = played(sideBySide, first.changed(), first.failed('two'), first.end);

    const run = played(stopped, retry('build', bob));

    expect(run.phases.build?.steps).toMatchObject({
      one: { status: 'changed' },
      two: { status: 'trying', tries: 0, evidence: ['hash'] },
    });
  });

  test('leaves no end on a phase that has not ended', () => {
    const run = played(failed, retry('build', bob));

    expect(failed.phases.build).toHaveProperty('endedAt');
    expect(run.phases.build).not.toHaveProperty('endedAt');
  });
});

describe('skipping a step', () => {
  const failed = played(begun, first.failed(), first.end);
  const bothFailed = played(sideBySide, first.failed(), first.failed('two'), first.end);
  check([
    ['that failed starts the phase again', failed, skip('build', alice), ['StepSkipped build.one', again]],
    [
      'that asks starts the phase again',
      played(begun, first.confirm(), first.end),
      skip('build', alice),
      ['StepSkipped build.one', again],
    ],
    [
      'that waits starts the phase again',
      played(begun, first.wait(noon + hour), first.end),
      skip('build', alice),
      ['StepSkipped build.one', again],
    ],
    [
      'that is in doubt starts the phase again',
      played(begun, first.doubt(), first.end),
      skip('build', alice),
      ['StepSkipped build.one', again],
    ],
    [
      'while another one has failed waits for that one',
      bothFailed,
      skip('build', alice),
      ['StepSkipped build.one'],
    ],
    [
      'as the last that has failed starts the phase again',
      played(bothFailed, skip('build', alice)),
      skip('build', bob, 'two'),
      ['StepSkipped build.two', again],
    ],
    [
      'while another one asks leaves the phase paused',
      played(sideBySide, first.wait(noon + hour), first.confirm('two'), first.end),
      skip('build', alice),
      ['StepSkipped build.one'],
    ],
    ['needs a reason', failed, skip('build', alice, 'one', ' '), 'refused: reason-required'],
    ['needs the right to deploy', failed, skip('build', carol), 'refused: not-allowed'],
    [
      'is done once',
      played(bothFailed, skip('build', alice)),
      skip('build', bob),
      'refused: already-decided',
    ],
    [
      'is not done while a worker is at it',
      played(begun, first.beginApply()),
      skip('build', alice),
      'refused: nothing-waiting',
    ],
    [
      'is not done before the worker has ended',
      played(begun, first.failed()),
      skip('build', alice),
      'refused: nothing-waiting',
    ],
    [
      'is not done for a step that is done',
      played(sideBySide, first.changed(), first.failed('two'), first.end),
      skip('build', alice),
      'refused: nothing-waiting',
    ],
    ['is not done for a step that nobody has seen', begun, skip('build', alice), 'refused: nothing-waiting'],
    [
      'is not done when the run is over',
      played(failed, abort(alice)),
      skip('build', alice),
      'refused: run-finished',
    ],
  ]);

  test('leaves the run partial', () => {
    const second = worker('build', 2, 2);

    const decision = decide(played(failed, skip('build', alice), second.begin), second.end, noon);

    expect(told(decision)).toEqual(['PhaseSucceeded build', 'RunEnded partial']);
  });

  test('is kept with who and why, beside why the step failed', () => {
    const run = played(failed, skip('build', alice));

    expect(run.phases.build?.steps.one).toMatchObject({
      status: 'skipped',
      by: 'alice',
      reason: 'known fault',
      code: 'timed-out',
    });
  });
});
