import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment, OutlinePhase } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  bob,
  carol,
  dave,
  gated,
  hour,
  noon,
  phase,
  played,
  requested,
  retry,
  rollBack,
  told,
  whatRuns,
  worker,
} from '../support/runs.ts';

const first = worker('build');
const queued = requested(phase('build'));
const begun = played(queued, first.begin);
const rollback: Command = {
  type: 'RequestRollback',
  id: 'rollback-1',
  environment: 'production',
  plan: 'softfactory',
  version: 'v0',
  of: 'deployment-1',
  severity: 'high',
  reason: 'it burns',
  by: dave,
};

/** Every state in which a run can stand still or move. */
const states: Record<string, Deployment> = {
  'is queued': queued,
  'waits at a gate': requested(gated('build', { ops: 1 })),
  'has an expired gate': played(requested(gated('build', { ops: 1 })), {
    type: 'Expire',
    phase: 'build',
    openedAt: noon,
  }),
  'is paused by a question': played(begun, first.confirm(), first.end),
  'is paused by a doubt': played(begun, first.doubt(), first.end),
  'is paused by a wait': played(begun, first.wait(noon + hour), first.end),
  'has failed': played(begun, first.failed(), first.end),
  'is tried again': played(begun, first.failed(), first.end, retry('build', alice)),
};

describe('stopping a run', () => {
  test.each(Object.entries(states))('that %s ends it at once', (_, run) => {
    const aborted = decide(run, abort(bob), noon);
    const rolledBack = decide(run, rollBack(dave), noon);

    expect(told(aborted)).toEqual(['StopRequested aborted', 'RunEnded aborted']);
    expect(told(rolledBack)).toEqual(['StopRequested rolled-back', 'RunEnded rolled-back']);
  });

  const aborting = played(begun, abort(bob));
  const aborted = played(queued, abort(bob));
  const succeeded = played(begun, first.changed(), first.end);
  const rolledBack = played(queued, rollBack(dave));
  const partial = played(
    requested(phase('build', { critical: false })),
    first.begin,
    first.failed(),
    first.end,
  );
  const preparing = played(undefined, rollback);
  const rollingBack = played(preparing, { type: 'Prepare', ...whatRuns([phase('undo')]) });
  const rows: [string, Deployment, Command, string | string[]][] = [
    ['that runs waits for the worker (abort)', begun, abort(bob), ['StopRequested aborted']],
    ['that runs waits for the worker (roll back)', begun, rollBack(dave), ['StopRequested rolled-back']],
    ['by aborting needs the right to deploy', begun, abort(dave), 'refused: not-allowed'],
    ['by rolling back needs the right to roll back', begun, rollBack(bob), 'refused: not-allowed'],
    ['by aborting needs a reason', begun, abort(bob, ' '), 'refused: reason-required'],
    ['by rolling back needs a reason', begun, rollBack(dave, ''), 'refused: reason-required'],
    ['is not done twice', aborting, abort(alice), 'refused: already-decided'],
    ['is not turned into rolling back on the way', aborting, rollBack(dave), 'refused: already-decided'],
    ['that was aborted is not done again', aborted, abort(alice), 'refused: run-finished'],
    ['that has succeeded cannot be done', succeeded, abort(alice), 'refused: run-finished'],
    ['that has succeeded leaves it as it is for the rollback', succeeded, rollBack(dave), []],
    ['that ended partially leaves it as it is for the rollback', partial, rollBack(dave), []],
    ['that was aborted leaves it as it is for the rollback', aborted, rollBack(dave), []],
    ['that was rolled back is not done again', rolledBack, rollBack(dave), 'refused: run-finished'],
    [
      'that is a rollback by rolling back makes no sense',
      rollingBack,
      rollBack(dave),
      'refused: nothing-waiting',
    ],
    [
      'that is a rollback by aborting ends it',
      rollingBack,
      abort(bob),
      ['StopRequested aborted', 'RunEnded aborted'],
    ],
    ['that is being prepared ends it', preparing, abort(bob), ['StopRequested aborted', 'RunEnded aborted']],
  ];
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });

  test('waits until the last of several workers has ended', () => {
    const both = played(
      requested(phase('build'), phase('side')),
      first.begin,
      worker('side').begin,
      abort(bob),
    );

    const oneLeft = decide(both, first.end, noon);
    const noneLeft = decide(played(both, first.end), worker('side').end, noon);

    expect(told(oneLeft)).toEqual(['PhaseStopped build']);
    expect(told(noneLeft)).toEqual(['PhaseStopped side', 'RunEnded aborted']);
  });

  test('tells who comes second by whom it was stopped', () => {
    const decision = decide(aborted, abort(alice), noon);

    expect(decision).toMatchObject({ refusal: { detail: 'It was stopped by <@bob>.' } });
  });
});

describe('a rollback', () => {
  const preparing = played(undefined, rollback);
  const prepare = (...outline: readonly OutlinePhase[]): Command => ({
    type: 'Prepare',
    ...whatRuns(outline, { version: 'v0' }),
  });
  const rows: [string, Deployment | undefined, Command, string | string[]][] = [
    ['is asked for with the right to roll back', undefined, rollback, ['RunRequested']],
    ['is not asked for without the right', undefined, { ...rollback, by: bob }, 'refused: not-allowed'],
    [
      'is not asked for without a reason',
      undefined,
      { ...rollback, reason: ' ' },
      'refused: reason-required',
    ],
    ['is asked for once', preparing, rollback, []],
    ['starts when it is prepared', preparing, prepare(phase('undo')), ['RunPrepared', 'PhaseQueued undo #1']],
    [
      'opens its gates when it is prepared',
      preparing,
      prepare(gated('undo', { qa: 1 })),
      ['RunPrepared', 'GateOpened undo'],
    ],
    ['with nothing to take back has succeeded', preparing, prepare(), ['RunPrepared', 'RunEnded succeeded']],
    ['is prepared once', played(preparing, prepare(phase('undo'))), prepare(phase('redo')), []],
    ['that was aborted is not prepared', played(preparing, abort(bob)), prepare(phase('undo')), []],
    ['does nothing before it is prepared', preparing, first.begin, 'refused: nothing-waiting'],
    ['is not prepared when nobody has asked for it', undefined, prepare(), 'refused: run-not-found'],
    [
      'is not approved by the one who asked',
      played(preparing, prepare(gated('undo', { qa: 1 }))),
      { type: 'Approve', phase: 'undo', by: dave, digest: 'digest-1' },
      'refused: own-request',
    ],
    [
      'is approved by somebody else',
      played(preparing, prepare(gated('undo', { qa: 1 }))),
      { type: 'Approve', phase: 'undo', by: carol, digest: 'digest-1' },
      ['Approved undo', 'GatePassed undo', 'PhaseQueued undo #1'],
    ],
  ];
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });

  test('keeps which run it takes back, how bad it is and why', () => {
    const run = played(preparing, prepare(phase('undo')));

    expect(run).toMatchObject({
      kind: 'rollback',
      of: 'deployment-1',
      severity: 'high',
      reason: 'it burns',
      version: 'v0',
      requestedBy: 'dave',
      status: 'running',
    });
  });
});
