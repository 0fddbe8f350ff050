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
const queued = requested(phase('build'));
const begun = played(queued, first.begin);
const three = { steps: ['one', 'two', 'three'] };
const inOrder = played(requested(phase('build', three)), first.begin);
const sideBySide = played(requested(phase('build', { ...three, parallel: true })), first.begin);

function check(rows: Row[]) {
  test.each(rows)('%s', (_, run, command, expected) => {
    const decision = decide(run, command, noon);

    expect(told(decision)).toEqual(expected);
  });
}

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
