import { describe, expect, test } from 'vitest';
import { advance } from '../../src/deploy/advance.ts';
import { evolve } from '../../src/deploy/evolve.ts';
import { abort, alice, noon, phase, played, requested, worker } from '../support/runs.ts';

describe('the state of a run', () => {
  test('begins with the request', () => {
    expect(() => evolve(undefined, { type: 'RunEnded', outcome: 'aborted', at: noon })).toThrow(RangeError);
  });

  test('has every phase of the plan from the start', () => {
    const run = requested(phase('a'), phase('b', { needs: ['a'] }));

    expect(run).toMatchObject({ requestedBy: 'alice', requestedAt: noon, status: 'running' });
    expect(run.phases.b).toEqual({ status: 'waiting', attempt: 0, fence: 0, steps: {} });
  });

  test('knows no phase that the plan has not', () => {
    const run = requested(phase('a'));

    expect(() => evolve(run, { type: 'PhaseSucceeded', phase: 'gone', at: noon })).toThrow('no phase gone');
  });

  test('is left as it was by an event', () => {
    const run = requested(phase('a'));
    const before = JSON.stringify(run);

    evolve(run, { type: 'PhaseBegun', phase: 'a', fence: 1, worker: 'w', at: noon });

    expect(JSON.stringify(run)).toBe(before);
  });

  test('keeps when the phase began, when it ended and how the run ended', () => {
    const { begin, changed, end } = worker('a');

    const run = played(requested(phase('a')), begin, changed(), end);

    expect(run).toMatchObject({ status: 'ended', outcome: 'succeeded', endedAt: noon });
    expect(run.phases.a).toMatchObject({ startedAt: noon, endedAt: noon });
  });

  test('keeps who stopped the run and why', () => {
    const run = played(requested(phase('a')), abort(alice));

    expect(run.stop).toEqual({ outcome: 'aborted', by: 'alice', reason: 'wrong day', at: noon });
  });
});

describe('what follows by itself', () => {
  const { begin, changed, end } = worker('a');
  const rows = [
    ['is nothing once it has followed', requested(phase('a'), phase('b', { needs: ['a'] }))],
    ['is nothing while a worker is at it', played(requested(phase('a')), begin, changed())],
    ['is nothing after the end', played(requested(phase('a')), begin, changed(), end)],
    ['is nothing while a stop waits for a worker', played(requested(phase('a')), begin, abort(alice))],
  ] as const;
  test.each(rows)('%s', (_, run) => {
    expect(advance(run, noon)).toEqual([]);
  });
});
