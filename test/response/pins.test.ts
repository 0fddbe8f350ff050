import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PinParts, pinMessage, unpinMessage } from '../../src/response/pins.ts';
import { describeWith } from '../support/parts.ts';
import { type IncidentSite, incidentSite } from './incident-site.ts';

describeWith('local-slack', 'a pin on a message', () => {
  let site: IncidentSite;
  let parts: PinParts;
  let channel: string;
  let incident: string;

  beforeAll(async () => {
    site = await incidentSite();
    parts = { ...site, log: { warn: (...told: unknown[]) => void site.warnings.push(told) } };
    const { id } = await site.declare();
    incident = id;
    channel = (await site.makeRoom(id)).room.channel ?? '';
  });

  afterAll(async () => {
    await site?.close();
  });

  const reacted = (ts: string, reaction = 'pushpin', where = channel) => ({
    user: 'U0CAROL',
    reaction,
    item: { channel: where, ts },
  });

  const pins = async () => (await site.incidents.find(incident))?.pins ?? [];

  async function said(text: string, thread?: string): Promise<string> {
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    const { ts = '' } = await site.client.chat.postMessage({ channel, text, ...inThread });
    return ts;
  }

  test('brings it into the timeline, with what it says, who wrote it, when, and who pinned it', async () => {
    const ts = await said('A &lt;b&gt; for <@U0BOB>, see <https://a.example|the page>');

    await pinMessage(reacted(ts), parts);

    expect((await pins()).find((pin) => pin.ts === ts)).toEqual({
      ts,
      at: Math.floor(Number(ts) * 1_000),
      author: 'U0SLIPWAY',
      text: 'A <b> for @U0BOB, see the page (https://a.example)',
      by: 'U0CAROL',
    });
  });

  test('finds the message in a thread too, and not its neighbours', async () => {
    const first = await said('The first');
    const reply = await said('The reply', first);
    await said('The second');

    await pinMessage(reacted(reply, 'round_pushpin'), parts);

    expect((await pins()).find(({ ts }) => ts === reply)?.text).toBe('The reply');
    expect((await pins()).find(({ ts }) => ts === first)).toBeUndefined();
  });

  test('is not lost when Slack does not answer at once', async () => {
    const ts = await said('Patience');
    site.workspace.gateway.fail({ method: 'conversations.history', with: 'http500' });

    await pinMessage(reacted(ts), parts);

    expect((await pins()).some((pin) => pin.ts === ts)).toBe(true);
  });

  test('says nothing elsewhere, nothing with another emoji, and nothing of a message that is gone', async () => {
    const before = await pins();
    const ts = await said('Nothing');

    await pinMessage(reacted(ts, 'thumbsup'), parts);
    await pinMessage(reacted(ts, 'pushpin', 'C0ALERTS'), parts);
    await pinMessage(reacted('1700000000.000001'), parts);

    expect(await pins()).toEqual(before);
    expect(site.warnings).toHaveLength(1);
  });

  test('taken off takes it out again, once nobody else has one on it', async () => {
    const ts = await said('Twice');
    const { people } = site.workspace;
    const message = await people.waitForMessage(channel, (one) => one.ts === ts);
    await people.react('bob', message, 'round_pushpin');
    await pinMessage(reacted(ts), parts);

    await unpinMessage(reacted(ts), parts);
    const stillThere = await pins();
    await people.react('bob', message, 'round_pushpin', false);
    await unpinMessage(reacted(ts), parts);

    expect(stillThere.some((pin) => pin.ts === ts)).toBe(true);
    expect((await pins()).some((pin) => pin.ts === ts)).toBe(false);
  });
});
