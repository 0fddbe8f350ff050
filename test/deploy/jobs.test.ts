import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/deploy/deployment.ts';
import { jobsDue, react } from '../../src/deploy/jobs.ts';
import {
  abort,
  alice,
  approve,
  bob,
  dave,
  gated,
  hour,
  noon,
  phase,
  played,
  requested,
  rollBack,
  worker,
} from '../support/runs.ts';

const build = worker('build');
const queued = requested(phase('build'));
const begun = played(queued, build.begin);
const gate = requested(gated('build', { ops: 1 }));
const twoWaits = played(
  requested(phase('build', { steps: ['one', 'two'], parallel: true })),
  build.begin,
  build.wait(noon + hour),
  build.wait(noon + 2 * hour, 'two'),
);
const preparing = played(undefined, {
  type: 'RequestRollback',
  id: 'rollback-1',
  environment: 'production',
  plan: 'softfactory',
  version: 'v0',
  of: 'deployment-1',
  severity: 'high',
  reason: 'it burns',
  by: dave,
});

describe('the jobs that a run wants', () => {
  const rows: [string, Deployment, string[]][] = [
    [
      'one for each phase that is queued',
      requested(phase('a'), phase('b')),
      ['deployment-1.a.1', 'deployment-1.b.1'],
    ],
    ['the same one while a worker is at it', begun, ['deployment-1.build.1']],
    [
      'none for a phase that has to wait for another',
      requested(phase('a'), phase('b', { needs: ['a'] })),
      ['deployment-1.a.1'],
    ],
    ['a timer for the end of an open gate', gate, [`deployment-1.build.expire.${noon}`]],
    [
      'none for a gate that has expired',
      played(gate, { type: 'Expire', phase: 'build', openedAt: noon }),
      [],
    ],
    ['one for a phase whose gate is passed', played(gate, approve('build', bob)), ['deployment-1.build.1']],
    ['none where people are asked', played(begun, build.confirm(), build.end), []],
    ['none for a phase that failed', played(begun, build.failed(), build.end), []],
    [
      'a timer for each step that waits',
      played(twoWaits, build.end),
      [`deployment-1.build.wake.${noon + hour}`, `deployment-1.build.wake.${noon + 2 * hour}`],
    ],
    ['no timer while a worker is at it', twoWaits, ['deployment-1.build.1']],
    [
      'one to prepare a rollback, and one to draw the run that loses its buttons',
      preparing,
      ['rollback-1.prepare', 'draw.deployment-1'],
    ],
    [
      'one to watch it when it has ended well',
      played(begun, build.changed(), build.end),
      ['deployment-1.watch'],
    ],
    ['none when it was aborted', played(queued, abort(alice)), []],
    [
      'one to prepare what takes it back when it has ended',
      played(queued, rollBack(dave)),
      ['rollback-1.prepare.after'],
    ],
    ['that of the worker while it is being stopped', played(begun, abort(alice)), ['deployment-1.build.1']],
  ];
  test.each(rows)('are %s', (_, run, expected) => {
    expect(jobsDue(run).map(({ id }) => id)).toEqual(expected);
  });

  test('say when they are due if not at once', () => {
    expect(jobsDue(gate)).toEqual([
      {
        id: `deployment-1.build.expire.${noon}`,
        queue: 'timers',
        name: 'expire',
        data: { run: 'deployment-1', phase: 'build', openedAt: noon },
        at: noon + hour,
      },
    ]);
    expect(jobsDue(queued)[0]).not.toHaveProperty('at');
  });

  test('have ids that BullMQ takes', () => {
    const all = [gate, queued, preparing, played(twoWaits, build.end)].flatMap(jobsDue);

    for (const { id } of all) expect(id).not.toContain(':');
  });
});

describe('the jobs that a change makes due', () => {
  const rows: [string, Deployment | undefined, Deployment, string[]][] = [
    ['are all of a new run', undefined, queued, ['deployment-1.build.1']],
    ['are none when a worker begins', queued, begun, []],
    ['are none when nothing changed', gate, gate, []],
    ['are that of the next attempt', begun, played(begun, build.end), ['deployment-1.build.2']],
    [
      'are that of a phase whose gate is passed',
      gate,
      played(gate, approve('build', bob)),
      ['deployment-1.build.1'],
    ],
  ];
  test.each(rows)('%s', (_, before, after, expected) => {
    expect(react(before, after).map(({ id }) => id)).toEqual(expected);
  });
});
