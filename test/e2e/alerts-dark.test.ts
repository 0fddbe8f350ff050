import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { read } from './acting.ts';
import { alertsChannel, alertsChannelId, alertWebhooks } from './alert-webhooks.ts';
import { eventually, settled } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

const plan = planOf([phase('main', 'Main work', [nothing()])]);

/** How long Slack is away: `SLIPWAY_DARK_SECONDS`, or some forty seconds. */
const darkMs = Number(process.env.SLIPWAY_DARK_SECONDS ?? 40) * 1_000;

/** What is known at the end of each group, by its name. */
const finals = {
  'Before;': 'firing',
  'Grown;': 'firing',
  'Ended;': 'resolved',
  'Critical;': 'firing',
  'Mended;': 'resolved',
  'Changed;': 'firing',
  'Brief;': 'resolved',
  'Again;': 'firing',
} as const;

/** What was true of a group for some time in the dark only. */
const stale: readonly (readonly [group: string, said: string])[] = [
  ['Mended;', 'firing'],
  ['Brief;', 'firing'],
  ['Again;', 'resolved'],
  ['Changed;', '*1 firing*'],
];

describeWith('local-slack', 'alerts while Slack is away and PagerDuty is there', () => {
  let slipway: Slipway | undefined;
  let pagerDuty: PlayedPagerDuty | undefined;

  afterEach(async () => {
    await slipway?.stop();
    await pagerDuty?.stop();
    slipway = undefined;
    pagerDuty = undefined;
  });

  test(
    'critical ones are paged in the dark, and in the light each group is shown once, as it stands',
    async () => {
      pagerDuty = await startPagerDuty({ services: ['web'] });
      const { events, incidents, keys, url } = pagerDuty;
      const webhooks = await alertWebhooks({
        routes: [
          { name: 'critical', match: ['severity="critical"'], channel: alertsChannelId, page: 'web' },
          { name: 'all', channel: alertsChannelId },
        ],
        pagerduty: { events: url, api: url, keys: { web: { env: 'TEST_WEB' } } },
      });
      slipway = await startSlipway({
        plan,
        alerts: webhooks.section,
        secrets: { ...webhooks.secrets, WEB: keys.web ?? '' },
        workspace: { limits: 'slack' },
      });
      const { people, workspace } = slipway;
      const { gateway } = workspace;
      const heads = () => people.messages(alertsChannel).filter(({ thread_ts }) => thread_ts === undefined);
      const headsOf = (name: string) => heads().filter(({ text }) => text.includes(name));
      const incident = (name: string, status: string) =>
        eventually(`${name} ${status} in PagerDuty`, () =>
          incidents().find((one) => one.title.includes(name) && one.status === status),
        );
      const part = () => delay(darkMs / 4);
      for (const name of ['Before;', 'Grown;', 'Ended;']) await webhooks.send(name);
      await settled(slipway);

      gateway.goDark();
      const called = gateway.calls.length;
      await webhooks.send('Critical;', { severity: 'critical' });
      await webhooks.send('Mended;', { severity: 'critical' });
      const paged = await incident('Critical;', 'triggered');
      await incident('Mended;', 'triggered');
      for (const name of ['Changed;', 'Brief;', 'Again;']) await webhooks.send(name);
      await part();
      await webhooks.send('Grown;', { alerts: 2 });
      await webhooks.send('Changed;', { alerts: 2 });
      await webhooks.send('Again;', { status: 'resolved' });
      await part();
      for (const name of ['Brief;', 'Ended;']) await webhooks.send(name, { status: 'resolved' });
      await webhooks.send('Mended;', { severity: 'critical', status: 'resolved' });
      const mended = await incident('Mended;', 'resolved');
      await part();
      await webhooks.send('Again;', { startedAt: Date.now() });
      await webhooks.send('Changed;', { alerts: 3 });
      await part();
      const inTheDark = gateway.calls.slice(called);
      gateway.light();
      await settled(slipway);

      expect(inTheDark).toEqual([]);
      expect(heads().filter(({ text }) => /\w;/.test(text))).toHaveLength(Object.keys(finals).length);
      for (const [name, state] of Object.entries(finals)) {
        expect({ name, count: headsOf(name).length }).toEqual({ name, count: 1 });
        expect(headsOf(name)[0]?.text).toContain(`${name} · ${state}`);
      }
      const [critical, grown, changed] = ['Critical;', 'Grown;', 'Changed;'].map((name) => {
        const [head] = headsOf(name);
        return head === undefined ? '' : read(head);
      });
      expect(critical).toContain('PagerDuty (web): paged');
      expect(grown).toContain('*2 firing*');
      expect(changed).toContain('*3 firing*');
      const afterwards = gateway.calls
        .slice(called)
        .filter(({ method, args }) => method.startsWith('chat.') && args.thread_ts === undefined)
        .map(({ args }) => `${String(args.text)} ${JSON.stringify(args.blocks)}`);
      for (const [name, said] of stale) {
        expect(afterwards.filter((text) => text.includes(name) && text.includes(said))).toEqual([]);
      }
      expect(paged.triggers).toBe(1);
      expect(incidents().map(({ id }) => id)).toEqual([paged.id, mended.id]);
      expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'trigger', 'resolve']);
      expect(gateway.stats.rateLimited).toBe(0);
      expect(gateway.violations).toEqual([]);
    },
    180_000 + 2 * darkMs,
  );
});
