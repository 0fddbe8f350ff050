import { describe, expect, test } from 'vitest';
import { Plan } from '../../../src/deploy/plan.ts';
import {
  aboutAt,
  alice,
  bob,
  carol,
  outlineOf,
  plan,
  runThrough,
  start,
  untilAsked,
  untilFailed,
  what,
} from './sample-run.ts';
import { keys, shown } from './shown.ts';
import { valuesOf } from './text-of.ts';

type Run = Parameters<typeof shown>[1];

const fail = runThrough(...untilFailed);
const settleDoubt = [
  ...untilFailed.slice(0, 4),
  [4, { type: 'BeginApply', phase: 'database', fence: 1, step: 'role' }],
  [5, { type: 'Begin', phase: 'database', attempt: 1, worker: 'w2' }],
] as const;
const doubt = [
  ...settleDoubt,
  [
    5,
    {
      type: 'Doubt',
      phase: 'database',
      fence: 2,
      step: 'role',
      because: 'Half a role.',
      evidence: 'h9',
      ms: 5,
    },
  ],
  [5, { type: 'End', phase: 'database', fence: 2 }],
] as const;

describe('a gate', () => {
  const open = runThrough(...untilFailed.slice(0, 1));

  test('says who must approve, who has, what will run, and carries the digest', () => {
    const gate = shown('gate.database', open, aboutAt(2));

    expect(gate.urgent).toBe(true);
    expect(gate.read.split('\n')).toEqual([
      '🟠 *Approval needed* · 1 of 2',
      '*Database setup* of v2.4.1 on Production',
      'Needs 2 from approvers',
      '✅ <@UBOB> · approvers · 2026-11-22 02:51 UTC',
      'Will run 2 steps:',
      '• PostgreSQL answers',
      '• The role exists',
      'What runs: `d16e57d16e57` | Expires 2026-11-22 03:50 UTC | <@UALICE> asked and cannot approve',
      '[Approve] [Reject]',
    ]);
    expect(valuesOf(gate.blocks).Approve).toEqual({ run: 'run-42', phase: 'database', digest: what.digest });
  });

  test('says why approvals are void and counts none of them', () => {
    const changes = ['parameter POSTGRES_URL changed'];
    const run = runThrough(...untilFailed.slice(0, 1), [
      2,
      { type: 'Revise', by: alice, changes, ...what, digest: 'new' },
    ]);

    const gate = shown('gate.database', run, aboutAt(3));

    expect(gate.read).toContain('⚠️ Approvals so far are void: parameter POSTGRES_URL changed');
    expect(gate.read).toContain('0 of 2');
    expect(valuesOf(gate.blocks).Approve).toMatchObject({ digest: 'new' });
  });

  test('has no buttons once it is approved, and names who did', () => {
    const gate = shown('gate.database', fail, aboutAt(15));

    expect(gate.read).toContain('✅ *Approved* by <@UBOB>, <@UCAROL>, 2026-11-22 02:52 UTC');
    expect(gate.buttons).toEqual([]);
  });

  test('says who rejected it and why', () => {
    const run = runThrough([
      1,
      { type: 'Reject', phase: 'database', digest: what.digest, reason: 'Not *tonight*', by: bob },
    ]);

    const gate = shown('gate.database', run, aboutAt(2));

    expect(gate.read).toContain('🚫 *Rejected* by <@UBOB>, 2026-11-22 02:51 UTC\n> Not ∗tonight∗');
    expect(gate.buttons).toEqual([]);
  });

  test('offers to ask again when it has expired', () => {
    const run = runThrough([61, { type: 'Expire', phase: 'database', openedAt: start }]);

    const gate = shown('gate.database', run, aboutAt(62));

    expect(gate.buttons).toEqual(['Ask again']);
  });

  test('says for several groups which is still wanted', () => {
    const two = Plan.parse({
      ...plan,
      phases: [
        { ...plan.phases[2], needs: [], gate: { approvals: { approvers: 1, security: 1 }, expires: '1h' } },
      ],
      rollback: {},
      watch: undefined,
    });
    const run = { ...open, outline: outlineOf(two), phases: { smoke: { ...open.phases.database } } } as Run;

    const gate = shown('gate.smoke', run, aboutAt(2, { plan: two }));

    expect(gate.read).toContain('🟠 *Approval needed* · 1 of 2');
    expect(gate.read).toContain('Needs 1 from approvers, 1 from security · still wanted: security');
  });
});

describe('a question', () => {
  test('shows its prompt, whom it asks, and a button', () => {
    const ask = shown('ask.people.look', runThrough(...untilAsked), aboutAt(12));

    expect(ask.read).toContain('> Does the shop look right?\n> See the ∗cart∗ too.');
    expect(ask.read).toContain('One answer from on-call');
    expect(ask.buttons).toEqual(['Confirm', 'Skip']);
  });

  test('that is answered shows by whom and has no button', () => {
    const run = runThrough(...untilAsked, [
      13,
      { type: 'Answer', phase: 'people', step: 'look', text: 'Looks fine', by: carol },
    ]);

    const ask = shown('ask.people.look', run, aboutAt(14));

    expect(ask.read).toContain('✅ <@UCAROL> · on-call · 2026-11-22 03:03 UTC: Looks fine');
    expect(ask.buttons).toEqual([]);
  });
});

describe('a doubt', () => {
  test('is not put to people while the worker that took over may still find out', () => {
    const all = keys(runThrough(...settleDoubt), aboutAt(6));

    expect(all).not.toContain('doubt.database.role');
  });

  test('is put to people when the check cannot tell', () => {
    const card = shown('doubt.database.role', runThrough(...doubt), aboutAt(6));

    expect(card.read).toContain('Half a role.');
    expect(card.buttons).toEqual(['It was done', 'Run it again', 'Skip', 'Details']);
    expect(valuesOf(card.blocks)['It was done']).toMatchObject({ step: 'role', verdict: 'done' });
  });

  test('that is settled stays and says by whom', () => {
    const run = runThrough(
      ...doubt,
      [
        7,
        { type: 'Settle', phase: 'database', step: 'role', verdict: 'done', reason: 'I saw it.', by: alice },
      ],
      [8, { type: 'Begin', phase: 'database', attempt: 2, worker: 'w2' }],
      [8, { type: 'Satisfied', phase: 'database', fence: 3, step: 'role', evidence: 'h10', ms: 5 }],
    );

    const card = shown('doubt.database.role', run, aboutAt(9));

    expect(card.read).toContain('✅ *Settled* by <@UALICE> · *The role exists*\n> I saw it.');
    expect(card.buttons).toEqual([]);
    expect(keys(run, aboutAt(9))).not.toContain('failure.database');
  });
});
