import { describe, expect, test } from 'vitest';
import { bob, decided, minute, noon, opening, walkAfter } from './play-walk.ts';

const tick = { type: 'Tick', task: 't1', by: 'U0CAROL' } as const;

describe('opening a runbook', () => {
  test('twice is opening it once', () => {
    const first = walkAfter();

    expect(first).toMatchObject({ openedBy: 'U0ALICE', openedAt: noon, isWhole: false, ticks: {}, runs: {} });
    expect(decided(first, { ...opening, by: 'U0BOB' })).toEqual({ ok: true, events: [] });
  });

  test('comes before everything else', () => {
    const decision = decided(undefined, tick);

    expect(decision).toMatchObject({ ok: false, refusal: { code: 'walkthrough-unknown' } });
  });

  test('shows more once it is asked for', () => {
    const whole = walkAfter({ type: 'ShowWhole', by: 'U0BOB' });

    expect(whole.isWhole).toBe(true);
    expect(decided(whole, { type: 'ShowWhole', by: 'U0CAROL' })).toEqual({ ok: true, events: [] });
  });
});

describe('a task', () => {
  test('is ticked by a person at a time', () => {
    const { ticks } = walkAfter(tick);

    expect(ticks).toEqual({ t1: { by: 'U0CAROL', at: noon + minute } });
  });

  test('that somebody else ticks too stays whose it was, and says so', () => {
    const decision = decided(walkAfter(tick), { ...tick, by: 'U0BOB' });

    expect(decision).toEqual({
      ok: false,
      refusal: { code: 'already-decided', detail: 'Done by <@U0CAROL> at 2026-11-22 12:01 UTC.' },
    });
  });

  test('that is ticked twice by the same person stays as it is', () => {
    expect(decided(walkAfter(tick), tick)).toEqual({ ok: true, events: [] });
  });

  test('can be open again', () => {
    const open = walkAfter(tick, { type: 'Untick', task: 't1', by: 'U0BOB' });

    expect(open.ticks).toEqual({});
    expect(decided(open, { type: 'Untick', task: 't1', by: 'U0BOB' })).toEqual({ ok: true, events: [] });
  });

  test('is ticked by a finding', () => {
    const { ticks } = walkAfter({ ...tick, finding: '  /var is at 97 % ' });

    expect(ticks.t1).toEqual({
      by: 'U0CAROL',
      at: noon + minute,
      finding: '/var is at 97 %',
      findingBy: 'U0CAROL',
    });
  });

  test('keeps who did it when somebody else adds what they saw', () => {
    const { ticks } = walkAfter(tick, { ...tick, by: 'U0BOB', finding: 'and /home too' });

    expect(ticks.t1).toEqual({
      by: 'U0CAROL',
      at: noon + minute,
      finding: 'and /home too',
      findingBy: 'U0BOB',
    });
  });

  test('does not change for the same finding again', () => {
    const found = { ...tick, finding: 'full' };

    expect(decided(walkAfter(found), { ...found, by: 'U0BOB' })).toEqual({ ok: true, events: [] });
  });

  test('takes a thousand characters, and none that the record refuses', () => {
    const { ticks } = walkAfter({ ...tick, finding: `\u0000${'x'.repeat(999)}💾💾` });

    expect(ticks.t1?.finding).toHaveLength(1_000);
    expect(ticks.t1?.finding?.isWellFormed()).toBe(true);
    expect(ticks.t1?.finding).not.toContain('\u0000');
  });

  test.each([
    ['a tick', { type: 'Tick', task: 't9', by: 'U0BOB' }],
    ['a finding', { type: 'Tick', task: 's1', finding: 'x', by: 'U0BOB' }],
    ['an untick', { type: 'Untick', task: '__proto__', by: 'U0BOB' }],
    ['a remark', { type: 'Remark', part: 't9', text: 'x', by: 'U0BOB' }],
    ['a run', { type: 'Run', step: 's9', by: bob }],
    ['an approval', { type: 'Approve', step: 'constructor', number: 1, by: bob }],
  ] as const)('that the runbook has not is refused: %s', (_, command) => {
    expect(decided(walkAfter(), command)).toMatchObject({ ok: false, refusal: { code: 'nothing-waiting' } });
  });
});

describe('a remark', () => {
  test('is kept with its number, about a part or about the whole', () => {
    const { remarks, remarksSoFar } = walkAfter(
      { type: 'Remark', part: 's1', text: ' wrong table ', by: 'U0CAROL' },
      { type: 'Remark', text: 'too long', by: 'U0BOB' },
    );

    expect(remarks).toEqual([
      { number: 1, part: 's1', text: 'wrong table', by: 'U0CAROL', at: noon + minute },
      { number: 2, text: 'too long', by: 'U0BOB', at: noon + 2 * minute },
    ]);
    expect(remarksSoFar).toBe(2);
  });

  test('that is sent twice is one', () => {
    const remark = { type: 'Remark', text: 'too long', by: 'U0BOB' } as const;

    expect(decided(walkAfter(remark), remark)).toEqual({ ok: true, events: [] });
  });

  test('without words is refused', () => {
    const decision = decided(walkAfter(), { type: 'Remark', text: ' \n ', by: 'U0BOB' });

    expect(decision).toMatchObject({ ok: false, refusal: { code: 'reason-required' } });
  });

  test('pushes the oldest out of the state once there are twenty', () => {
    const many = Array.from({ length: 25 }, (_, index) => ({
      type: 'Remark' as const,
      text: `${index}`,
      by: 'U0BOB',
    }));

    const { remarks, remarksSoFar } = walkAfter(...many);

    expect([remarks.length, remarks[0]?.number, remarksSoFar]).toEqual([20, 6, 25]);
  });
});
