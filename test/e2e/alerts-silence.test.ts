import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { shownSilences } from '../../rehearsal/alertmanager/amtool.ts';
import type { View } from '../../rehearsal/slack/screen.ts';
import { rehearsalBot } from '../../rehearsal/slack/slack-workspace.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { describeWith } from '../support/parts.ts';
import type { Slipway, SlipwayOptions } from '../support/slipway.ts';
import { read } from './acting.ts';
import { eventually } from './alerts-patience.ts';
import { type AlertsSite, patient, startAlertsSite } from './alerts-site.ts';

const hour = 3_600_000;

describeWith(['local-slack', 'alertmanager'], 'the button that silences an alert', () => {
  let site: AlertsSite | undefined;

  const start = async (options?: Partial<SlipwayOptions>) => {
    site = await startAlertsSite(options);
    return site;
  };

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  test('does so in Alertmanager, after a look at what that matches; it is extended and ended', async () => {
    const { people, slipway, message, alertmanager, fire, shown, messageThat } = await start();
    await fire('db-2');
    await shown('*2 firing*');

    await people.click('carol', message, 'Silence');
    const modal = await modalWith(slipway, 'Matches *2 alerts* that fire now, all of this group.');
    const { errors } = await people.submitModal('carol', { span: 'custom', comment: 'Moving the data.' });
    await people.submitModal('carol', { span: '30m', comment: 'Moving the data.' });
    const silenced = await shown('Silenced until', 'by <@U0CAROL>: Moving the data.');
    const [made] = await shownSilences(alertmanager.url);
    await people.click('bob', silenced, 'Extend 2 h');
    const extended = await eventually('a longer silence', async () => {
      const [now] = await shownSilences(alertmanager.url);
      return now !== undefined && ends(now) > ends(made) ? now : undefined;
    });
    const toEnd = await eventually('the button that ends it', () =>
      messageThat((text) => text.includes('End silence now')),
    );
    await people.click('bob', toEnd, 'End silence now');
    await eventually('no silence', async () => (await shownSilences(alertmanager.url)).length === 0);
    await eventually('nothing of it is shown', () => messageThat((text) => !text.includes('ilenced until')));

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

  test('says what another choice would match, and silences one alert alone', async () => {
    const port = await freePort();
    const { people, slipway, message, alertmanager, fire, shown } = await start({
      workspace: { delivery: 'http' },
    });
    slipway.workspace.gateway.deliverTo(`http://127.0.0.1:${port}/slack/events`);
    await slipway.restart({ SLACK_APP_TOKEN: '', PORT: String(port) });
    await fire('db-2');
    await shown('*2 firing*');

    await people.click('carol', message, 'Silence');
    const modal = await modalWith(slipway, 'Matches *2 alerts*');
    const one = optionsOf(modal).find(({ text }) => text.text === 'Only instance=db-2');
    await choose(port, modal, one);
    await modalWith(slipway, 'Matches *1 alert* that fires now, all of this group.');
    await people.submitModal('carol', { scope: 'Only instance=db-2', span: '8h', comment: 'It is known.' });
    const silenced = await shown('One alert', 'Silenced until');
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

  test('says plainly when Alertmanager does not tell what would be silenced', async () => {
    const { people, slipway, message, alertmanager } = await start();
    await alertmanager.stop();

    await people.click('carol', message, 'Silence');
    const modal = await modalWith(slipway, 'How many alerts this matches is not known');

    expect(read(modal)).toContain('You can ask for the silence all the same.');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

function modalWith({ people }: Pick<Slipway, 'people'>, text: string): Promise<View> {
  return eventually(`a dialogue with “${text}”`, async () => {
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
