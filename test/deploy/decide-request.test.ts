import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  approve,
  bob,
  carol,
  gated,
  noon,
  phase,
  played,
  request,
  requested,
  revise,
  told,
  worker,
} from '../support/runs.ts';

describe('a request', () => {
  const rows: [string, Deployment | undefined, Command, string | string[]][] = [
    [
      'starts every phase that needs nothing, and opens its gates',
      undefined,
      request([phase('a'), gated('b', { ops: 1 }), phase('c', { needs: ['a'] })]),
      ['RunRequested', 'PhaseQueued a #1', 'GateOpened b'],
    ],
    ['is made once', requested(phase('a')), request([phase('b')]), []],
    ['needs the right to deploy', undefined, request([phase('a')], { by: carol }), 'refused: not-allowed'],
    [
      'is refused when the one who asks is needed for a gate',
      undefined,
      request([gated('a', { ops: 3 })]),
      'refused: gate-cannot-be-met',
    ],
    [
      'is made when the one who asks may approve too',
      undefined,
      request([gated('a', { ops: 3 })], { selfApproval: true }),
      ['RunRequested', 'GateOpened a'],
    ],
    [
      'is refused when a later gate cannot be met',
      undefined,
      request([phase('a'), gated('b', { security: 1 }, { needs: ['a'] })]),
      'refused: gate-cannot-be-met',
    ],
    [
      'is refused when one person would have to approve for two groups',
      undefined,
      request([gated('a', { ops: 1, qa: 1 })], { members: { ops: ['carol'], qa: ['carol'] } }),
      'refused: gate-cannot-be-met',
    ],
  ];
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });

  test('that cannot be met says which phase wants whom', () => {
    const decision = decide(undefined, request([gated('go-live', { ops: 3, qa: 1 })]), noon);

    expect(decision).toMatchObject({
      refusal: { detail: expect.stringContaining('Phase go-live needs 3 of ops and 1 of qa') },
    });
  });

  const others: Command[] = [
    approve('a', bob),
    abort(alice),
    worker('a').begin,
    revise([]),
    { type: 'Wake', phase: 'a' },
  ];
  test.each(others.map((command) => [command.type, command] as const))(
    'must come before everything else, such as %s',
    (_, command) => {
      expect(told(decide(undefined, command, noon))).toBe('refused: run-not-found');
    },
  );
});

describe('a revision', () => {
  const outline = [gated('go', { ops: 2 }), phase('build', { needs: ['go'] })];
  const half = played(requested(...outline), approve('go', bob));
  const approved = played(half, approve('go', carol));
  const begun = played(approved, worker('go').begin);
  const other = { planHash: 'plan-2' };
  const done = played(
    begun,
    worker('go').changed(),
    worker('go').end,
    worker('build').begin,
    worker('build').changed(),
    worker('build').end,
  );
  const rows: [string, Deployment, Command, string | string[]][] = [
    ['opens the gate anew', half, revise(outline), ['RunRevised', 'GateOpened go']],
    ['opens a gate anew that was already passed', approved, revise(outline), ['RunRevised', 'GateOpened go']],
    [
      'to another plan starts its phases',
      half,
      revise([phase('go')], other),
      ['RunRevised', 'PhaseQueued go #1'],
    ],
    [
      'gives a phase that was queued a new attempt',
      requested(phase('go')),
      revise([phase('go')]),
      ['RunRevised', 'PhaseQueued go #2'],
    ],
    ['to the same is none', half, revise(outline, { digest: 'digest-1' }), []],
    ['of a run that is over is none', played(half, abort(alice)), revise(outline), []],
    ['of a run that has succeeded is none', done, revise(outline), []],
    ['by a person needs the right to deploy', half, revise(outline, {}, carol), 'refused: not-allowed'],
    [
      'to another plan is refused once a phase has begun',
      begun,
      revise(outline, other),
      'refused: already-begun',
    ],
    [
      'to another version is refused once a phase has begun',
      begun,
      revise(outline, { version: 'v2' }),
      'refused: already-begun',
    ],
    [
      'to another commit is refused once a phase has begun',
      begun,
      revise(outline, { commit: 'c2' }),
      'refused: already-begun',
    ],
    [
      'to another image is refused once a phase has begun',
      begun,
      revise(outline, { image: 'sha256:2' }),
      'refused: already-begun',
    ],
    ['of parameters alone is allowed when a phase has begun', begun, revise(outline), ['RunRevised']],
  ];
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });

  test('to a version that was not looked up keeps no commit of the one before', () => {
    const found = { commit: 'c1', image: 'sha256:1' };
    const run = played(undefined, request(outline, found));

    const kept = played(run, revise(outline, found));
    const lost = played(run, revise(outline, { version: 'v2' }));

    expect(run).toMatchObject(found);
    expect(kept).toMatchObject({ ...found, digest: 'digest-2' });
    expect([lost.commit, lost.image]).toEqual([undefined, undefined]);
  });

  test('voids the approvals and says why', () => {
    const run = played(half, revise(outline));

    expect(run.phases.go?.gate).toMatchObject({
      approvals: [],
      status: 'open',
      voided: ['parameter PORT changed'],
    });
    expect(run.digest).toBe('digest-2');
  });

  test('says why also after a second one that voided nothing', () => {
    const run = played(half, revise(outline), revise(outline, { digest: 'digest-3' }));

    expect(run.phases.go?.gate?.voided).toEqual(['parameter PORT changed']);
  });

  test('makes an approval of the old card void', () => {
    const run = played(half, revise(outline));

    expect(told(decide(run, approve('go', carol), noon))).toBe('refused: approval-void');
    expect(told(decide(run, approve('go', bob, 'digest-2'), noon))).toEqual(['Approved go']);
  });

  test('leaves a phase that has begun as it is, and a gate after it to be opened', () => {
    const later = [phase('go'), gated('build', { ops: 1 }, { needs: ['go'] })];
    const { begin, changed, end } = worker('go');
    const waiting = played(requested(...later), begin, changed(), end, approve('build', bob));

    const decision = decide(waiting, revise(later), noon);

    expect(told(decision)).toEqual(['RunRevised', 'GateOpened build']);
    expect(played(waiting, revise(later)).phases.go?.status).toBe('succeeded');
  });

  test('makes the job of a phase that was queued stale', () => {
    const run = played(approved, revise(outline));

    expect(told(decide(run, worker('go').begin, noon))).toBe('refused: nothing-waiting');
  });
});
