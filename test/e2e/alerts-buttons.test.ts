import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Alertmanager, startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { shownSilences } from '../../rehearsal/alertmanager/amtool.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import type { Message, View } from '../../rehearsal/slack/screen.ts';
import { rehearsalBot } from '../../rehearsal/slack/slack-workspace.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, type SlipwayOptions, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

const channel = 'alerts';
const hour = 3_600_000;

describeWith(['local-slack', 'alertmanager'], 'the buttons of an alert', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** Slipway with an Alertmanager that tells it of each name and cluster as a group; carol and bob may do everything, alice nothing. */
  async function start(options: Partial<SlipwayOptions> = {}) {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-alerts-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    const alertmanager = await startAlertmanager({
      dir,
      webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/main`,
      token: 'token-of-main',
      groupBy: ['alertname', 'cluster'],
    });
    closers.push(() => alertmanager.stop());
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0BOB', 'U0CAROL'] },
      alerts: sectionOf(port, alertmanager),
      secrets: { HOOK: 'token-of-main' },
      ...options,
    });
    closers.push(() => slipway.stop());
    const startsAt = Date.now() - 60_000;
    const fire = async (host: string, endsAt?: number) => {
      const labels = { alertname: 'DiskWillFill', severity: 'critical', cluster: 'eu-1', instance: host };
      const annotations = { summary: 'The disk fills within 4 hours', value: '97 %' };
      const alert = { labels, annotations, startsAt, ...(endsAt !== undefined && { endsAt }) };
      await sendAlerts(alertmanager.url, [alert]);
    };
    await fire('db-1');
    return { ...slipway, slipway, alertmanager, fire, message: await shown(slipway, '*1 firing*') };
  }

  test('acknowledge and let go again, the first one decides and only who may', async () => {
    const { people, slipway, message } = await start();

    await people.click('alice', message, 'Acknowledge');
    const forbidden = await told(slipway, 'alice', 'not in a group');
    await people.click('carol', message, 'Acknowledge');
    const acknowledged = await shown(slipway, 'Acknowledged by <@U0CAROL>');
    await people.click('bob', message, 'Acknowledge');
    const late = await told(slipway, 'bob', 'already decided');
    await people.click('bob', acknowledged, 'Unacknowledge');
    const again = await until('nobody has it', () =>
      messageOf(slipway, (text) => !text.includes('Acknowledged by')),
    );

    expect(read(forbidden)).toContain('need the right to respond');
    expect(people.buttons(acknowledged)).toEqual(['Unacknowledge', 'Silence', 'Resolve']);
    expect(read(late)).toContain('Acknowledged by <@U0CAROL>');
    expect(people.buttons(again)).toContain('Acknowledge');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('call the next one at once, who says in the direct message that it is in hand', async () => {
    const { people, slipway, message } = await start();

    await people.click('carol', message, 'Escalate');
    await shown(slipway, 'Told ', '<@U0BOB>');
    const direct = await directMessages(slipway, 'U0BOB');
    const call = await people.waitForMessage(
      direct,
      (one) => read(one).includes('needs you, <@U0BOB>'),
      patient,
    );
    await people.click('bob', call, 'Acknowledge');
    const acknowledged = await shown(slipway, 'Acknowledged by <@U0BOB>');
    const answered = await people.waitForMessage(
      direct,
      (one) => read(one).includes('Acknowledged by'),
      patient,
    );

    expect(read(call)).toContain('it is worked on in <#C0ALERTS>');
    expect(people.buttons(acknowledged)).not.toContain('Escalate');
    expect([answered.ts, people.buttons(answered)]).toEqual([call.ts, []]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('resolve: nobody is called any more, and nothing can be acknowledged', async () => {
    const { people, slipway, message } = await start();

    await people.click('carol', message, 'Resolve');
    const closed = await shown(slipway, 'Page closed by <@U0CAROL>');

    expect(read(closed)).toContain('Prometheus decides when it really ends');
    expect(people.buttons(closed)).toEqual(['Silence']);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('change nothing once it is over, and say when that was', async () => {
    const { people, slipway, message, fire } = await start();

    await fire('db-1', Date.now() - 1_000);
    const over = await shown(slipway, 'resolved after');
    await people.click('carol', message, 'Acknowledge');
    const late = await told(slipway, 'carol', 'no longer fire');
    await people.click('carol', message, 'Silence');
    await told(slipway, 'carol', 'Look at the newest message');

    expect(read(over)).toContain('97 %');
    expect(people.buttons(over)).toEqual([]);
    expect(read(late)).toContain('They were resolved at 2');
    expect(await messageOf(slipway, (text) => text.includes('Acknowledged by'))).toBeUndefined();
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('silence in Alertmanager, after a look at what that matches, and extend and end it', async () => {
    const { people, slipway, message, alertmanager, fire } = await start();
    await fire('db-2');
    await shown(slipway, '*2 firing*');

    await people.click('carol', message, 'Silence');
    const modal = await modalWith(slipway, 'Matches *2 alerts* that fire now, all of this group.');
    const { errors } = await people.submitModal('carol', { span: 'custom', comment: 'Moving the data.' });
    await people.submitModal('carol', { span: '30m', comment: 'Moving the data.' });
    const silenced = await shown(slipway, 'Silenced until', 'by <@U0CAROL>: Moving the data.');
    const [made] = await shownSilences(alertmanager.url);
    await people.click('bob', silenced, 'Extend 2 h');
    const extended = await until('a longer silence', async () => {
      const [now] = await shownSilences(alertmanager.url);
      return now !== undefined && ends(now) > ends(made) ? now : undefined;
    });
    const toEnd = await until('the button that ends it', () =>
      messageOf(slipway, (text) => text.includes('End silence now')),
    );
    await people.click('bob', toEnd, 'End silence now');
    await until('no silence', async () => (await shownSilences(alertmanager.url)).length === 0);
    await until('nothing of it is shown', () =>
      messageOf(slipway, (text) => !text.includes('ilenced until')),
    );

    // The emulator says that everybody lives there.
    expect(read(modal)).toContain('Dates and times are those of America/Los_Angeles.');
    expect(errors).toEqual({ date: 'Choose the date and the time at which it ends.' });
    expect(made?.matchers).toEqual([
      { name: 'alertname', value: 'DiskWillFill', isRegex: false, isEqual: true },
      { name: 'cluster', value: 'eu-1', isRegex: false, isEqual: true },
    ]);
    expect(ends(extended) - ends(made)).toBe(2 * hour);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('say in the dialogue what another choice would match, and silence one alert alone', async () => {
    const port = await freePort();
    const { people, slipway, message, alertmanager, fire } = await start({ workspace: { delivery: 'http' } });
    slipway.workspace.gateway.deliverTo(`http://127.0.0.1:${port}/slack/events`);
    await slipway.restart({ SLACK_APP_TOKEN: '', PORT: String(port) });
    await fire('db-2');
    await shown(slipway, '*2 firing*');

    await people.click('carol', message, 'Silence');
    const modal = await modalWith(slipway, 'Matches *2 alerts*');
    const one = optionsOf(modal).find(({ text }) => text.text === 'Only instance=db-2');
    await choose(port, modal, one);
    await modalWith(slipway, 'Matches *1 alert* that fires now, all of this group.');
    await people.submitModal('carol', { scope: 'Only instance=db-2', span: '8h', comment: 'It is known.' });
    const silenced = await shown(slipway, 'One alert', 'Silenced until');
    const [made] = await shownSilences(alertmanager.url);

    expect(read(silenced)).toContain('DiskWillFill · firing\n');
    expect(made?.matchers.map(({ name, value }) => `${name}=${value}`)).toEqual([
      'alertname=DiskWillFill',
      'cluster=eu-1',
      'instance=db-2',
      'severity=critical',
    ]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('say plainly when Alertmanager does not tell what would be silenced', async () => {
    const { people, slipway, message, alertmanager } = await start();
    await alertmanager.stop();

    await people.click('carol', message, 'Silence');
    const modal = await modalWith(slipway, 'How many alerts this matches is not known');

    expect(read(modal)).toContain('You can ask for the silence all the same.');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

function sectionOf(port: number, { url }: Alertmanager): unknown {
  return {
    listen: `127.0.0.1:${port}`,
    may: { respond: ['oncall'], silence: ['oncall'] },
    sources: { main: { credential: { bearer: { env: 'TEST_HOOK' } }, alertmanagers: [url], poll: '1h' } },
    routes: [{ name: 'all', channel: 'C0ALERTS', policy: 'default' }],
    policies: {
      default: [
        { tell: { group: 'approvers' }, after: '1h' },
        { tell: { group: 'oncall' }, after: '2h' },
      ],
    },
  };
}

const patient = { timeoutMs: 25_000 };

/** Waits until the group's message, the one in the channel itself, shows all of these. */
function shown({ people }: Pick<Slipway, 'people'>, ...texts: readonly string[]): Promise<Message> {
  return people.waitForMessage(
    channel,
    (message) => isGroup(message) && texts.every((text) => read(message).includes(text)),
    { ...patient, what: texts.join(' and ') },
  );
}

function messageOf(
  { people }: Pick<Slipway, 'people'>,
  looks: (text: string) => boolean,
): Message | undefined {
  return people.messages(channel).find((message) => isGroup(message) && looks(read(message)));
}

function isGroup({ thread_ts, ephemeral_to }: Message): boolean {
  return thread_ts === undefined && ephemeral_to === undefined;
}

function told({ people }: Pick<Slipway, 'people'>, user: string, text: string): Promise<Message> {
  return people.waitForEphemeral(user, (message) => read(message).includes(text), { ...patient, what: text });
}

const State = z.object({
  channels: z.array(z.object({ id: z.string(), is_im: z.boolean(), members: z.array(z.string()) })),
});

/** Waits until the app has direct messages with somebody, and gives their id. */
function directMessages({ workspace }: Pick<Slipway, 'workspace'>, user: string): Promise<string> {
  return until(`direct messages to ${user}`, async () => {
    const state = await fetch(`http://127.0.0.1:${workspace.slack.port}/_control/state`);
    const { channels } = State.parse(await state.json());
    return channels.find(({ is_im, members }) => is_im && members.includes(user))?.id;
  });
}

function modalWith({ people }: Pick<Slipway, 'people'>, text: string): Promise<View> {
  return until(`a dialogue with “${text}”`, async () => {
    const modal = await people.waitForModal({ ...patient, title: 'Silence' });
    return read(modal).includes(text) ? modal : undefined;
  });
}

const Select = z.looseObject({
  options: z.array(z.looseObject({ text: z.looseObject({ text: z.string() }), value: z.string() })),
});
type Option = z.infer<typeof Select>['options'][number];

function optionsOf(modal: View): readonly Option[] {
  return Select.parse(modal.blocks.find(({ block_id }) => block_id === 'scope')?.element).options;
}

/** Chooses in the open dialogue as Slack tells of it, which the local Slack's page does not. */
async function choose(port: number, view: View, selected_option: Option | undefined): Promise<void> {
  const element = { type: 'static_select', selected_option };
  const values = {
    scope: { 'alert.silence-choice': element },
    span: { span: { type: 'static_select', selected_option: null } },
  };
  const payload = {
    type: 'block_actions',
    team: { id: 'T0REHEARSAL' },
    user: { id: 'U0CAROL' },
    api_app_id: rehearsalBot.appId,
    trigger_id: 'none',
    view: { ...view, state: { values } },
    actions: [{ ...element, action_id: 'alert.silence-choice', block_id: 'scope' }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', rehearsalBot.signingSecret)
    .update(`v0:${time}:${body}`)
    .digest('hex');
  const answer = await fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  });
  expect(answer.status).toBe(200);
}

function ends(silence: { readonly endsAt: string } | undefined): number {
  return Date.parse(silence?.endsAt ?? '');
}
