import { describe, expect, test } from 'vitest';
import type { Outcome, WalkthroughCommand } from '../../src/walkthroughs/commands.ts';
import { walkthroughJobs } from '../../src/walkthroughs/jobs.ts';
import { alice, bob, carol, decided, minute, noon, opening, run, walkAfter } from './play-walk.ts';

const approve = { type: 'Approve', step: 's2', number: 1, by: bob } as const;
const decline = { type: 'Decline', step: 's2', number: 1, by: bob } as const;
const begin = (step: string, number = 1): WalkthroughCommand => ({ type: 'Begin', step, number });
const report = (step: string, attempt: number, outcome: Outcome, number = 1): WalkthroughCommand => ({
  type: 'Report',
  step,
  number,
  attempt,
  ...outcome,
});
const satisfied: Outcome = { outcome: 'satisfied', evidence: 'a'.repeat(64) };
const changed: Outcome = { outcome: 'changed', evidence: 'b'.repeat(64) };
const failed: Outcome = { outcome: 'failed', code: 'timed-out', because: 'No answer.' };
const applying: Outcome = { outcome: 'applying' };

describe('running a step', () => {
  test('that only looks is queued at once', () => {
    const walk = walkAfter(run('s1'));

    expect(walk.runs.s1).toEqual({
      number: 1,
      attempt: 0,
      status: 'queued',
      by: 'U0CAROL',
      at: noon + minute,
    });
    expect(walkthroughJobs(walk)).toEqual([
      {
        id: 'walk-0123456789abcdef.s1.1',
        queue: 'phases',
        name: 'walk-step',
        data: { walkthrough: 'walk-0123456789abcdef', step: 's1', number: 1 },
      },
    ]);
  });

  test('that changes something waits for a second person', () => {
    const walk = walkAfter(run('s2'));

    expect(walk.runs.s2?.status).toBe('asked');
    expect(walkthroughJobs(walk)).toEqual([]);
  });

  test('goes on once a second person has agreed', () => {
    const walk = walkAfter(run('s2'), approve);

    expect(walk.runs.s2).toMatchObject({
      status: 'queued',
      by: 'U0CAROL',
      decidedBy: 'U0BOB',
      decidedAt: noon + 2 * minute,
    });
    expect(walkthroughJobs(walk)).toHaveLength(1);
  });

  test('ends when a second person says no', () => {
    const walk = walkAfter(run('s2'), decline);

    expect(walk.runs.s2).toMatchObject({
      status: 'declined',
      decidedBy: 'U0BOB',
      endedAt: noon + 2 * minute,
    });
    expect(walkthroughJobs(walk)).toEqual([]);
  });

  test('can be taken back by whoever asked, who may have lost the right since', () => {
    const walk = walkAfter(run('s2'), { ...decline, by: { ...carol, mayRun: false } });

    expect(walk.runs.s2).toMatchObject({ status: 'declined', decidedBy: 'U0CAROL' });
  });

  test.each<[string, readonly WalkthroughCommand[], WalkthroughCommand, string, string]>([
    ['without the right', [], run('s1', alice), 'not-allowed', 'needs the right'],
    ['that this Slipway cannot run', [], run('s3'), 'step-not-runnable', 'There is no step host/magic.'],
    ['that is asked for already', [run('s2')], run('s2', bob), 'already-decided', 'Asked for by <@U0CAROL>'],
    ['that is queued', [run('s1')], run('s1', bob), 'already-decided', 'Started by <@U0CAROL>'],
    ['that runs', [run('s1'), begin('s1')], run('s1', bob), 'already-decided', 'still at work'],
    ['approved by whoever asked', [run('s2')], { ...approve, by: carol }, 'own-step', ''],
    ['approved without the right', [run('s2')], { ...approve, by: alice }, 'not-allowed', 'needs the right'],
    ['declined without the right', [run('s2')], { ...decline, by: alice }, 'not-allowed', 'needs the right'],
    [
      'approved twice',
      [run('s2'), approve],
      approve,
      'already-decided',
      'Approved by <@U0BOB> at 2026-11-22 12:02',
    ],
    [
      'declined after it was approved',
      [run('s2'), approve],
      decline,
      'already-decided',
      'Approved by <@U0BOB>',
    ],
    [
      'approved after it was declined',
      [run('s2'), decline],
      approve,
      'already-decided',
      'Declined by <@U0BOB>',
    ],
    [
      'approved under an old button',
      [run('s2'), decline, run('s2')],
      approve,
      'already-decided',
      'again since',
    ],
    ['approved though nobody asked', [], approve, 'nothing-waiting', 'Nobody has asked'],
    [
      'approved though it needs nobody',
      [run('s1')],
      { ...approve, step: 's1' },
      'nothing-waiting',
      'needs nobody',
    ],
    ['begun before it is approved', [run('s2')], begin('s2'), 'nothing-waiting', 'over'],
    ['begun under an old number', [run('s1')], begin('s1', 2), 'nothing-waiting', 'over'],
  ])('is refused when it is one %s', (_, before, command, code, detail) => {
    const decision = decided(walkAfter(...before), command);

    expect(decision).toMatchObject({ ok: false, refusal: { code } });
    expect(!decision.ok && decision.refusal.detail).toContain(detail);
  });

  test('is refused where the runbook was opened for no environment', () => {
    const { environment: _, ...nowhere } = opening;
    const opened = decided(undefined, nowhere);
    if (!opened.ok) throw new Error('not opened');

    const { environment: __, ...walk } = walkAfter();
    const decision = decided(walk, run('s1'));

    expect(decision).toMatchObject({ ok: false, refusal: { code: 'step-not-runnable' } });
  });
});

describe('a worker', () => {
  test('tells how it ended, with its evidence', () => {
    const walk = walkAfter(run('s1'), begin('s1'), report('s1', 1, satisfied));

    expect(walk.runs.s1).toMatchObject({
      status: 'satisfied',
      attempt: 1,
      evidence: 'a'.repeat(64),
      endedAt: noon + 3 * minute,
    });
    expect(walkthroughJobs(walk)).toEqual([]);
  });

  test('that failed says why, and the next run is the next number', () => {
    const walk = walkAfter(run('s1'), begin('s1'), report('s1', 1, failed), run('s1', bob));

    expect(walk.runs.s1).toEqual({
      number: 2,
      attempt: 0,
      status: 'queued',
      by: 'U0BOB',
      at: noon + 4 * minute,
    });
  });

  test('that has lost the run to another is not heard', () => {
    const walk = walkAfter(run('s1'), begin('s1'), begin('s1'));

    expect(walk.runs.s1?.attempt).toBe(2);
    expect(decided(walk, report('s1', 1, satisfied))).toMatchObject({
      ok: false,
      refusal: { code: 'fenced' },
    });
    expect(decided(walk, report('s1', 2, satisfied))).toMatchObject({ ok: true });
  });

  test('of an earlier run is not heard', () => {
    const walk = walkAfter(run('s1'), begin('s1'), report('s1', 1, failed), run('s1'), begin('s1', 2));

    expect(decided(walk, report('s1', 1, satisfied))).toMatchObject({
      ok: false,
      refusal: { code: 'fenced' },
    });
  });

  test('that says the same once more changes nothing', () => {
    const walk = walkAfter(run('s1'), begin('s1'), report('s1', 1, satisfied));

    expect(decided(walk, report('s1', 1, satisfied))).toEqual({ ok: true, events: [] });
  });

  test('says before it changes anything that it does, and what is in doubt stays so for the next one', () => {
    const walk = walkAfter(run('s2'), approve, begin('s2'), report('s2', 1, applying), begin('s2'));

    expect(walk.runs.s2).toMatchObject({ status: 'applying', attempt: 2 });
    expect(walkthroughJobs(walk)).toHaveLength(1);
  });

  test('that cannot tell leaves the doubt to people, who may run it again with a second person', () => {
    const doubt: Outcome = {
      outcome: 'in-doubt',
      because: 'Only running it tells.',
      evidence: 'c'.repeat(64),
    };
    const walk = walkAfter(
      ...[run('s2'), approve, begin('s2'), report('s2', 1, applying), begin('s2')],
      ...[report('s2', 2, doubt), run('s2', bob)],
    );

    expect(walk.runs.s2).toMatchObject({ number: 2, status: 'asked', by: 'U0BOB' });
  });

  test('changes nothing in a step that was opened as one that only looks', () => {
    const decision = decided(walkAfter(run('s1'), begin('s1')), report('s1', 1, applying));

    expect(decision).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
  });

  test('that never began is not heard', () => {
    const decision = decided(walkAfter(run('s2'), approve), report('s2', 0, changed));

    expect(decision).toMatchObject({ ok: false, refusal: { code: 'fenced' } });
  });
});
