import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment, Instant } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  approve,
  bob,
  carol,
  dave,
  eve,
  gated,
  hour,
  noon,
  phase,
  played,
  reject,
  request,
  requested,
  retry,
  revise,
  told,
  worker,
} from '../support/runs.ts';

const one = requested(gated('go', { ops: 1 }));
const two = requested(gated('go', { ops: 2 }));
const both = requested(gated('go', { ops: 1, qa: 1 }));
const expire = (openedAt: Instant = noon): Command => ({ type: 'Expire', phase: 'go', openedAt });
const reopen: Command = { type: 'Reopen', phase: 'go', by: bob };
const passed = ['Approved go', 'GatePassed go', 'PhaseQueued go #1'];

/** Bound to other parameters while the phase before is tried again, so that the gate has to wait for it once more. */
const closedAgain = (() => {
  const outline = [phase('before', { critical: false }), gated('go', { ops: 1 }, { needs: ['before'] })];
  const { begin, failed, end } = worker('before');
  return played(requested(...outline), begin, failed(), end, retry('before', alice), revise(outline));
})();

describe('an approval', () => {
  const rows: [string, Deployment, Command, string | string[]][] = [
    ['by one of the group opens a gate for one', one, approve('go', bob), passed],
    ['is not given by the one who asked', one, approve('go', alice), 'refused: own-request'],
    [
      'is given by the one who asked where the environment allows it',
      played(undefined, request([gated('go', { ops: 1 })], { selfApproval: true })),
      approve('go', alice),
      passed,
    ],
    ['is not given by somebody outside the group', one, approve('go', eve), 'refused: not-allowed'],
    ['is not given by somebody of another group', one, approve('go', dave), 'refused: not-allowed'],
    [
      'for something other than what will run does not count',
      one,
      approve('go', bob, 'digest-0'),
      'refused: approval-void',
    ],
    ['counts without opening a gate for two', two, approve('go', bob), ['Approved go']],
    [
      'does not count twice for one person',
      played(two, approve('go', bob)),
      approve('go', bob),
      'refused: already-approved-by-you',
    ],
    [
      'by a second person opens a gate for two',
      played(two, approve('go', bob)),
      approve('go', carol),
      passed,
    ],
    [
      'of a group whose part is done is told so',
      played(both, approve('go', bob)),
      approve('go', { ...bob, id: 'ben' }),
      'refused: already-decided',
    ],
    ['by somebody in both groups counts for one of them only', both, approve('go', carol), ['Approved go']],
    [
      'by somebody in both groups counts where the next one leaves room',
      played(both, approve('go', carol)),
      approve('go', bob),
      passed,
    ],
    [
      'by somebody in both groups counts for the other group too',
      played(both, approve('go', carol)),
      approve('go', dave),
      passed,
    ],
    [
      'comes too late when the gate is decided',
      played(one, approve('go', bob)),
      approve('go', carol),
      'refused: already-decided',
    ],
    [
      'comes too late when the run was rejected',
      played(one, reject('go', bob)),
      approve('go', carol),
      'refused: already-decided',
    ],
    [
      'comes too late when the run was aborted',
      played(one, abort(bob)),
      approve('go', carol),
      'refused: run-finished',
    ],
    [
      'comes too late when the gate has expired',
      played(one, expire()),
      approve('go', bob),
      'refused: gate-expired',
    ],
    [
      'is not given before the needs are done',
      requested(phase('before'), gated('go', { ops: 1 }, { needs: ['before'] })),
      approve('go', bob),
      'refused: nothing-waiting',
    ],
    [
      'is not given where there is no gate',
      requested(phase('go')),
      approve('go', bob),
      'refused: nothing-waiting',
    ],
    ['is not given for a phase that is not there', one, approve('gone', bob), 'refused: nothing-waiting'],
    [
      'is not given when the plan changed and the phase now needs another first',
      played(
        one,
        revise([phase('before'), gated('go', { ops: 1 }, { needs: ['before'] })], { planHash: 'plan-2' }),
      ),
      approve('go', bob, 'digest-2'),
      'refused: nothing-waiting',
    ],
    [
      'is not given when parameters changed while a need is tried again',
      closedAgain,
      approve('go', bob, 'digest-2'),
      'refused: nothing-waiting',
    ],
  ];

  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });

  test('in the last moment counts, and at the end of the time no more', () => {
    const last = decide(one, approve('go', bob), noon + hour - 1);
    const late = decide(one, approve('go', bob), noon + hour);

    expect(told(last)).toEqual(passed);
    expect(told(late)).toBe('refused: gate-expired');
  });

  test('is kept with who, for what and when', () => {
    const run = played(two, approve('go', bob));

    expect(run.phases.go?.gate?.approvals).toEqual([
      { by: 'bob', groups: ['ops'], digest: 'digest-1', at: noon },
    ]);
  });

  test('that comes second is told who was first', () => {
    const decision = decide(played(one, approve('go', bob)), approve('go', carol), noon);

    expect(decision).toMatchObject({ refusal: { detail: 'Approved by <@bob>.' } });
  });
});

describe('a rejection', () => {
  const stopped = ['Rejected go', 'StopRequested rejected', 'RunEnded rejected'];
  const rows: [string, Deployment, Command, string | string[]][] = [
    ['with a reason ends the run', one, reject('go', bob), stopped],
    ['by the one who asked ends the run', one, reject('go', alice), stopped],
    ['needs a reason', one, reject('go', bob, '  '), 'refused: reason-required'],
    ['is not given by somebody outside the group', one, reject('go', eve), 'refused: not-allowed'],
    [
      'of something other than what will run does not count',
      one,
      { type: 'Reject', phase: 'go', by: bob, reason: 'no', digest: 'digest-0' },
      'refused: approval-void',
    ],
    [
      'comes too late when the gate is open',
      played(one, approve('go', bob)),
      reject('go', carol),
      'refused: already-decided',
    ],
    [
      'comes too late when somebody else has rejected',
      played(one, reject('go', bob)),
      reject('go', carol),
      'refused: already-decided',
    ],
    [
      'waits for the phase that is running elsewhere',
      played(requested(phase('side'), gated('go', { ops: 1 })), worker('side').begin),
      reject('go', bob),
      ['Rejected go', 'StopRequested rejected'],
    ],
  ];

  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });
});

describe('the time of a gate', () => {
  const reopened = played(one, expire(), reopen);
  const rows: [string, Deployment, Command, string | string[]][] = [
    ['ends', one, expire(), ['GateExpired go']],
    ['does not end by the timer of an earlier opening', one, expire(noon - 1), []],
    ['does not end twice', played(one, expire()), expire(), []],
    ['does not end while it is closed again', closedAgain, expire(), 'refused: nothing-waiting'],
    ['does not end when the gate is decided', played(one, approve('go', bob)), expire(), []],
    ['does not end when the run is over', played(one, abort(alice)), expire(), []],
    ['starts anew when somebody asks again', played(one, expire()), reopen, ['GateReopened go']],
    ['is not started anew while it lasts', one, reopen, 'refused: nothing-waiting'],
    [
      'is started anew only with the right to deploy',
      played(one, expire()),
      { ...reopen, by: carol },
      'refused: not-allowed',
    ],
    [
      'is not started anew when the run is over',
      played(one, expire(), abort(alice)),
      reopen,
      'refused: run-finished',
    ],
    ['that was started anew lets people approve', reopened, approve('go', bob), passed],
    [
      'that was started anew begins without the old approvals',
      played(two, approve('go', bob), expire(), reopen),
      approve('go', bob),
      ['Approved go'],
    ],
  ];

  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });

  test('is as long as the plan says, each time', () => {
    const decision = decide(played(one, expire()), reopen, noon + 5 * hour);

    expect(one.phases.go?.gate).toMatchObject({ openedAt: noon, expiresAt: noon + hour });
    expect(decision).toMatchObject({ events: [{ expiresAt: noon + 6 * hour }] });
  });
});
