import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import {
  abort,
  alice,
  answer,
  bob,
  carol,
  dave,
  eve,
  noon,
  phase,
  played,
  requested,
  settle,
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

describe('an answer', () => {
  const asked = played(begun, first.confirm(), first.end);
  const signing = played(begun, first.signOff(), first.end);
  check([
    [
      'by one confirms and starts the phase again',
      asked,
      answer('build', bob),
      ['Answered build.one for ops', again],
    ],
    [
      'while the worker still runs is kept for it',
      played(begun, first.confirm()),
      answer('build', bob),
      ['Answered build.one for ops'],
    ],
    [
      'comes too late after another one',
      played(asked, answer('build', bob)),
      answer('build', carol),
      'refused: already-decided',
    ],
    [
      'comes too late after another group',
      played(begun, first.confirm('one', ['ops', 'qa']), first.end, answer('build', bob)),
      answer('build', dave),
      'refused: already-decided',
    ],
    ['has something written in it', asked, answer('build', bob, 'one', ' '), 'refused: reason-required'],
    ['is not given by somebody outside the group', asked, answer('build', dave), 'refused: not-allowed'],
    ['is not given where nothing was asked', begun, answer('build', bob), 'refused: nothing-waiting'],
    [
      'is not given for a step that is not there',
      asked,
      answer('build', bob, 'gone'),
      'refused: nothing-waiting',
    ],
    ['is not given for a phase that is not there', asked, answer('gone', bob), 'refused: nothing-waiting'],
    [
      'is not given when the run is over',
      played(asked, abort(alice)),
      answer('build', bob),
      'refused: run-finished',
    ],
    [
      'is not given to a step that was skipped',
      played(asked, skip('build', alice)),
      answer('build', bob),
      'refused: already-decided',
    ],
    ['signs for one group of two', signing, answer('build', bob), ['Answered build.one for ops']],
    [
      'signs for the last group and starts the phase again',
      played(signing, answer('build', bob)),
      answer('build', dave),
      ['Answered build.one for qa', again],
    ],
    [
      'is not signed twice for a group',
      played(signing, answer('build', bob)),
      answer('build', alice),
      'refused: already-decided',
    ],
    [
      'by somebody in both groups signs for the one that is left',
      played(signing, answer('build', bob)),
      answer('build', carol),
      ['Answered build.one for qa', again],
    ],
    [
      'by somebody in both groups does not sign for both',
      played(signing, answer('build', carol)),
      answer('build', carol),
      'refused: already-approved-by-you',
    ],
    ['is not signed by a guest', signing, answer('build', eve), 'refused: not-allowed'],
    [
      'to one step leaves the other to wait',
      played(sideBySide, first.confirm(), first.signOff('two'), first.end),
      answer('build', bob),
      ['Answered build.one for ops', again],
    ],
    [
      'to a phase that failed meanwhile is kept for the next attempt',
      played(sideBySide, first.confirm(), first.failed('two'), first.end),
      answer('build', bob),
      ['Answered build.one for ops'],
    ],
  ]);

  test('is kept with who, for whom, what and when', () => {
    const run = played(asked, answer('build', bob, 'one', '  it is up '));

    expect(run.phases.build?.steps.one?.answers).toEqual([
      { by: 'bob', group: 'ops', text: 'it is up', at: noon },
    ]);
  });
});

describe('settling a doubt', () => {
  const doubted = played(begun, first.doubt(), first.end);
  check([
    [
      'as done starts the phase again',
      doubted,
      settle('build', alice),
      ['DoubtSettled build.one done', again],
    ],
    [
      'as not done starts the phase again',
      doubted,
      settle('build', alice, 'again'),
      ['DoubtSettled build.one again', again],
    ],
    [
      'while the worker still runs is kept for it',
      played(begun, first.doubt()),
      settle('build', alice),
      ['DoubtSettled build.one done'],
    ],
    ['needs the right to deploy', doubted, settle('build', carol), 'refused: not-allowed'],
    ['needs a reason', doubted, settle('build', alice, 'done', ''), 'refused: reason-required'],
    [
      'comes too late after somebody else',
      played(doubted, settle('build', alice)),
      settle('build', bob, 'again'),
      'refused: already-decided',
    ],
    [
      'is not done where there is no doubt',
      played(begun, first.failed(), first.end),
      settle('build', alice),
      'refused: already-decided',
    ],
    [
      'is not done when the run is over',
      played(doubted, abort(alice)),
      settle('build', alice),
      'refused: run-finished',
    ],
  ]);

  test('is asked for anew when the next check cannot tell either', () => {
    const second = worker('build', 2, 2);

    const run = played(doubted, settle('build', alice, 'again'), second.begin, second.doubt(), second.end);

    expect(told(decide(run, settle('build', bob), noon))).toEqual([
      'DoubtSettled build.one done',
      'PhaseQueued build #3',
    ]);
  });
});
