import { afterEach, expect, test } from 'vitest';
import type { AlertGroup } from '../../src/alerts/group.ts';
import { placesOf } from '../../src/store/surfaces.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardSite, startBoardSite, warning } from './board-site.ts';

const carol = { via: 'slack', id: 'U0CAROL' } as const;

/** Somebody has seen it, which is told in the thread. */
function seen(): Partial<AlertGroup> {
  const at = Date.now();
  return {
    acknowledged: { by: carol, at },
    changes: [{ number: 2, at, round: 1, what: 'acknowledged', by: carol }],
  };
}

describeWith('local-slack', 'the board of a channel', () => {
  let site: BoardSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  const calls = (method: string) =>
    site?.workspace.gateway.calls.filter((call) => call.method === method) ?? [];
  const inOrder = (method: string, names: RegExp) =>
    calls(method).map(({ args }) => names.exec(String(args.text))?.[0]);

  test('posts critical groups before others, of each the longest waiting first, and what has resolved last', async () => {
    site = await startBoardSite({ speed: 10 });
    await site.open('Over', { status: 'resolved', closedAt: Date.now() });
    await site.open('Early', warning());
    await site.open('Later', warning());
    await site.open('Disk');
    await site.open('Memory');

    await site.drawn();

    expect(inOrder('chat.postMessage', /Early|Later|Disk|Memory|Over/)).toEqual([
      'Disk',
      'Memory',
      'Early',
      'Later',
      'Over',
    ]);
    expect(site.heads()).toHaveLength(5);
    expect(site.workspace.gateway.violations).toEqual([]);
    expect(site.workspace.gateway.stats.rateLimited).toBe(0);
  });

  test('edits the message of a group and tells in its thread what changed', async () => {
    site = await startBoardSite();
    const id = await site.open('Disk');
    await site.drawn();

    await site.happen(id, 'Acknowledged', seen());
    await site.drawn();

    expect(site.heads()).toEqual([expect.stringContaining('acknowledged')]);
    const [, thread] = calls('chat.postMessage');
    const [first] = calls('chat.update');
    expect(thread?.args.thread_ts).toBe(first?.args.ts);
    expect(await site.undrawn()).toBe(0);
  });

  test('lets no first post wait for edits', async () => {
    site = await startBoardSite({ speed: 4 });
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) ids.push(await site.open(`G${index}`, warning()));
    await site.drawn();

    // More edits than Slack takes at once.
    for (let time = 0; time < 2; time += 1) {
      for (const id of ids) await site.happen(id, 'AlertsFired', { firing: 3 + time });
      await site.drawn();
    }
    for (const id of ids) await site.happen(id, 'AlertsFired', { firing: 99 });
    const drawn = site.drawn();
    await site.open('Disk');
    await drawn;

    const late = site.workspace.gateway.calls.map(({ args }) => String(args.text));
    const post = late.findIndex((text) => text.includes('Disk'));
    const lastEdit = site.workspace.gateway.calls.findLastIndex(({ method }) => method === 'chat.update');
    expect(post).toBeLessThan(lastEdit);
    expect(site.workspace.gateway.stats.rateLimited).toBe(0);
  });

  test('answers a click before it shows what else has changed', async () => {
    site = await startBoardSite();
    const usual = await site.open('Usual');
    const clicked = await site.open('Clicked', warning());
    await site.drawn();

    await site.happen(usual, 'AlertsFired', { firing: 7 });
    await site.happen(clicked, 'Acknowledged', { acknowledged: { by: carol, at: Date.now() } });
    await site.drawn();

    expect(inOrder('chat.update', /Usual|Clicked/)).toEqual(['Clicked', 'Usual']);
  });

  test('writes to the people whom an escalation tells, and there too shows who has seen it', async () => {
    site = await startBoardSite();
    const at = Date.now();
    const id = await site.open('Disk', {
      changes: [{ number: 1, at, round: 1, what: 'escalated', detail: 'after 5 min' }],
      escalation: {
        policy: 'oncall',
        step: 1,
        nextAt: at + 60_000,
        status: 'running',
        told: [{ at, step: 0, people: ['U0CAROL'] }],
      },
    });
    await site.happen(id, 'Escalated', {});
    await site.drawn();
    const told = calls('chat.postMessage').filter(({ args }) => String(args.channel).startsWith('U'));

    await site.happen(id, 'Acknowledged', { acknowledged: { by: carol, at: Date.now() } });
    await site.drawn();

    expect(told.map(({ args }) => args.channel)).toEqual(['U0CAROL']);
    const places = (await placesOf(site.store.pool, id)).filter(({ key }) => key.startsWith('told-'));
    expect(places.map(({ channel }) => channel?.charAt(0))).toEqual(['D']);
    const edited = calls('chat.update').map(({ args }) => args.ts);
    expect(edited).toEqual(expect.arrayContaining(places.map(({ ts }) => ts)));
  });

  test('calls nobody for what was seen to before the call could be sent', async () => {
    site = await startBoardSite();
    const at = Date.now();
    const id = await site.open('Disk', {
      changes: [{ number: 1, at, round: 1, what: 'escalated' }],
      escalation: {
        policy: 'oncall',
        step: 1,
        nextAt: at,
        status: 'stopped',
        told: [{ at, step: 0, people: ['U0CAROL'] }],
      },
      acknowledged: { by: carol, at },
    });
    await site.happen(id, 'Escalated', {});

    await site.drawn();

    expect(calls('chat.postMessage').filter(({ args }) => String(args.channel).startsWith('U'))).toEqual([]);
    expect(site.heads()).toHaveLength(1);
  });

  test('looks again at once when something new comes while it waits', async () => {
    site = await startBoardSite();
    const first = await site.open('First', warning());
    const opened = site;
    const drawn = site.drawn();
    await until('the first post', () => calls('chat.postMessage').length === 1);
    await site.happen(first, 'AlertsFired', { firing: 5 });
    await site.open('Second');
    await drawn;

    expect(opened.heads()).toHaveLength(2);
  });

  test('shows nothing of a group of which only the end was ever told', async () => {
    site = await startBoardSite();
    await site.open('Unknown', { round: 0, status: 'resolved' });

    await site.drawn();

    expect(site.workspace.gateway.calls).toEqual([]);
  });

  test('leaves no open message behind when a group closed and opened again in one go', async () => {
    site = await startBoardSite();
    const id = await site.open('Disk');
    await site.drawn();

    await site.happen(id, 'GroupOpened', { round: 2, message: 2 });
    await site.drawn();

    expect(site.heads()).toEqual([
      expect.stringContaining('see its newer message'),
      expect.stringContaining('firing'),
    ]);
  });

  test('leaves the message of a round that is over as it is', async () => {
    site = await startBoardSite();
    const id = await site.open('Disk');
    await site.drawn();
    await site.happen(id, 'GroupClosed', { status: 'resolved', closedAt: Date.now(), firing: 0 });
    await site.drawn();

    await site.happen(id, 'GroupOpened', { status: 'firing', round: 2, message: 2 });
    await site.drawn();

    expect(site.heads()).toEqual([expect.stringContaining('resolved'), expect.stringContaining('firing')]);
    expect(site.heads().join()).not.toContain('newer message');
  });
});
