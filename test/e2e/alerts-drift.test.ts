import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { describeWith } from '../support/parts.ts';
import { startSlipway } from '../support/slipway.ts';
import { read } from './acting.ts';
import { alertsChannel, alertsChannelId } from './alert-webhooks.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

describeWith(['local-slack', 'alertmanager'], 'an alert whose webhook Slipway turns away', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function surroundings() {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-drift-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const [port, metricsPort] = [await freePort(), await freePort()];
    const { url, stop } = await startAlertmanager({
      dir,
      webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/main`,
      token: 'token-of-main',
      groupInterval: '1s',
    });
    closers.push(stop);
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      secrets: { HOOK: 'token-of-main' },
      alerts: {
        listen: `127.0.0.1:${port}`,
        may: { respond: ['oncall'] },
        sources: {
          main: {
            credential: { bearer: { env: 'TEST_HOOK' } },
            alertmanagers: [url],
            poll: '1s',
            driftAfter: '2s',
          },
        },
        routes: [{ name: 'all', channel: alertsChannelId }],
      },
    });
    closers.push(slipway.stop);
    await slipway.restart({ SLIPWAY_METRICS_PORT: String(metricsPort) });
    const heads = () =>
      slipway.people
        .messages(alertsChannel)
        .filter(({ thread_ts }) => thread_ts === undefined)
        .map(read);
    return {
      fire: (alertname: string) => {
        const startsAt = Date.now();
        const labels = { alertname, severity: 'critical' };
        return sendAlerts(url, [{ labels, startsAt, endsAt: startsAt + 3_600_000 }]);
      },
      shown: (text: string) => eventually(text, () => heads().find((head) => head.includes(text))),
      heads,
      drift: async () => {
        const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
        return /^slipway_alert_drift\{source="main"\} (\d+)$/m.exec(metrics)?.[1];
      },
      rotate: (token: string) => slipway.restart({ TEST_HOOK: token }),
    };
  }

  test('is told and counted as drift until it arrives', async () => {
    const { fire, shown, heads, drift, rotate } = await surroundings();
    await fire('DiskWillFill');
    await shown('DiskWillFill · firing');

    await rotate('a-newer-token');
    await fire('ApiDown');
    const told = await shown('1 alert fires in Alertmanager main that never reached Slack');
    const counted = await drift();
    const isThere = heads().some((head) => head.includes('ApiDown · firing'));
    await rotate('token-of-main');
    await shown('ApiDown · firing');
    await shown('All that fires in Alertmanager main reaches Slack again');

    expect(told).toContain('alertname=ApiDown');
    expect(told).toContain('Look at its webhook for Slipway: its address, its credential');
    expect(counted).toBe('1');
    expect(isThere).toBe(false);
    await eventually('nothing is counted', async () => (await drift()) === '0');
    expect(heads()).toHaveLength(3);
  });
});
