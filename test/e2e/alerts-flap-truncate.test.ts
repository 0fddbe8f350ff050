import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type AlertmanagerOptions, startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { amtool, shownSilences } from '../../rehearsal/alertmanager/amtool.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import type { Message } from '../../rehearsal/slack/screen.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { startForgetfulRelay } from '../alerting/forgetful-relay.ts';
import { describeWith } from '../support/parts.ts';
import { startSlipway } from '../support/slipway.ts';
import { read } from './acting.ts';
import { alertsChannel, alertsChannelId } from './alert-webhooks.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

const patient = { timeoutMs: 120_000 };

describeWith(['local-slack', 'alertmanager'], 'a real Alertmanager', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function surroundings(options: Partial<AlertmanagerOptions> = {}) {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-flaps-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    const { url, stop } = await startAlertmanager({
      dir,
      webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/main`,
      token: 'token-of-main',
      groupInterval: '1s',
      ...options,
    });
    closers.push(stop);
    // One that has run for a minute or two is believed only later.
    const startedAt = new Date(Date.now() - 600_000).toISOString();
    const relay = await startForgetfulRelay(url, (path, said) =>
      path === '/api/v2/status' ? JSON.stringify({ ...JSON.parse(said), uptime: startedAt }) : said,
    );
    closers.push(relay.stop);
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      secrets: { HOOK: 'token-of-main' },
      alerts: {
        listen: `127.0.0.1:${port}`,
        may: { respond: ['oncall'], silence: ['oncall'] },
        sources: {
          main: { credential: { bearer: { env: 'TEST_HOOK' } }, alertmanagers: [relay.url], poll: '2s' },
        },
        routes: [{ name: 'all', channel: alertsChannelId }],
        flapping: { episodes: 2, within: '1h' },
      },
    });
    closers.push(slipway.stop);
    const { people, pool } = slipway;
    const heads = () => people.messages(alertsChannel).filter(({ thread_ts }) => thread_ts === undefined);
    const send = (instances: readonly string[], times: { startsAt?: number; endsAt: number }) =>
      sendAlerts(
        url,
        instances.map((instance) => ({
          labels: { alertname: 'LinkDown', severity: 'warning', instance },
          ...times,
        })),
      );
    return {
      url,
      slipway,
      heads,
      fire: (instances: readonly string[]) => {
        const startsAt = Date.now();
        return send(instances, { startsAt, endsAt: startsAt + 3_600_000 });
      },
      end: (instances: readonly string[]) => send(instances, { endsAt: Date.now() - 1 }),
      shown: (...texts: readonly string[]): Promise<Message> =>
        people.waitForMessage(
          alertsChannel,
          (message) => message.thread_ts === undefined && texts.every((text) => read(message).includes(text)),
          { ...patient, what: texts.join(' and ') },
        ),
      /** Waits until Slipway has looked at all of Alertmanager's alerts some times more. */
      looks: async (count: number) => {
        const soFar = () => relay.asked.filter((one) => one.startsWith('GET /api/v2/alerts')).length;
        const before = soFar();
        await eventually('looks at Alertmanager', () => soFar() > before + count);
      },
      group: async () => {
        const { rows } = await pool.query<{ status: string; truncated: number; silences: string[] }>(
          `select state ->> 'status' as status, (state ->> 'truncated')::int as truncated,
             array(select jsonb_array_elements(state -> 'silences') ->> 'status') as silences
           from streams where kind = 'alerts'`,
        );
        return rows[0];
      },
    };
  }

  test('leaves alerts out: the message says how many, and the group stays open as long as it does', async () => {
    const { slipway, heads, fire, end, shown, looks, group } = await surroundings({
      maxAlerts: 3,
      groupWait: '1s',
    });

    await fire(['a', 'b', 'c', 'd', 'e']);
    const fired = await shown('*3 firing*', 'Alertmanager left out 2 alerts');
    await end(['a', 'b', 'c']);
    await shown('3 resolved');
    await looks(3);
    const partly = await group();
    const [still] = heads();
    await end(['d', 'e']);
    const over = await shown('LinkDown · resolved');

    expect(partly).toMatchObject({ status: 'firing', truncated: 2 });
    expect(still === undefined ? '' : read(still)).toContain('LinkDown · firing');
    expect(still === undefined ? '' : read(still)).toContain('Alertmanager left out 2 alerts');
    expect(over.ts).toBe(fired.ts);
    expect(read(over)).toContain('5 resolved');
    expect(read(over)).not.toContain('left out');
    expect(heads()).toHaveLength(1);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  }, 400_000);

  test('tells of an alert that flaps: one message counts it, and a silence outlives its ends', async () => {
    const { url, slipway, heads, fire, end, shown, looks, group } = await surroundings();
    const { people, workspace } = slipway;
    const suppressed = async () => {
      const said = await amtool(url, 'alert', 'query', '--silenced', '--output=json');
      return /"state":\s*"suppressed"/.test(said);
    };

    await fire(['a']);
    const first = await shown('*1 firing*');
    await end(['a']);
    await shown('LinkDown · resolved');
    for (const times of [2, 3]) {
      await fire(['a']);
      await shown('flapping · firing', `Opened ${times} times since`);
      await end(['a']);
      await shown('LinkDown · resolved', `Opened ${times} times since`);
    }
    await fire(['a']);
    const flapping = await shown('flapping · firing', 'Opened 4 times since');
    await people.click('carol', flapping, 'Silence');
    await people.waitForModal({ ...patient, title: 'Silence' });
    await people.submitModal('carol', { span: '8h', comment: 'The cable is being changed.' });
    await shown('Silenced until', 'by <@U0CAROL>: The cable is being changed.');
    const [made] = await shownSilences(url);
    await end(['a']);
    await eventually('its end', async () => (await group())?.status === 'resolved');
    const ended = await group();
    for (let again = 0; again < 2; again += 1) {
      await fire(['a']);
      await eventually('an alert that is silenced', suppressed);
      await end(['a']);
      await looks(2);
    }
    const last = await shown('LinkDown · resolved', 'Opened 4 times since');
    const silences = await shownSilences(url);

    expect(ended).toMatchObject({ status: 'resolved', silences: ['active'] });
    expect(made?.matchers).toEqual([{ name: 'alertname', value: 'LinkDown', isRegex: false, isEqual: true }]);
    expect(silences).toEqual([made]);
    expect(heads().map(({ ts }) => ts)).toEqual([first.ts]);
    expect(last.ts).toBe(first.ts);
    expect(read(flapping)).toMatch(/Opened 4 times since .*`[▁▂▃▄▅▆▇█]{16}`/u);
    expect(workspace.gateway.violations).toEqual([]);
  }, 400_000);
});
