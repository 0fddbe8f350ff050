import { describe, expect, test } from 'vitest';
import {
  aboutAt,
  alice,
  bob,
  runThrough,
  start,
  untilAsked,
  untilFailed,
  untilRetried,
} from './sample-run.ts';
import { keys, shown } from './shown.ts';

type Run = Parameters<typeof shown>[1];

const evidence = {
  h2: [{ asked: 'create role app', of: 'db.internal:5432/app', answered: 'ERROR: ```permission denied' }],
};
const fail = runThrough(...untilFailed);

test('a run that failed at night reads so on its card and in its thread', () => {
  const about = aboutAt(15, { evidence, previous: 'v2.4.0' });

  const card = shown('card', fail, about);
  const failure = shown('failure.database', fail, about);

  expect(card.read).toBe(
    [
      '❌ Production · v2.4.1 · failed, needs a decision',
      '❌ *Database setup* failed at *The role exists*: Role app lacks CREATEROLE on db.internal:5432. &lt;!channel&gt;',
      '`█████░░░░░░░░░░░░░░░` 1/4 steps · 25%',
      'Since 2026-11-22 02:50 UTC · estimate 10 min',
      '❌ *Database setup* · 1/2, 1 failed · 1 min',
      '⚪ *Manual checks*',
      '⚪ *Smoke tests*',
      'Asked by <@UALICE>, 2026-11-22 02:50 UTC · Before: `v2.4.0` · The shop · run `run-42`',
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

  const about = aboutAt(20, { cannotUndo: ['An e-mail was sent'] });
  const undoes = { run: 'run-41', evidence: [] };
  const phases = about.plan.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => (step.title === 'The role exists' ? { ...step, undoes } : step)),
  }));

  const end = shown('end', run, { ...about, plan: { ...about.plan, phases } });
  const withoutUndo = shown('end', run, about);

  expect(end.read).toContain('✅ *rolled back*');
  expect(withoutUndo.read).not.toContain('Taken back');
  expect(end.read).toContain('*Taken back*\n↩️ The role exists');
  expect(end.read).toContain('*No undo of its own*\n⚠️ An e-mail was sent');
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

test('a step that was found changed since an earlier run says so in its phase, with what was found', () => {
  const drift = { since: 'production-41', because: 'The role may *log in*, wanted is not.' };
  const found = runThrough(
    ...untilFailed.slice(0, 4),
    [4, { type: 'Changed', phase: 'database', fence: 1, step: 'role', evidence: 'h2', ms: 900, drift }],
    [4, { type: 'End', phase: 'database', fence: 1 }],
  );

  const { read } = shown('phase.database', found, aboutAt(5));

  expect(read).toContain(
    '✅ The role exists · changed · 0.9 s · drift, found changed since `production-41`: The role may ∗log in∗, wanted is not.',
  );
});

test('a version that was looked up is shown with its commit, and its image on the card', () => {
  const looked = { ...fail, commit: '1a2b3c4d'.repeat(5), image: `sha256:${'5e6f'.repeat(16)}` };

  const card = shown('card', looked, aboutAt(15));
  const gate = shown('gate.database', looked, aboutAt(15));

  expect(card.read).toContain('❌ Production · v2.4.1 (1a2b3c4) · failed');
  expect(card.read).toContain('Image `sha256:5e6f5e6f5e6f` · The shop');
  expect(gate.read).toContain('of v2.4.1 (1a2b3c4) on Production');
});
