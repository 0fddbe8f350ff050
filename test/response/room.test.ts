import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { alice } from './incident-settings.ts';
import { type IncidentSite, incidentSite } from './incident-site.ts';

describeWith('local-slack', 'the channel of an incident', () => {
  let site: IncidentSite;

  beforeAll(async () => {
    site = await incidentSite();
  });

  afterAll(async () => {
    await site?.close();
  });

  beforeEach(() => {
    site.duty.now = async () => ['U0BOB'];
    site.warnings.splice(0);
  });

  const created = () =>
    site.workspace.gateway.calls.filter(({ method, ok }) => method === 'conversations.create' && ok);

  test('is made, and everybody is in it who is on call, in the groups, in charge or declared it', async () => {
    const { id, number } = await site.declare({ title: 'Zahlungen schlagen fehl: „50 %“!' });

    const { room } = await site.makeRoom(id);

    expect(room.name).toBe(`inc-${number}-zahlungen-schlagen-fehl-50`);
    expect(room.because).toBeUndefined();
    expect(room.wanted).toEqual([]);
    expect(await site.members(room.channel ?? '')).toEqual(['U0SLIPWAY', 'U0ALICE', 'U0BOB', 'U0CAROL']);
    expect(room.invited.toSorted()).toEqual(['U0ALICE', 'U0BOB', 'U0CAROL']);
    expect(site.workspace.gateway.violations).toEqual([]);
  });

  test('is one, though the answer to making it was lost', async () => {
    const before = created().length;
    const { id } = await site.declare();
    site.workspace.gateway.fail({ method: 'conversations.create', with: 'drop-after-delivery' });

    await expect(site.makeRoom(id)).rejects.toMatchObject({ code: 'slack-unreachable' });
    const { room } = await site.makeRoom(id);

    expect(room.name).toMatch(/^inc-\d+-payments-fail$/);
    expect(await site.members(room.channel ?? '')).toContain('U0ALICE');
    expect(created()).toHaveLength(before);
  });

  test('takes the next name that is free, and never the channel of somebody else', async () => {
    const { id, number } = await site.declare({ title: 'Taken' });
    const { channel = {} } = await site.client.conversations.create({ name: `inc-${number}-taken` });
    const purpose = 'of another installation';
    await site.client.conversations.setPurpose({ channel: channel.id ?? '', purpose });

    const { room } = await site.makeRoom(id);

    expect(room.name).toBe(`inc-${number}-taken-2`);
    expect(room.channel).not.toBe(channel.id);
  });

  test('is done without where Slack allows no channels, until somebody asks again', async () => {
    const { id } = await site.declare();
    const takeBack = site.workspace.gateway.fail({
      method: 'conversations.create',
      times: Number.POSITIVE_INFINITY,
      with: 'refusal',
      error: 'restricted_action',
    });

    const refused = await site.makeRoom(id);
    takeBack();
    await site.incidents.handle(id, { type: 'Invite', people: [], by: alice });
    const after = await site.makeRoom(id);

    expect(refused.room.channel).toBeUndefined();
    expect(refused.room.because).toContain('does not let Slipway create channels');
    expect(after.room.because).toBeUndefined();
    expect(await site.members(after.room.channel ?? '')).toContain('U0BOB');
  });

  test('has everybody in it who can be, and says who cannot', async () => {
    site.duty.now = async () => ['U0BOB', 'U0GONE'];
    const { id } = await site.declare();

    const { room } = await site.makeRoom(id);

    expect(room.because).toBe('Could not be invited: <@U0GONE>: Slack does not know them.');
    expect(room.wanted).toEqual(['U0GONE']);
    expect(await site.members(room.channel ?? '')).toEqual(['U0SLIPWAY', 'U0ALICE', 'U0BOB', 'U0CAROL']);
  });

  test('has the others in it where Slack refuses all because of one', async () => {
    const { id } = await site.declare();
    site.workspace.gateway.fail({
      method: 'conversations.invite',
      times: 2,
      with: 'refusal',
      error: 'user_is_restricted',
    });

    const { room } = await site.makeRoom(id);

    expect(room.because).toBe(
      'Could not be invited: <@U0ALICE>: they are guests, whom only an administrator may add.',
    );
    expect(await site.members(room.channel ?? '')).toEqual(['U0SLIPWAY', 'U0BOB', 'U0CAROL']);
  });

  test('does not wait for who is on call: they are invited when that is known', async () => {
    let tell = (_people: readonly string[]): void => undefined;
    const known = new Promise<readonly string[]>((resolve) => {
      tell = resolve;
    });
    site.duty.now = () => known;
    const declared = await site.declare();

    tell(['U0BOB']);
    const { room } = await site.makeRoom(declared.id);

    expect(declared.room.wanted.toSorted()).toEqual(['U0ALICE', 'U0CAROL']);
    expect(room.invited).toContain('U0BOB');
  });

  test('is declared although nobody can tell who is on call', async () => {
    site.duty.now = () => Promise.reject(new Error('away'));

    const { room } = await site.declare();

    expect(room.wanted.toSorted()).toEqual(['U0ALICE', 'U0CAROL']);
    expect(site.warnings).toHaveLength(1);
  });

  test('is made once for one key, and whoever is second is told where', async () => {
    const { id, number } = await site.declare({ key: 'group-1 3' });
    const { room } = await site.makeRoom(id);

    const second = await site.incidents.declare({
      key: 'group-1 3',
      title: 'Another title',
      severity: 'low',
      commander: 'U0BOB',
      from: { channel: 'C0ALERTS' },
      groups: [],
      runs: [],
      by: { id: 'U0BOB', may: ['declare'] },
    });

    expect(second).toMatchObject({ ok: false, refusal: { code: 'incident-known' }, state: { id } });
    expect(second.ok ? '' : second.refusal.detail).toContain(`#${number}, in <#${room.channel}>`);
    expect((await site.incidents.numbered(number))?.id).toBe(id);
    expect((await site.incidents.inChannel(room.channel ?? ''))?.id).toBe(id);
    expect((await site.incidents.open())[0]?.id).toBe(id);
    expect(await site.incidents.numbered(2 ** 40)).toBeUndefined();
  });

  test('is in order: what failed is tried again, what is done is done once', async () => {
    await site.upkeep();
    const { id, number } = await site.declare({
      title: 'Disk & <!channel>',
      from: { channel: 'C0ALERTS', thread: '1700000000.000001' },
    });
    const { room } = await site.makeRoom(id);
    const channel = room.channel ?? '';
    const { gateway } = site.workspace;
    const done = (method: string) =>
      gateway.calls.filter((call) => call.method === method && call.args.channel === channel);
    gateway.fail({ method: 'conversations.setTopic', with: 'http500' });

    await site.upkeep();
    const failed = site.warnings.length;
    await site.upkeep();
    await site.upkeep();
    await site.incidents.handle(id, {
      type: 'ChangeSeverity',
      severity: 'critical',
      by: alice,
      ruling: site.settings.ruling,
    });
    await site.upkeep();

    const link = 'https://slack.example/C0ALERTS/1700000000.000001';
    expect(failed).toBe(1);
    expect(done('conversations.setTopic').map(({ args }) => args.topic)).toEqual([
      expect.stringContaining('high'),
      `#${number} · high · investigating · Disk &amp; &lt;!channel&gt; · ${link}`,
      `#${number} · critical · investigating · Disk &amp; &lt;!channel&gt; · ${link}`,
    ]);
    expect(done('conversations.setPurpose').every(({ args }) => String(args.purpose).includes(id))).toBe(
      true,
    );
    expect(gateway.violations).toEqual([]);
  });

  test('is told to the alerts and runs that the incident is about, later ones too, once', async () => {
    const told: unknown[] = [];
    const alerts = {
      handle: async (group: string, command: unknown) => {
        told.push([group, command]);
        return { ok: false, refusal: { code: 'group-unknown', detail: '' }, state: undefined } as const;
      },
    };
    const { id, number } = await site.declare({ groups: [{ group: 'group-1', round: 2 }] });
    const { room } = await site.makeRoom(id);

    await site.upkeep(alerts);
    await site.incidents.handle(id, { type: 'LinkGroup', group: 'group-2', round: 1, by: alice });
    await site.upkeep(alerts);
    await site.upkeep(alerts);

    const about = { type: 'LinkIncident', incident: id, number, channel: room.channel };
    expect(told).toEqual([
      ['group-1', { ...about, round: 2 }],
      ['group-2', { ...about, round: 1 }],
    ]);
  });

  test('keeps the status card pinned, also when it has to be posted again', async () => {
    const { id } = await site.declare();
    const { room } = await site.makeRoom(id);
    const channel = room.channel ?? '';
    const post = async (text: string): Promise<string> => {
      const { ts = '' } = await site.client.chat.postMessage({ channel, text });
      await site.store.pool.query(
        `insert into surfaces (stream, key, channel, ts, digest) values ($1, 'card', $2, $3, '')
         on conflict (stream, key) do update set ts = excluded.ts`,
        [id, channel, ts],
      );
      return ts;
    };
    const pins = () =>
      site.workspace.gateway.calls
        .filter(({ method, args }) => method === 'pins.add' && args.channel === channel)
        .map(({ args, ok }) => [args.timestamp, ok]);

    await site.upkeep();
    const first = await post('The card');
    await site.upkeep();
    await site.upkeep();
    const second = await post('The card again');
    await site.upkeep();

    expect(pins()).toEqual([
      [first, true],
      [second, true],
    ]);
  });
});
