import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { type AlertWebhooks, alertsChannel, alertWebhooks } from './alert-webhooks.ts';
import { confirms, phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'alerts and deployments', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;

  afterEach(async () => {
    await slipway?.stop();
    await target?.stop();
    slipway = target = undefined;
  });

  /** A deployment that has changed something and waits for an answer before it goes live. */
  async function atTheQuestion(more: Readonly<Record<string, unknown>> = {}) {
    target = await startTarget();
    const plan = planOf(
      [
        phase('setup', 'Setup', [posts(`${target.url}/setup`)]),
        phase('looked', 'Somebody looks', [confirms()], { needs: ['setup'] }),
        phase('live', 'Go-live', [posts(`${target.url}/live`)], { needs: ['looked'] }),
      ],
      { rollback: { critical: { phases: [phase('back', 'Back', [posts(`${target.url}/back`)])] } }, ...more },
    );
    const webhooks = await alertWebhooks();
    slipway = await startSlipway({ plan, alerts: sectionOf(webhooks), secrets: webhooks.secrets });
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v2');
    await crew.offered('Confirm');
    return { slipway, crew, target, send: webhooks.send };
  }

  const sectionOf = ({ section }: AlertWebhooks) => ({
    ...(section as Readonly<Record<string, unknown>>),
    routes: [{ name: 'all', channel: 'C0ALERTS', environment: 'production' }],
  });

  const alert = (running: Slipway, ...texts: readonly string[]) =>
    running.people.waitForMessage(
      alertsChannel,
      (message) => texts.every((text) => read(message).includes(text)),
      { timeoutMs: 30_000, what: `an alert with ${texts.join(', ')}` },
    );

  test('an alert says what was deployed just before, stands on its card, and offers to take it back', async () => {
    const { slipway, crew, send } = await atTheQuestion();

    await send('ErrorRate');
    const message = await alert(slipway, 'ErrorRate', 'reached *Setup*');
    const card = await crew.card('ErrorRate', 'fires here', 'after Setup');
    await slipway.people.click('carol', message, 'Roll back v2');
    const dialogue = await slipway.people.waitForModal({ timeoutMs: 30_000 });
    await slipway.people.closeModal('carol');
    await send('ErrorRate', { status: 'resolved' });
    const over = await crew.card('ErrorRate', 'it is over');

    expect(read(message)).toContain('<@U0ALICE>');
    expect(slipway.people.buttons(card)).not.toContain('Continue');
    expect(JSON.stringify(dialogue)).toContain('v2');
    expect(read(over)).not.toContain('fires here');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('a critical one lets no further phase begin where the plan says so, until somebody says why it may', async () => {
    const { slipway, crew, target, send } = await atTheQuestion({ pauseOnCriticalAlerts: true });

    await send('ApiDown', { severity: 'critical' });
    await crew.card('No further phase begins', 'ApiDown');
    await crew.fillIn('carol', 'Confirm', { answer: 'Green.' });
    await crew.card('No further phase begins', '2/3 steps');
    const asked = [...target.asked];
    await crew.fillIn('alice', 'Continue', { reason: 'It was the load test.' });
    await crew.card('succeeded');

    expect(asked).not.toContain('POST /live');
    expect(target.asked).toContain('POST /live');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('a critical one holds nothing up where the plan does not ask for it', async () => {
    const { crew, send } = await atTheQuestion();

    await send('ApiDown', { severity: 'critical' });
    await crew.card('ApiDown', 'fires here');
    await crew.fillIn('carol', 'Confirm', { answer: 'Green.' });

    expect(read(await crew.card('succeeded'))).not.toContain('No further phase begins');
  });
});
