import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  type Alertmanager,
  type AlertmanagerOptions,
  startAlertmanager,
} from '../../rehearsal/alertmanager/alertmanager.ts';
import { amtool } from '../../rehearsal/alertmanager/amtool.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import { startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import { startPrometheus } from '../../rehearsal/prometheus/prometheus.ts';
import { startTarget } from '../../rehearsal/prometheus/target.ts';
import type { Message } from '../../rehearsal/slack/screen.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { startForgetfulRelay } from '../alerting/forgetful-relay.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

const channel = 'alerts';
const patient = { timeoutMs: 50_000 };

describeWith(['local-slack', 'alertmanager', 'prometheus'], 'real Prometheus and Alertmanager', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** Where Slipway will listen, and how to start an Alertmanager that tells it everything. */
  async function surroundings() {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-alertmanagers-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    const start = async (name: string, options: Partial<AlertmanagerOptions> = {}): Promise<Alertmanager> => {
      const one = await startAlertmanager({
        dir: join(dir, name),
        webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/main`,
        token: 'token-of-main',
        ...options,
      });
      closers.push(() => one.kill());
      return one;
    };
    return { dir, port, start };
  }

  async function slipwayWith(
    port: number,
    source: Readonly<Record<string, unknown>>,
    more: { readonly pagerduty?: unknown; readonly secrets?: Readonly<Record<string, string>> } = {},
  ): Promise<Slipway> {
    const { secrets = {}, ...sections } = more;
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      secrets: { HOOK: 'token-of-main', ...secrets },
      alerts: {
        listen: `127.0.0.1:${port}`,
        may: { respond: ['oncall'], silence: ['oncall'] },
        sources: { main: { credential: { bearer: { env: 'TEST_HOOK' } }, poll: '1s', ...source } },
        routes: [{ name: 'all', channel: 'C0ALERTS' }],
        ...sections,
      },
    });
    closers.push(() => slipway.stop());
    return slipway;
  }

  const shown = ({ people }: Slipway, ...texts: readonly string[]): Promise<Message> =>
    people.waitForMessage(
      channel,
      (message) => message.thread_ts === undefined && texts.every((text) => read(message).includes(text)),
      { ...patient, what: texts.join(' and ') },
    );

  test('tell of an alert once, though two peers are there and one of them dies', async () => {
    const { dir, port, start } = await surroundings();
    const first = await start('first', { cluster: {} });
    const second = await start('second', { cluster: { join: [first.clusterAddress] } });
    const slipway = await slipwayWith(port, { alertmanagers: [first.url, second.url] });
    const target = await startTarget();
    closers.push(target.stop);
    const prometheus = await startPrometheus({
      dir: join(dir, 'prometheus'),
      targets: [target.url],
      alertmanagers: [first.url, second.url],
      rules: [
        {
          alert: 'DiskFull',
          // A look at the target that a busy machine misses must not end the alert.
          expr: 'last_over_time(disk_free_percent[1m]) < 5',
          labels: { severity: 'critical' },
          annotations: { summary: 'Only {{ $value }} % left on {{ $labels.host }}' },
        },
      ],
    });
    closers.push(prometheus.stop);

    target.set('disk_free_percent{host="db-1"}', 3);
    const fired = await shown(slipway, 'DiskFull', '*1 firing*');
    await first.kill();
    target.set('disk_free_percent{host="db-2"}', 4);
    const grown = await shown(slipway, 'DiskFull', '*2 firing*');
    const silent = await shown(slipway, 'A peer of Alertmanager main does not answer');
    target.set('disk_free_percent{host="db-1"}', 50);
    target.set('disk_free_percent{host="db-2"}', 50);
    const over = await shown(slipway, 'DiskFull', '2 resolved');

    expect(read(fired)).toContain('Only 3 % left on db-1');
    expect([grown.ts, over.ts]).toEqual([fired.ts, fired.ts]);
    const [group, peer, ...others] = slipway.people
      .messages(channel)
      .filter(({ thread_ts }) => thread_ts === undefined);
    expect([group?.ts, peer?.ts, others]).toEqual([fired.ts, silent.ts, []]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('say nothing of the end of what is silenced, which is shown all the same', async () => {
    const { port, start } = await surroundings();
    const alertmanager = await start('only');
    // One that has run for a minute or two is believed only later.
    const startedAt = new Date(Date.now() - 600_000).toISOString();
    const relay = await startForgetfulRelay(alertmanager.url, (path, said) =>
      path === '/api/v2/status' ? JSON.stringify({ ...JSON.parse(said), uptime: startedAt }) : said,
    );
    closers.push(relay.stop);
    const slipway = await slipwayWith(port, { alertmanagers: [relay.url] });
    const alert = { labels: { alertname: 'DiskFull', severity: 'warning' } };
    await sendAlerts(alertmanager.url, [alert]);
    const fired = await shown(slipway, 'DiskFull', '*1 firing*');

    await amtool(alertmanager.url, 'silence', 'add', '--comment=night', 'alertname=DiskFull');
    await sendAlerts(alertmanager.url, [{ ...alert, endsAt: Date.now() - 1 }]);
    const over = await shown(slipway, 'Alertmanager no longer has these alerts');

    expect(over.ts).toBe(fired.ts);
    expect(read(over)).toContain('1 resolved');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('are missed when they fall silent: the channel is told, and somebody is paged until they are back', async () => {
    const { port, start } = await surroundings();
    const pagerduty = await startPagerDuty({ services: ['platform'] });
    closers.push(pagerduty.stop);
    const often = { groupInterval: '1s', repeatInterval: '1s' };
    const alertmanager = await start('only', often);
    const slipway = await slipwayWith(
      port,
      {
        alertmanagers: [alertmanager.url],
        watchdog: {
          match: ['alertname="Watchdog"'],
          silence: '10s',
          channel: 'C0ALERTS',
          page: 'platform',
        },
      },
      {
        pagerduty: {
          events: pagerduty.url,
          api: pagerduty.url,
          keys: { platform: { env: 'TEST_PLATFORM' } },
        },
        secrets: { PLATFORM: pagerduty.keys.platform ?? '' },
      },
    );
    const watchdog = { labels: { alertname: 'Watchdog', severity: 'none' } };
    await sendAlerts(alertmanager.url, [watchdog]);
    await until('the watchdog', async () => {
      const { rowCount } = await slipway.pool.query("select from events where type = 'WatchdogHeard'");
      return rowCount !== null && rowCount > 0;
    });

    await alertmanager.kill();
    const silent = await shown(slipway, 'The watchdog of main is silent', 'Paged through platform');
    const again = await start('only', { ...often, port: alertmanager.port });
    await sendAlerts(again.url, [watchdog]);
    const back = await shown(slipway, 'The watchdog of main was silent');
    await until('the end of the page', () => pagerduty.events.at(-1)?.event_action === 'resolve');

    expect(back.ts).toBe(silent.ts);
    expect(pagerduty.events.at(0)).toMatchObject({
      event_action: 'trigger',
      dedup_key: 'slipway-watchdog-main',
      payload: { severity: 'critical' },
    });
    expect(slipway.people.messages(channel).filter((one) => read(one).includes('firing'))).toEqual([]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
