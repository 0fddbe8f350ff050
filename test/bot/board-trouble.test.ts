import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { placesOf } from '../../src/store/surfaces.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardSite, channel, startBoardSite, warning } from './board-site.ts';

describeWith('local-slack', 'a board in trouble', () => {
  let site: BoardSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  const calls = (method: string) =>
    site?.workspace.gateway.calls.filter((call) => call.method === method) ?? [];

  test.each([
    ['posts but never says so', 'drop-after-delivery'],
    ['cuts the line before it has heard', 'drop-before'],
    ['answers with 500', 'http500'],
  ] as const)('with a Slack that %s shows every group once', async (_, kind) => {
    site = await startBoardSite({ speed: 10 });
    const { gateway } = site.workspace;
    for (let index = 0; index < 4; index += 1) await site.open(`G${index}`, warning());
    gateway.fail({ method: 'chat.postMessage', with: kind, times: 2 });

    await site.drawn();

    // Two that were opened in the same millisecond have no order.
    const shown = site.heads().map((text) => /G\d/.exec(text)?.[0]);
    expect(shown.toSorted()).toEqual(['G0', 'G1', 'G2', 'G3']);
    expect(gateway.stats.failed).toBe(2);
    expect(calls('conversations.history').length).toBeGreaterThan(0);
    expect(gateway.violations).toEqual([]);
  });

  test('waits as long as Slack asks, and makes other calls meanwhile', async () => {
    site = await startBoardSite();
    const { gateway } = site.workspace;
    const id = await site.open('Old', warning());
    await site.drawn();
    gateway.fail({ method: 'chat.postMessage', with: '429', retryAfter: 2 });
    await site.open('New');

    const drawn = site.drawn();
    await until('the post is put off', () => gateway.stats.failed === 1);
    await site.happen(id, 'AlertsFired', { firing: 9 });
    await drawn;

    const [, putOff, again] = calls('chat.postMessage');
    expect((again?.at ?? 0) - (putOff?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(calls('chat.update')[0]?.at).toBeLessThan(again?.at ?? 0);
    expect(site.heads()).toHaveLength(2);
  });

  test('posts a message that is gone anew', async () => {
    site = await startBoardSite();
    const id = await site.open('Disk');
    await site.drawn();
    const [before] = await placesOf(site.store.pool, id);
    await deleteMessage(site, before?.ts ?? '');

    await site.happen(id, 'AlertsFired', { firing: 9 });
    await site.drawn();

    const [after] = await placesOf(site.store.pool, id);
    expect(after?.ts).not.toBe(before?.ts);
    expect(after?.movedFrom).toBe(before?.ts);
    expect(site.heads()).toHaveLength(1);
  });

  test('shows all other groups when one message is refused, which is left alone for a while', async () => {
    site = await startBoardSite({
      groupMessage: (view) => {
        const [first, ...others] = groupMessage(view);
        if (first === undefined || view.group.groupLabels.alertname !== 'Huge') return groupMessage(view);
        // Slack takes at most fifty blocks.
        return [{ ...first, blocks: Array.from({ length: 60 }, () => ({ type: 'divider' })) }, ...others];
      },
    });
    await site.open('Huge');
    await site.open('Memory');
    const tries = () => calls('chat.postMessage').filter(({ args }) => String(args.text).includes('Huge'));

    await site.board.draw(channel);
    await site.open('Disk');
    await site.board.draw(channel);

    expect(site.heads().map((text) => /Huge|Memory|Disk/.exec(text)?.[0])).toEqual(['Memory', 'Disk']);
    expect(tries()).toHaveLength(1);
    expect(await site.undrawn()).toBe(1);
  });

  test('gives up for now when Slack refuses one message after the other', async () => {
    site = await startBoardSite({ speed: 10 });
    const routing = { route: 'all', channel: 'C0ELSEWHERE', severity: 'critical' } as const;
    for (let index = 0; index < 8; index += 1) await site.open(`G${index}`, { routing });

    const drawing = site.board.draw('C0ELSEWHERE');

    await expect(drawing).rejects.toMatchObject({ code: 'slack-refused' });
    expect(calls('chat.postMessage').length).toBeLessThan(8);
  });

  test('shows a group that cannot be drawn as it should be by its name', async () => {
    site = await startBoardSite({
      groupMessage: (view) => {
        if (view.group.groupLabels.alertname === 'Odd') throw new RangeError('too odd');
        return groupMessage(view);
      },
    });
    await site.open('Odd');
    await site.open('Even');

    await site.drawn();

    expect(site.heads()).toEqual([
      expect.stringContaining('Odd · firing · its message could not be drawn'),
      expect.stringContaining('Even'),
    ]);
  });

  test('shows each group once, as it stands, when Slack comes back from the dark', async () => {
    site = await startBoardSite({ speed: 10 });
    const { gateway } = site.workspace;
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.push(await site.open(`G${index}`, warning()));
    const drawn = site.drawn();
    await until('some are posted', () => calls('chat.postMessage').filter(({ ok }) => ok).length > 3);

    gateway.goDark();
    for (const id of ids) await site.happen(id, 'AlertsFired', { firing: 50 });
    for (const id of ids) await site.happen(id, 'GroupClosed', { status: 'resolved', firing: 0 });
    await delay(500);
    const before = gateway.calls.length;
    gateway.light();
    await drawn;

    const groups = site.heads().filter((text) => /G\d/.test(text));
    expect(groups.map((text) => /G\d+/.exec(text)?.[0]).sort()).toEqual(ids.map((_, at) => `G${at}`).sort());
    expect(groups.every((text) => text.includes('resolved'))).toBe(true);
    const between = gateway.calls.slice(before).filter(({ args }) => /G\d.*firing/.test(String(args.text)));
    expect(between).toEqual([]);
    expect(gateway.stats.rateLimited).toBe(0);
    expect(gateway.violations).toEqual([]);
  });

  test('finds a message again although hundreds were posted after it', async () => {
    site = await startBoardSite({ workspace: { limits: 'off' } });
    const { messages } = site;
    const content = { text: 'This one', blocks: [] };
    const since = Date.now();
    const lost = await messages.post(channel, undefined, { stream: 'group-1', key: 'message-1' }, content);
    for (let index = 0; index < 450; index += 1) {
      await messages.post(channel, undefined, { stream: `group-${index + 2}`, key: 'message-1' }, content);
    }

    const found = await messages.find(channel, undefined, { stream: 'group-1', key: 'message-1' }, since);
    const never = await messages.find(channel, undefined, { stream: 'group-1', key: 'message-2' }, since);

    expect(found).toBe(lost.ts);
    expect(never).toBeUndefined();
    expect(calls('conversations.history')).toHaveLength(6);
  });
});

async function deleteMessage({ workspace }: BoardSite, ts: string): Promise<void> {
  await fetch(`${workspace.env.SLACK_API_URL}chat.delete`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${workspace.env.SLACK_BOT_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ channel, ts }),
  });
}
