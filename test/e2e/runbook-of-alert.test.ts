import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Element, Message } from '../../rehearsal/slack/screen.ts';
import { type RedisServer, startRedis } from '../../rehearsal/world/redis.ts';
import type { StepRun, Walkthrough } from '../../src/walkthroughs/walkthrough.ts';
import { type Program, program } from '../cli/program.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { read, submit } from './acting.ts';
import { type AlertWebhooks, alertsChannel, alertsChannelId, alertWebhooks } from './alert-webhooks.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';
import { startTarget, type Target } from './target.ts';

const password = 'swordfish-of-ops';
const patient = { timeoutMs: 60_000 };

/** A runbook for slow answers: two tasks and a look at the database, then a deed, then a look that takes its time. */
const runbook = (target: string) => `---
title: Answers are slow
alerts: [Slow]
severity: high
owner: oncall
reviewed: 2026-11-22
tags: [latency]
---
## Meaning

The answers of {{ labels.instance }} take too long.

## Impact

People wait.

## Diagnosis

- [ ] Is the database well?

\`\`\`yaml step
title: The word is known
uses: postgres/query
with:
  url: "\${DATABASE}"
  sql: "select 'the word is ' || reverse('spo-fo-hsifdrows')"
  expect: { rows: 1 }
\`\`\`

- [ ] Is it slow for {{ labels.customer }} alone?

## Mitigation

\`\`\`yaml step
title: The cache is emptied
uses: http/request
with: { url: "${target}/flush", method: POST }
\`\`\`

\`\`\`yaml step
title: It answers again
uses: http/request
with: { url: "${target}/slow" }
\`\`\`

## Escalation

Call somebody.
`;

describeWith(['local-slack', 'redis-server'], "an alert's runbook in its thread", () => {
  let dir: string;
  let redis: RedisServer | undefined;
  let target: Target;
  let webhooks: AlertWebhooks;
  let slipway: Slipway;
  let here: Program;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-runbook-'));
    redis = await startRedis({ dir });
    target = await startTarget();
    here = await program();
    webhooks = await alertWebhooks({
      routes: [{ name: 'all', channel: alertsChannelId, environment: 'production' }],
    });
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      alerts: webhooks.section,
      incidents: { may: { declare: ['oncall'], respond: ['oncall'], run: ['oncall', 'approvers'] } },
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0CAROL'] },
      runbooks: { 'slow-answers': runbook(target.url) },
      secrets: { ...webhooks.secrets, PASSWORD: password, DATABASE: 'postgres://nowhere' },
      ...(redis !== undefined && { redisUrl: redis.url }),
      lease: '30s',
    });
    await slipway.restart({ TEST_DATABASE: slipway.database.url });
  });

  afterAll(async () => {
    await slipway?.stop();
    await target?.stop();
    await here?.remove();
    await redis?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const walkthroughs = async () =>
    (
      await slipway.pool.query<{ state: Walkthrough }>("select state from streams where kind = 'walkthrough'")
    ).rows.map(({ state }) => state);

  const walkthrough = () => eventually('the runbook is open', async () => (await walkthroughs())[0]);

  const runThat = (step: string, looks: (run: StepRun) => boolean) =>
    eventually(`the awaited run of ${step}`, async () => {
      const run = (await walkthroughs())[0]?.runs[step];
      return run !== undefined && looks(run) && run;
    });

  const shownInThread = (what: string, looks: (message: Message) => boolean) =>
    slipway.people.waitForMessage(
      alertsChannel,
      (message) => message.thread_ts !== undefined && message.ephemeral_to === undefined && looks(message),
      { ...patient, what },
    );

  /** Presses the button of an action that is about a task or step, wherever in the thread it is. */
  const press = async (user: string, action: string, part?: string): Promise<void> => {
    const message = await shownInThread(
      `${action} of ${part}`,
      (one) => narrowed(one, action, part) !== undefined,
    );
    const narrow = narrowed(message, action, part);
    if (narrow === undefined) throw new Error('it has just gone');
    await slipway.people.click(user, ...narrow);
  };

  const told = (user: string, text: string) =>
    slipway.people.waitForEphemeral(user, (message) => read(message).includes(text), {
      ...patient,
      what: text,
    });

  test('opens once, is ticked and run by those who may, and goes on after a restart', {
    timeout: 300_000,
  }, async () => {
    const { people, pool, workspace } = slipway;
    const hostile = 'db-1 <!channel> *bold* `reboot` \u202Egnp';
    await webhooks.send('Slow', { labels: { customer: hostile } });
    const alert = await people.waitForMessage(
      alertsChannel,
      (message) => message.thread_ts === undefined && people.buttons(message).includes('Runbook'),
      patient,
    );

    // Opened once, in the thread.
    await people.click('alice', alert, 'Runbook');
    const first = await shownInThread('its meaning', (message) => read(message).includes('take too long'));
    await people.click('carol', alert, 'Runbook');
    await told('carol', 'open already');

    expect(first.thread_ts).toBe(alert.ts);
    expect(read(first)).toContain('host-0');
    expect(await walkthroughs()).toMatchObject([
      { runbook: { name: 'slow-answers' }, openedBy: 'U0ALICE', environment: 'production' },
    ]);

    // The rest on More, with the labels as text that does nothing.
    await press('alice', 'walk.more');
    await shownInThread('the cache', (message) => read(message).includes('The cache is emptied'));
    const all = people.messages(alertsChannel).map(read).join('\n');
    expect(all).not.toContain('<!channel>');
    expect(all).not.toContain('\u202E');

    // Ticked by the first one, who adds what they saw.
    await press('alice', 'walk.tick', 't1');
    await eventually('it is ticked', async () => (await walkthrough()).ticks.t1);
    const stale = narrowed(first, 'walk.tick', 't1');
    if (stale === undefined) throw new Error('nothing to press was there at first');
    await people.click('bob', ...stale);
    await told('bob', 'Done by <@U0ALICE>');
    await press('bob', 'walk.finding', 't2');
    await people.waitForModal(patient);
    await submit(people, 'bob', { finding: 'only for them' });
    const found = await eventually('the finding', async () => (await walkthrough()).ticks.t2);
    expect(found).toMatchObject({ by: 'U0BOB', finding: 'only for them' });
    await shownInThread('the finding', (message) => read(message).includes('only for them'));

    // Run by those who may, without the secret in what comes back.
    await press('alice', 'walk.run', 's1');
    await told('alice', 'Who may: oncall, approvers');
    await press('carol', 'walk.run', 's1');
    const looked = await runThat('s1', ({ endedAt }) => endedAt !== undefined);
    expect(looked).toMatchObject({ status: 'satisfied', by: 'U0CAROL' });
    await press('alice', 'walk.evidence', 's1');
    const output = await people.waitForModal(patient);
    expect(read(output)).toContain('the word is [secret PASSWORD]');
    await people.closeModal('alice');

    // What changes something needs a second person.
    await press('carol', 'walk.run', 's2');
    await runThat('s2', ({ status }) => status === 'asked');
    await press('carol', 'walk.approve-step', 's2');
    await told('carol', 'somebody else must agree');
    expect(target.asked).not.toContain('POST /flush');
    await press('bob', 'walk.approve-step', 's2');
    const done = await runThat('s2', ({ endedAt }) => endedAt !== undefined);
    expect(done).toMatchObject({ status: 'changed', by: 'U0CAROL', decidedBy: 'U0BOB' });
    expect(target.asked.filter((one) => one === 'POST /flush')).toHaveLength(1);

    // What was wrong is kept for the owner.
    await press('carol', 'walk.remark');
    await people.waitForModal(patient);
    await submit(people, 'carol', { part: 's2', text: 'It is called purge now' });
    await told('carol', 'noted for the owner');
    expect((await walkthrough()).remarks).toMatchObject([{ part: 's2', text: 'It is called purge now' }]);

    // A run in flight when the bot is restarted and the queue lost goes on.
    target.say('/slow', 'hang');
    await press('bob', 'walk.run', 's3');
    await eventually('it looks', () => target.hanging().includes('/slow'));
    if (redis !== undefined) await flushed(redis);
    const restarted = slipway.restart();
    target.say('/slow', { status: 200, text: 'fine' });
    await restarted;
    const again = await runThat('s3', ({ endedAt }) => endedAt !== undefined);
    expect(again).toMatchObject({ status: 'satisfied', attempt: 2, by: 'U0BOB' });
    await eventually('all of it is shown', async () => {
      const { rowCount } = await pool.query('select id from streams where drawn < version');
      return rowCount === 0;
    });

    const verified = await here.slipway(['audit', 'verify'], slipway.env);
    await pool.query(
      `update streams set state = jsonb_set(state, '{openedBy}', '"U0BOB"') where kind = 'walkthrough'`,
    );
    const forged = await here.slipway(['audit', 'verify'], slipway.env);
    const shown = JSON.stringify([people.messages(alertsChannel), await walkthroughs()]);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('nothing was changed') });
    expect(forged).toMatchObject({
      code: 2,
      out: expect.stringContaining('its state is not what its events'),
    });
    expect(shown).not.toContain(password);
    expect(await walkthroughs()).toHaveLength(1);
    expect(workspace.gateway.violations).toEqual([]);
  });
});

async function flushed({ url }: RedisServer): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

/** A message with nothing but the button of an action that is about a part of the runbook, and the button's id. */
function narrowed(message: Message, action: string, part?: string): [Message, string] | undefined {
  for (const block of message.blocks ?? []) {
    const elements: readonly Element[] = Array.isArray(block.elements) ? block.elements : [];
    const element = [...elements, ...(block.accessory === undefined ? [] : [block.accessory])].find(
      ({ action_id = '', value = '' }) =>
        action_id.split(':')[0] === action && (part === undefined || value.includes(`"part":"${part}"`)),
    );
    if (element?.action_id === undefined) continue;
    const { accessory: _, ...rest } = block;
    return [{ ...message, blocks: [{ ...rest, type: 'actions', elements: [element] }] }, element.action_id];
  }
  return undefined;
}
