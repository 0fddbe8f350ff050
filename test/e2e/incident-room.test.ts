import { expect, test } from 'vitest';
import type { Message } from '../../rehearsal/slack/screen.ts';
import type { Incident } from '../../src/incidents/incident.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { read, submit } from './acting.ts';
import { alertsChannel, alertWebhooks } from './alert-webhooks.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

const patient = { timeoutMs: 60_000 };

async function incidentsIn({ pool }: Slipway): Promise<readonly Incident[]> {
  const { rows } = await pool.query<{ state: Incident }>(
    "select state from streams where kind = 'incident' order by created_at",
  );
  return rows.map(({ state }) => state);
}

function callsOf({ workspace }: Slipway, method: string, channel?: string) {
  return workspace.gateway.calls.filter(
    (call) => call.method === method && (channel === undefined || call.args.channel === channel),
  );
}

describeWith('local-slack', "an incident's channel", () => {
  test('is one, whoever else declares it and though Slack loses an answer, and takes pins', async () => {
    const webhooks = await alertWebhooks();
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      groups: { deployers: ['U0ALICE'], approvers: ['U0ALICE'], oncall: ['U0BOB', 'U0CAROL'] },
      alerts: webhooks.section,
      incidents: {
        may: { declare: ['oncall'], respond: ['oncall'] },
        invite: { groups: ['deployers'] },
      },
      secrets: webhooks.secrets,
    });
    const { people, workspace } = slipway;
    const shown = (channel: string, text: string, looks: (message: Message) => boolean = () => true) =>
      people.waitForMessage(
        channel,
        (message) => message.ephemeral_to === undefined && looks(message) && read(message).includes(text),
        { ...patient, what: text },
      );
    try {
      workspace.gateway.fail({ method: 'conversations.create', with: 'drop-after-delivery' });
      await webhooks.send('DiskWillFill', { severity: 'critical' });
      const alert = await shown(alertsChannel, 'DiskWillFill is not well');

      await people.click('carol', alert, 'Declare incident');
      await people.waitForModal(patient);
      await submit(people, 'carol', {});
      await eventually(
        'the channel with its people',
        async () => (await incidentsIn(slipway))[0]?.room.invited.length === 2,
      );
      await shown(alertsChannel, 'Incident #1 in <#', ({ ts }) => ts === alert.ts);
      await people.click('bob', alert, 'Declare incident');
      const second = await people.waitForEphemeral('bob', (one) => read(one).includes('#1'), patient);

      const incidents = await incidentsIn(slipway);
      const channel = incidents[0]?.room.channel ?? '';
      expect(incidents).toHaveLength(1);
      expect(read(second)).toContain(`<#${channel}>`);
      expect(incidents[0]?.room).toMatchObject({ wanted: [], name: 'inc-1-diskwillfill-is-not-well' });
      expect(incidents[0]?.room.invited.toSorted()).toEqual(['U0ALICE', 'U0CAROL']);
      expect(callsOf(slipway, 'conversations.create').map(({ error }) => error)).toEqual([
        'drop-after-delivery',
        'name_taken',
      ]);
      const pinned = await eventually('the pin', async () => callsOf(slipway, 'pins.add', channel)[0]);
      expect(pinned.args.timestamp).toBe((await shown(channel, '#1')).ts);
      const topic = await eventually(
        'the topic',
        async () => callsOf(slipway, 'conversations.setTopic', channel)[0]?.args.topic,
      );
      expect(topic).toContain('#1 · critical');

      await people.say('bob', channel, 'It is the <log> folder &amp; nothing else');
      const said = await shown(channel, 'It is the');
      await people.say('alice', channel, 'I move it away', said.ts);
      const answered = await shown(channel, 'I move it away');
      await people.react('bob', said, 'thumbsup');
      await people.react('carol', said, 'pushpin');
      await people.react('carol', answered, 'round_pushpin');
      const texts = async () =>
        (await incidentsIn(slipway))[0]?.pins.map(({ author, text }) => [author, text]);
      await eventually('both pins', async () => (await texts())?.length === 2);
      const both = await texts();
      await people.react('carol', said, 'pushpin', false);
      await eventually('one pin', async () => (await texts())?.length === 1);

      expect(both?.map(([author]) => author)).toEqual(['U0BOB', 'U0ALICE']);
      expect(await texts()).toEqual([['U0ALICE', 'I move it away']]);
      expect(workspace.gateway.violations).toEqual([]);
    } finally {
      await slipway.stop();
    }
  });
});
