import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { amtool } from '../../rehearsal/alertmanager/amtool.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { webhookBody } from '../support/webhooks.ts';
import { type SourceSite, startSourceSite } from './source-site.ts';

const minute = 60_000;
const disk = { labels: { alertname: 'DiskFull', instance: 'a' } };

describeWith('alertmanager', 'a look at Alertmanager', () => {
  const sites: SourceSite[] = [];

  afterEach(async () => {
    for (const site of sites.splice(0)) await site.close();
  });

  const start = async (...options: Parameters<typeof startSourceSite>) => {
    const site = await startSourceSite(...options);
    sites.push(site);
    return site;
  };

  const opened = async ({ groups }: SourceSite, count = 1) =>
    until(`${count} groups`, async () => {
      const all = await groups();
      return all.length === count && all.every(({ status }) => status === 'firing') ? all : undefined;
    });

  /** Ends alerts in Alertmanager and waits until it shows them no more. */
  const end = async (site: SourceSite, ...alerts: readonly { readonly labels: Record<string, string> }[]) => {
    await site.fire(...alerts.map((alert) => ({ ...alert, endsAt: Date.now() - 1 })));
    const gone = alerts.map(({ labels }) => JSON.stringify(labels));
    await until('the end of the alerts', async () => {
      const said = await amtool(
        site.alertmanagers[0]?.url ?? '',
        'alert',
        'query',
        '--output=json',
        '-s',
        '-i',
      );
      const left: readonly { readonly labels: unknown }[] = JSON.parse(said);
      return !left.some(({ labels }) => gone.includes(JSON.stringify(labels)));
    });
  };

  test('closes a group whose alert ended while it was silenced, after two of them', async () => {
    const site = await start();
    const other = { labels: { alertname: 'Other' } };
    await site.fire(disk, other);
    await opened(site, 2);
    await amtool(site.alertmanagers[0]?.url ?? '', 'silence', 'add', '-c', 'x', 'alertname=DiskFull');
    await site.look();
    await site.look();
    const whileSilenced = await site.groups();
    await end(site, disk);

    await site.look();
    const afterOne = await site.groups();
    await site.look();
    const afterTwo = await site.groups();

    const statusOf = (all: typeof afterOne) =>
      Object.fromEntries(all.map(({ groupLabels, status }) => [groupLabels.alertname, status]));
    expect(statusOf(whileSilenced)).toEqual({ DiskFull: 'firing', Other: 'firing' });
    expect(statusOf(afterOne)).toEqual({ DiskFull: 'firing', Other: 'firing' });
    expect(statusOf(afterTwo)).toEqual({ DiskFull: 'resolved', Other: 'firing' });
    expect(afterTwo.find(({ status }) => status === 'resolved')).toMatchObject({
      closedBecause: 'gone',
      firing: 0,
      resolved: 1,
    });
  });

  test('closes only what is gone of a group', async () => {
    const site = await start();
    const others = ['b', 'c'].map((instance) => ({ labels: { alertname: 'DiskFull', instance } }));
    await site.fire(disk, ...others);
    await until('all three', async () => (await site.groups())[0]?.firing === 3);
    await amtool(site.alertmanagers[0]?.url ?? '', 'silence', 'add', '-c', 'x', 'instance=a');
    await end(site, disk);

    await site.look();
    await site.look();

    expect(await site.groups()).toMatchObject([{ status: 'firing', firing: 2, resolved: 1 }]);
  });

  test('believes nothing of one that has only just started', async () => {
    const site = await start({ patience: { settled: 5 * minute } });
    await site.fire(disk);
    await opened(site);
    const [first] = site.alertmanagers;
    await first?.kill();
    await site.startAlertmanager('peer-0', { port: first?.port ?? 0 });

    for (let looks = 0; looks < 3; looks += 1) await site.look();

    expect(await site.groups()).toMatchObject([{ status: 'firing' }]);
  });

  test('closes nothing that another peer still shows', async () => {
    const site = await start({ peers: 2 });
    await site.fire(disk);
    await opened(site);
    const [first] = site.alertmanagers;
    await first?.kill();
    await site.startAlertmanager('peer-0', { port: first?.port ?? 0 });

    for (let looks = 0; looks < 3; looks += 1) await site.look();

    expect(await site.groups()).toMatchObject([{ status: 'firing' }]);
  });

  test('fires again what was closed here and still fires there', async () => {
    const site = await start();
    await site.fire(disk);
    const [group] = await opened(site);
    const { rows } = await site.store.pool.query('select fingerprint, starts_at as "startsAt" from alerts');
    const ended = { ...rows[0], ...disk, status: 'resolved', endsAt: new Date().toISOString() };
    const body = { ...webhookBody(), groupKey: group?.groupKey, status: 'resolved' };
    await site.sources.deliver(
      'prod',
      {
        receiver: 'slipway',
        groupKey: group?.groupKey ?? '',
        groupLabels: { alertname: 'DiskFull' },
        commonLabels: {},
        commonAnnotations: {},
        externalUrl: body.externalURL,
        truncated: 0,
        alerts: [{ ...ended, status: 'resolved', annotations: {}, generatorUrl: '' }],
      },
      'webhook',
    );
    const closed = await site.groups();

    await site.look();
    const afterOne = await site.groups();
    await site.look();
    const afterTwo = await site.groups();

    expect([closed, afterOne, afterTwo].map(([one]) => [one?.status, one?.round])).toEqual([
      ['resolved', 1],
      ['resolved', 1],
      ['firing', 2],
    ]);
  });

  test('closes a group that could not be told whole only when nothing of it is left', async () => {
    const site = await start({ alertmanager: { maxAlerts: 1 } });
    const second = { labels: { alertname: 'DiskFull', instance: 'b' } };
    await site.fire(disk, second, { labels: { alertname: 'Other' } });
    await opened(site, 2);
    const group = async () =>
      (await site.groups()).find(({ groupLabels }) => groupLabels.alertname === 'DiskFull');
    await until('the one that was left out', async () => (await group())?.truncated === 1);
    await end(site, disk);
    await until('the end of the first', async () => (await group())?.firing === 0);

    await site.look();
    await site.look();
    const whileLeft = await group();
    await amtool(site.alertmanagers[0]?.url ?? '', 'silence', 'add', '-c', 'x', 'alertname=DiskFull');
    await end(site, second);
    await site.look();
    await site.look();

    expect(whileLeft).toMatchObject({ status: 'firing', firing: 0, truncated: 1 });
    expect(await group()).toMatchObject({ status: 'resolved', closedBecause: 'gone' });
    expect(await site.source()).toBeUndefined();
  });

  test('tells what fires and never came, until it is gone', async () => {
    const site = await start();
    const lost = { labels: { alertname: 'Lost', instance: '<!channel>' } };
    await site.fire(disk, lost);
    await opened(site, 2);
    await site.store.pool.query(
      "with gone as (delete from streams where state -> 'groupLabels' ->> 'alertname' = 'Lost' returning id) delete from alerts where stream in (select id from gone)",
    );

    const drift = await until('the drift', async () => {
      await site.look();
      return (await site.source())?.drift;
    });
    await end(site, lost);
    await site.look();

    expect(drift).toMatchObject({ number: 1, count: 1, some: [lost.labels] });
    expect((await site.source())?.drift?.endedAt).toBeGreaterThan(0);
  });

  test('tells what never came no sooner than the source says', async () => {
    const site = await start({ driftAfter: 60 * minute });
    const lost = { labels: { alertname: 'Lost' } };
    await site.fire(disk, lost);
    await opened(site, 2);
    await site.store.pool.query(
      "with gone as (delete from streams where state -> 'groupLabels' ->> 'alertname' = 'Lost' returning id) delete from alerts where stream in (select id from gone)",
    );
    await site.look();

    site.skip(59 * minute);
    await site.look();
    const early = await site.source();
    site.skip(2 * minute);
    await site.look();

    expect(early?.drift).toBeUndefined();
    expect((await site.source())?.drift).toMatchObject({ count: 1, some: [lost.labels] });
  });

  test('misses nothing that is silenced or is the watchdog', async () => {
    const match = [{ name: 'alertname', value: 'Watchdog', isRegex: false, isEqual: true }];
    const site = await start({ watchdog: { match, silence: 10 * minute, channel: 'C0ONCALL' } });
    await site.fire(disk);
    await opened(site);
    await amtool(site.alertmanagers[0]?.url ?? '', 'silence', 'add', '-c', 'x', 'alertname=Quiet');
    await site.fire({ labels: { alertname: 'Quiet' } }, { labels: { alertname: 'Watchdog' } });
    // As long as alerts may take to come, and as long again.
    const end = Date.now() + 2_500;

    await until('the looks', async () => {
      await site.look();
      return Date.now() > end;
    });

    expect(await site.source()).not.toHaveProperty('drift');
    expect(await site.groups()).toHaveLength(1);
  });

  test('tells once that a peer is silent, and that none answers', async () => {
    const site = await start({ peers: 2 });
    const [first, second] = site.alertmanagers;
    await site.look();
    const well = await site.source();
    await second?.kill();

    await site.look();
    const afterOne = await site.source();
    await site.look();
    const partly = await site.source();
    await first?.kill();
    await site.look();
    await site.look();
    const wholly = await site.source();
    await site.startAlertmanager('peer-0', { port: first?.port ?? 0 });
    await site.startAlertmanager('peer-1', { port: second?.port ?? 0 });
    await site.look();

    expect([well, afterOne]).toEqual([undefined, undefined]);
    expect(partly?.unreached).toMatchObject({ isPartial: true, silent: [{ address: second?.url }] });
    expect(wholly?.unreached).toMatchObject({ isPartial: false, number: 1 });
    expect(wholly?.unreached?.silent).toHaveLength(2);
    expect((await site.source())?.unreached?.endedAt).toBeGreaterThan(0);
  });

  test('tells of a peer that says how it is and not what fires, and asks the next one', async () => {
    const broken = createServer((request, response) => {
      const status = { uptime: '2020-01-01T00:00:00Z', config: { original: '' } };
      if (request.url === '/api/v2/status') response.end(JSON.stringify(status));
      else response.writeHead(500).end('"no alerts today"');
    });
    broken.listen(0, '127.0.0.1');
    await once(broken, 'listening');
    const port = await freePort();
    const address = broken.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const site = await start({ addresses: [url, `http://127.0.0.1:${port}`], alertmanager: { port } });
    await site.fire(disk);
    await opened(site);

    await site.look();
    await site.look();
    const fires = await site.groups();
    await amtool(site.alertmanagers[0]?.url ?? '', 'silence', 'add', '-c', 'x', 'alertname=DiskFull');
    await end(site, disk);
    await site.look();
    await site.look();

    broken.close();
    broken.closeAllConnections();
    expect((await site.source())?.unreached).toMatchObject({
      isPartial: true,
      silent: [{ address: url, because: expect.stringContaining('no alerts today') }],
    });
    expect(fires).toMatchObject([{ status: 'firing' }]);
    expect(await site.groups()).toMatchObject([{ status: 'resolved', closedBecause: 'gone' }]);
  });

  test('makes one group of what two Alertmanagers tell that do not know of each other', async () => {
    const site = await start({ peers: 2 });
    const startsAt = Date.now();

    const bothTell = (what: string) =>
      until(`both to tell that it is ${what}`, () =>
        site.alertmanagers.every(({ url }) => site.delivered.includes(`${url} ${what}`)),
      );

    await site.fire({ ...disk, startsAt });
    await bothTell('firing');
    const fired = await site.groups();
    await site.fire({ ...disk, startsAt, endsAt: Date.now() - 1 });
    await bothTell('resolved');

    const [closed, ...others] = await site.groups();
    expect(fired).toMatchObject([{ status: 'firing', firing: 1 }]);
    expect(others).toEqual([]);
    expect(closed).toMatchObject({ round: 1, closedBecause: 'resolved', resolved: 1 });
  });
});

describeWith('alertmanager', 'a silence that is changed in Alertmanager itself', () => {
  let site: SourceSite;

  afterEach(async () => {
    await site.close();
  });

  const silenced = async () => {
    site = await startSourceSite();
    await site.fire(disk);
    const group = await until('the group', async () => (await site.groups())[0]);
    const by = { id: 'U0CAROL', may: ['silence' as const] };
    const matchers = [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }];
    const wanted = { type: 'Silence', scope: 'group', matchers, comment: '', by, round: 1 } as const;
    await site.alerts.handle(group.id, { ...wanted, until: Date.now() + 60 * minute });
    await site.silences.work({ group: group.id, number: 1, turn: 1 });
    const made = (await site.groups())[0]?.silences[0];
    expect(made).toMatchObject({ status: 'active' });
    return { id: made?.id ?? '', url: site.alertmanagers[0]?.url ?? '', group: group.id };
  };

  const first = async () => (await site.groups())[0]?.silences[0];

  test('is known to have ended after two looks', async () => {
    const { id, url } = await silenced();
    await amtool(url, 'silence', 'expire', id);

    await site.look();
    const afterOne = await first();
    await site.look();

    expect(afterOne?.status).toBe('active');
    expect((await first())?.status).toBe('ended');
  });

  test('is known by its new end after two looks', async () => {
    const { id, url } = await silenced();
    await amtool(url, 'silence', 'update', '--duration=4h', id);

    await site.look();
    await site.look();

    const changed = await first();
    expect(changed?.status).toBe('active');
    expect(Math.abs((changed?.until ?? 0) - Date.now() - 240 * minute)).toBeLessThan(5 * minute);
  });

  test('and left as it is stays as it is known', async () => {
    await silenced();
    const before = await first();

    await site.look();
    await site.look();

    expect(await first()).toEqual(before);
  });

  test('that was made twice is ended when the one that is known has ended', async () => {
    const { url, group } = await silenced();
    await site.alerts.handle(group, { type: 'SilenceEnded', number: 1 });
    await amtool(url, 'silence', 'add', `--comment=twice [slipway ${group}/1]`, 'alertname=DiskFull');

    await site.look();
    await site.look();

    expect(await first()).toMatchObject({ status: 'ending' });
  });
});
