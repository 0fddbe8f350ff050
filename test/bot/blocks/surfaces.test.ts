import { describe, expect, test } from 'vitest';
import { surfacesOf } from '../../../src/bot/blocks/surfaces.ts';
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
  untilRetried,
  what,
} from './sample-run.ts';
import { buttonsOf, textOf, valuesOf } from './text-of.ts';

type Run = Parameters<typeof surfacesOf>[0];
type About = Parameters<typeof surfacesOf>[1];

function shown(key: string, run: Run, about: About) {
  const surface = surfacesOf(run, about).find((one) => one.key === key);
  if (surface === undefined) throw new Error(`there is no ${key}`);
  return { ...surface, read: textOf(surface.blocks), buttons: buttonsOf(surface.blocks) };
}

const keys = (run: Run, about: About) => surfacesOf(run, about).map(({ key }) => key);
const evidence = {
  h2: [{ asked: 'create role app', of: 'db.internal:5432/app', answered: 'ERROR: ```permission denied' }],
};
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

test('a run that failed at night reads so on its card and in its thread', () => {
  const about = aboutAt(15, { evidence, previous: 'v2.4.0' });

  const card = shown('card', fail, about);
  const failure = shown('failure.database', fail, about);

  expect(card.read).toBe(
    [
      '❌ Production · v2.4.1 · failed, needs a decision',
      '❌ *Database setup* failed at *The role exists*: Role app lacks CREATEROLE on db.internal:5432. &lt;!channel&gt;',
      '`█████░░░░░░░░░░░░░░░` 1/4 steps · 25%',
      'Elapsed 15 min · estimate 10 min · ⚠️ 5 min over',
      '❌ *Database setup* · 1/2, 1 failed · 1 min',
      '⚪ *Manual checks*',
      '⚪ *Smoke tests*',
      'Asked by <@UALICE>, 2026-11-22 02:50 UTC | Before: `v2.4.0` | The shop · run `run-42`',
      '[Plan] [Abort] [Roll back]',
    ].join('\n'),
  );
  expect(failure.read).toBe(
    [
      '❌ *Database setup* failed',
      'v2.4.1 on Production',
      '*The role exists*',
      'The account lacks a right that this step needs. Role app lacks CREATEROLE on db.internal:5432. &lt;!channel&gt;',
      '`create role app` of db.internal:5432/app',
      '```',
      'ERROR: ˋˋˋpermission denied',
      '```',
      '[Retry] [Skip] [Roll back] [Details]',
    ].join('\n'),
  );
});

test('a notification says in one line what is wrong', () => {
  const { text } = shown('card', fail, aboutAt(15));

  expect(text).toBe(
    '❌ Production · v2.4.1 · failed, needs a decision – Database setup failed at The role exists: ' +
      'Role app lacks CREATEROLE on db.internal:5432. &lt;!channel&gt;',
  );
});

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

describe('a failure', () => {
  test('that was retried stays and says so, without buttons', () => {
    const failure = shown('failure.database', runThrough(...untilRetried), aboutAt(7));

    expect(failure.read).toContain('✅ *Database setup* had failed, then succeeded on retry');
    expect(failure.buttons).toEqual([]);
  });

  test('that was skipped names who skipped and why', () => {
    const run = runThrough(...untilFailed, [
      5,
      { type: 'Skip', phase: 'database', step: 'role', reason: 'Made by hand', by: alice },
    ]);

    const failure = shown('failure.database', run, aboutAt(7));
    const phase = shown('phase.database', run, aboutAt(7));

    expect(failure.read).toContain('⏭️ The role exists · skipped by <@UALICE>: Made by hand');
    expect(failure.buttons).toEqual([]);
    expect(phase.read).toContain('⏭️ The role exists · skipped by <@UALICE>: Made by hand');
  });

  test('of a phase that may fail lets the rest go on and is no alarm', () => {
    const run = runThrough(...untilAsked);

    const failure = shown('failure.smoke', run, aboutAt(12));
    const card = shown('card', run, aboutAt(12));

    expect(failure.read).toContain('⚠️ *Smoke tests* failed, the rest goes on');
    expect(card.read.split('\n').slice(0, 3)).toEqual([
      '🟠 Production · v2.4.1 · waiting for people',
      '🟠 *Manual checks* · *Someone looks* waits for an answer from on-call',
      '⚠️ *Smoke tests* failed at *The home page loads*: Status 503, wanted 200.',
    ]);
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

describe('the card', () => {
  test('has only buttons that can work', () => {
    const atTheGate = shown('card', runThrough(), aboutAt(1));
    const stopping = shown(
      'card',
      runThrough(...untilFailed.slice(0, 4), [5, { type: 'Abort', reason: 'no', by: alice }]),
      aboutAt(6),
    );
    const aborted = shown(
      'card',
      runThrough(...untilFailed, [5, { type: 'Abort', reason: 'no', by: alice }]),
      aboutAt(6),
    );
    const takenBack = shown(
      'card',
      runThrough(...untilFailed, [5, { type: 'RollBack', reason: 'no', rollback: 'run-43', by: bob }]),
      aboutAt(6),
    );

    expect(atTheGate.buttons).toEqual(['Plan', 'Abort']);
    expect(stopping.buttons).toEqual(['Plan']);
    expect(aborted.buttons).toEqual(['Plan', 'Roll back']);
    expect(takenBack.buttons).toEqual(['Plan']);
    expect(takenBack.read).toContain('Roll back asked for by <@UBOB>: no · taken back by run-43');
  });

  test('is not drawn anew for every second that passes', () => {
    const run = runThrough(...untilFailed.slice(0, 4));

    const [now, soon, later] = [3.51, 3.6, 3.7].map((minutes) => shown('card', run, aboutAt(minutes)).read);

    expect(soon).toBe(now);
    expect(later).not.toBe(now);
  });

  test('of a rollback says what it takes back, how bad it is, and what it waits for', () => {
    const preparing: Run = {
      ...runThrough(),
      id: 'run-43',
      kind: 'rollback',
      status: 'preparing',
      of: 'run-42',
      severity: 'high',
      reason: 'Shop is down',
      outline: [],
      phases: {},
    };

    const card = shown('card', preparing, aboutAt(1));

    expect(card.read).toContain('⏰ Production · rollback of run-42 · preparing');
    expect(card.read).toContain('⏰ Waits until run-42 has stopped, then starts by itself');
    expect(card.read).toContain('Severity high: Shop is down');
    expect(card.buttons).toEqual(['Abort']);
  });
});

test('a run that has ended is summed up in its thread', () => {
  const run = runThrough(...untilRetried, [9, { type: 'Abort', reason: 'Enough', by: alice }]);

  const end = shown('end', run, aboutAt(20));

  expect(end.read).toBe(
    [
      '⏹️ *aborted* after 9 min · v2.4.1 on Production',
      'By <@UALICE>: Enough',
      '4 steps: 1 already as wanted · 1 changed · 0 skipped · 0 failed · 2 not run',
    ].join('\n'),
  );
});

test('a rollback is summed up with what was taken back and what could not be', () => {
  const forward = runThrough(...untilRetried);
  const run: Run = {
    ...forward,
    kind: 'rollback',
    of: 'run-41',
    status: 'ended',
    outcome: 'succeeded',
    endedAt: start,
  };

  const end = shown('end', run, aboutAt(20, { cannotUndo: ['An e-mail was sent'] }));

  expect(end.read).toContain('✅ *rolled back*');
  expect(end.read).toContain('*Taken back*\n↩️ The role exists');
  expect(end.read).toContain('*Could not be taken back*\n⚠️ An e-mail was sent');
});

test('messages come in the order in which people meet them', () => {
  const all = keys(runThrough(...untilAsked), aboutAt(12));

  expect(all).toEqual([
    'card',
    'gate.database',
    'phase.database',
    'failure.database',
    'phase.people',
    'ask.people.look',
    'phase.smoke',
    'failure.smoke',
  ]);
});
