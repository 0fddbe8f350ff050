import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PagerDutyIncident } from '../../rehearsal/pagerduty/account.ts';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import type { Message } from '../../rehearsal/slack/screen.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';
import { read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

const patient = { timeoutMs: 25_000 };
const carol = { name: 'Carol of PagerDuty', email: 'carol@example.com' };

describeWith('local-slack', 'PagerDuty and Slack', () => {
  let pagerDuty: PlayedPagerDuty;
  let slipway: Slipway;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/alerts`;
    pagerDuty = await startPagerDuty({
      services: ['web', 'last'],
      users: [{ name: 'Robin', email: 'robin@example.com' }, carol],
    });
    pagerDuty.webhooks.subscribe({ url: `${url}/pagerduty`, secrets: ['webhook-secret'] });
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0CAROL'] },
      secrets: {
        HOOK: 'token-of-main',
        WEB: pagerDuty.keys.web ?? '',
        LAST: pagerDuty.keys.last ?? '',
        REST: pagerDuty.token,
        SIGN: 'webhook-secret',
      },
      alerts: {
        listen: `127.0.0.1:${port}`,
        may: { respond: ['oncall'], silence: ['oncall'] },
        sources: { main: { credential: { bearer: { env: 'TEST_HOOK' } } } },
        routes: [
          { name: 'unattended', match: ['team="night"'], channel: 'C0ALERTS', policy: 'night' },
          { name: 'all', channel: 'C0ALERTS', page: 'web' },
        ],
        policies: {
          night: [
            { tell: { group: 'oncall' }, after: '1s' },
            { tell: { page: 'last' }, after: '2s' },
          ],
        },
        pagerduty: {
          events: pagerDuty.url,
          api: pagerDuty.url,
          token: { env: 'TEST_REST' },
          keys: { web: { env: 'TEST_WEB' }, last: { env: 'TEST_LAST' } },
          webhookSecrets: [{ env: 'TEST_SIGN' }],
          users: { U0CAROL: carol.email },
        },
      },
    });
  });

  afterAll(async () => {
    await slipway?.stop();
    await pagerDuty?.stop();
  });

  const send = async (name: string, more: Readonly<Record<string, string>> = {}, isOver = false) => {
    const labels = { alertname: name, severity: 'critical', ...more };
    const ended = isOver ? { status: 'resolved', endsAt: new Date().toISOString() } : {};
    const body = webhookBody({
      groupKey: `{}:{alertname="${name}"}`,
      status: isOver ? 'resolved' : 'firing',
      groupLabels: { alertname: name },
      commonLabels: labels,
      alerts: [alertBody(1, { labels, ...ended })],
    });
    const response = await fetch(`${url}/alertmanager/main`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer token-of-main' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  };
  const shown = (...texts: readonly string[]): Promise<Message> =>
    slipway.people.waitForMessage(
      'alerts',
      (message) => message.thread_ts === undefined && texts.every((text) => read(message).includes(text)),
      { ...patient, what: texts.join(' and ') },
    );
  const incident = (name: string, looks: (incident: PagerDutyIncident) => boolean = () => true) =>
    until(`the incident of ${name}`, () =>
      pagerDuty.incidents().find((one) => one.title.includes(name) && looks(one)),
    );

  test('what fires is paged, and whoever acknowledges in Slack, or takes that back, does so in PagerDuty too', async () => {
    await send('DiskFull');
    const message = await shown('DiskFull', '*1 firing*');
    await incident('DiskFull');

    await slipway.people.click('carol', message, 'Acknowledge');
    const acknowledged = await incident('DiskFull', ({ status }) => status === 'acknowledged');
    const seen = await shown('DiskFull', 'Acknowledged by');
    await slipway.people.click('carol', seen, 'Unacknowledge');
    await incident('DiskFull', ({ status }) => status === 'triggered');
    await send('DiskFull', {}, true);
    const over = await incident('DiskFull', ({ status }) => status === 'resolved');

    expect(acknowledged.acknowledgers).toEqual([carol.email]);
    expect(over.id).toBe(acknowledged.id);
  });

  test('whoever acknowledges or resolves in PagerDuty is named in Slack', async () => {
    await send('QueueStuck');
    await shown('QueueStuck', '*1 firing*');
    const { id } = await incident('QueueStuck');

    pagerDuty.acts.acknowledge(id, { email: carol.email });
    const acknowledged = await shown('QueueStuck', 'Acknowledged by', carol.name);
    pagerDuty.acts.resolve(id, { email: carol.email });
    const resolved = await shown('QueueStuck', 'Page closed by', carol.name);

    expect(slipway.people.buttons(acknowledged)).toContain('Unacknowledge');
    expect(slipway.people.buttons(resolved)).not.toContain('Acknowledge');
    expect(pagerDuty.webhooks.attempts.every(({ status }) => status === 202)).toBe(true);
  });

  test('what nobody answers goes on to PagerDuty, as the policy says', async () => {
    await send('NightWatch', { team: 'night' });

    const { service } = await incident('NightWatch');
    const told = await shown('NightWatch', 'PagerDuty (last)', 'has no further step');
    const escalated = await slipway.people.waitForMessage(
      'alerts',
      (message) => message.thread_ts === told.ts && read(message).includes('Escalated to <@U0CAROL>'),
      patient,
    );

    expect(service).toBe('last');
    expect(read(escalated)).not.toContain('PagerDuty');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
