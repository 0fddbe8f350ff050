import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../rehearsal/slack/screen.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardSite, channel, startBoardSite, warning } from './board-site.ts';

const many = 180;

describeWith('local-slack', 'a storm of alerts in one channel', () => {
  let site: BoardSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  const posts = () =>
    (site?.workspace.gateway.calls ?? [])
      .filter(({ method }) => method === 'chat.postMessage')
      .map(({ args }) => String(args.text));
  const isDigest = ({ text }: Pick<Message, 'text'>) => /alert groups? (is|are) firing|Calm again/.test(text);

  test('is shown critical groups first, the rest in a digest until each has its own message', async () => {
    site = await startBoardSite({ speed: 20 });
    const { people, gateway } = site.workspace;
    const critical: string[] = [];
    const warnings: string[] = [];
    for (let index = 0; index < many; index += 1) {
      const isCritical = index % 12 === 11;
      const id = await site.open(`G${index};`, isCritical ? {} : warning());
      (isCritical ? critical : warnings).push(id);
    }

    const drawn = site.drawn();
    await people.waitForMessage(channel, isDigest, { timeoutMs: 60_000 });
    // Some of those that wait are over before anybody could see them.
    const over = warnings.slice(60, 80);
    for (const id of over) await site.happen(id, 'GroupClosed', { status: 'resolved', firing: 0 });
    await drawn;

    const texts = posts();
    const own = texts.filter((text) => /G\d+;/.test(text));
    expect(own.slice(0, critical.length).every((text) => text.startsWith('🟥'))).toBe(true);
    const resolved = own.filter((text) => text.includes('resolved')).length;
    expect(resolved).toBeGreaterThan(0);
    expect(own.slice(-resolved).every((text) => text.includes('resolved'))).toBe(true);
    expect(texts.findIndex((text) => isDigest({ text }))).toBeLessThan(
      texts.findIndex((text) => text.startsWith('🟨 G')),
    );
    const names = people.messages(channel).flatMap(({ text }) => /G\d+;/.exec(text)?.[0] ?? []);
    expect([...names].sort()).toEqual(Array.from({ length: many }, (_, index) => `G${index};`).sort());
    const digests = people.messages(channel).filter(isDigest);
    expect(digests.map(({ text }) => text)).toEqual([expect.stringContaining('Calm again')]);
    expect(await site.undrawn()).toBe(0);
    expect(gateway.stats.rateLimited).toBe(0);
    expect(gateway.violations).toEqual([]);
    // Whoever waits costs nothing until it is their turn.
    expect(site.loads()).toBeLessThan(3 * many);
  }, 120_000);

  test('is told by one digest, which shows what people do to the groups in it', async () => {
    site = await startBoardSite();
    const { people } = site.workspace;
    const ids: string[] = [];
    for (let index = 0; index < 14; index += 1) ids.push(await site.open(`G${index};`, warning()));

    const drawn = site.drawn();
    const digest = await people.waitForMessage(channel, isDigest, { timeoutMs: 30_000 });
    const before = people.buttons(digest).length;
    const at = Date.now();
    await site.happen(ids.at(-1) ?? '', 'Acknowledged', {
      acknowledged: { by: { via: 'slack', id: 'U0CAROL' }, at },
    });
    const answered = await people.waitForMessage(
      channel,
      (message) => isDigest(message) && JSON.stringify(message.blocks).includes('Acknowledged by'),
      { timeoutMs: 30_000 },
    );
    await drawn;

    expect(answered.ts).toBe(digest.ts);
    expect(people.buttons(answered).length).toBeLessThan(before);
    expect(people.messages(channel).filter(isDigest)).toHaveLength(1);
  }, 90_000);

  test('that begins long after the last one has a digest of its own', async () => {
    site = await startBoardSite({ speed: 10 });
    const { people } = site.workspace;
    for (let index = 0; index < 9; index += 1) await site.open(`Old${index};`, warning());
    await site.drawn();
    await until('the first is over', () =>
      people.messages(channel).some(({ text }) => text.includes('Calm again')),
    );
    await site.store.pool.query(`update surfaces set ts = (ts::numeric - 3600)::text where key = 'digest'`);

    for (let index = 0; index < 9; index += 1) await site.open(`New${index};`, warning());
    await site.drawn();

    expect(people.messages(channel).filter(isDigest)).toHaveLength(2);
  });

  test('too small to fold is shown without a digest', async () => {
    site = await startBoardSite({ speed: 10 });
    for (let index = 0; index < 5; index += 1) await site.open(`G${index};`, warning());

    await site.drawn();

    expect(site.heads().map((text) => /G\d/.exec(text)?.[0])).toEqual(['G0', 'G1', 'G2', 'G3', 'G4']);
  });

  test('that nobody has to see any more is shown without a digest', async () => {
    site = await startBoardSite({ speed: 10 });
    for (let index = 0; index < 12; index += 1) {
      await site.open(`G${index};`, { status: 'resolved', closedAt: Date.now() });
    }

    await site.drawn();

    expect(site.heads()).toHaveLength(12);
    expect(site.heads().some((text) => isDigest({ text }))).toBe(false);
  });
});
