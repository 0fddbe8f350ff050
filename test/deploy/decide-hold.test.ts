import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Person } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  approve,
  bob,
  gated,
  noon,
  phase,
  played,
  requested,
  told,
  worker,
} from '../support/runs.ts';

const hold: Command = { type: 'Hold', group: 'group-1', name: 'ApiDown' };
const goOn = (by: Person = alice, reason = 'it was the test'): Command => ({ type: 'Continue', by, reason });
const nobody: Person = { id: 'U0NOBODY', groups: [], may: [] };

const build = worker('build');
const inARow = requested(phase('build'), phase('ship', { needs: ['build'] }));
const building = played(inARow, build.begin);

describe('a critical alert during a run', () => {
  test('lets the phase at work go on, and no further one begin until somebody says so', () => {
    const held = played(building, hold, build.satisfied(), build.end);

    expect(held.phases.build?.status).toBe('succeeded');
    expect(held.phases.ship?.status).toBe('waiting');
    expect(told(decide(held, goOn(), noon))).toEqual(['RunContinued', 'PhaseQueued ship #1']);
  });

  test('opens no gate, and an approval that came meanwhile counts when it goes on', () => {
    const closed = played(
      requested(phase('build'), gated('ship', { ops: 1 }, { needs: ['build'] })),
      build.begin,
      hold,
      build.satisfied(),
      build.end,
    );
    const approved = played(requested(gated('ship', { ops: 1 })), hold, approve('ship', bob));

    expect(closed.phases.ship?.status).toBe('waiting');
    expect(told(decide(closed, goOn(), noon))).toEqual(['RunContinued', 'GateOpened ship']);
    expect(approved.phases.ship).toMatchObject({ status: 'gated', gate: { status: 'approved' } });
    expect(told(decide(approved, goOn(), noon))).toEqual(['RunContinued', 'PhaseQueued ship #1']);
  });

  test('is told once for each group, and all of them are dealt with at once', () => {
    const held = played(building, hold, { ...hold, group: 'group-2', name: 'HighErrorRate' });

    expect(held.hold?.groups).toEqual({ 'group-1': 'ApiDown', 'group-2': 'HighErrorRate' });
    expect(told(decide(held, hold, noon))).toEqual([]);
    expect(played(held, goOn()).hold).toBeUndefined();
  });

  test('does not keep a run from ending when nothing is left to begin', () => {
    const held = played(requested(phase('build')), build.begin, hold, build.satisfied(), build.end);

    expect(held).toMatchObject({ status: 'ended', outcome: 'succeeded' });
  });

  test('does nothing to a run that has ended or is being stopped', () => {
    expect(told(decide(played(inARow, abort(alice)), hold, noon))).toEqual([]);
    expect(told(decide(played(building, abort(alice)), hold, noon))).toEqual([]);
  });
});

describe('going on', () => {
  test.each([
    ['without the right to deploy', played(building, hold), goOn(nobody), 'not-allowed'],
    ['without a reason', played(building, hold), goOn(alice, ' '), 'reason-required'],
    ['when nothing holds the run', building, goOn(), 'nothing-waiting'],
    ['when the run has ended', played(inARow, abort(alice)), goOn(), 'run-finished'],
  ])('is refused %s', (_, run, command, code) => {
    expect(decide(run, command, noon)).toMatchObject({ ok: false, refusal: { code } });
  });
});
