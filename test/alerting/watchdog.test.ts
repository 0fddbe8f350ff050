import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type SourceSite, startSourceSite } from './source-site.ts';

const minute = 60_000;
const barks = { labels: { alertname: 'Watchdog', severity: 'none' } };
const match = [{ name: 'alertname', value: 'Watchdog', isRegex: false, isEqual: true }];

describeWith('alertmanager', 'a watchdog', () => {
  let site: SourceSite;

  beforeEach(async () => {
    site = await startSourceSite({
      watchdog: { match, silence: 10 * minute, channel: 'C0PLATFORM', page: 'platform' },
      alertmanager: { groupBy: ['team'], repeatInterval: '1s' },
    });
  });

  afterEach(async () => {
    await site.close();
  });

  /** What a worker would do that takes the jobs from the outbox. */
  const workOnPages = async () => {
    const { rows } = await site.store.pool.query<{ data: unknown }>(
      "delete from outbox where name = 'watchdog-page' returning data",
    );
    for (const { data } of rows) await site.sources.workOnPage(data);
  };

  const heard = () => until('the watchdog', async () => (await site.source())?.heardAt);

  test('is heard and never shown, while other alerts of its group are', async () => {
    await site.fire(barks);
    await heard();
    const alone = await site.groups();

    await site.fire(barks, { labels: { alertname: 'DiskFull' } });
    const [group] = await until('the other alert', async () => {
      const all = await site.groups();
      return all.length > 0 ? all : undefined;
    });

    expect(alone).toEqual([]);
    expect(group).toMatchObject({ firing: 1, status: 'firing' });
    const { rows } = await site.store.pool.query("select labels ->> 'alertname' as name from alerts");
    expect(rows).toEqual([{ name: 'DiskFull' }]);
  });

  test('that falls silent pages once, and is taken back when it is heard again', async () => {
    await site.fire(barks);
    await heard();
    await site.sources.checkWatchdogs();
    const whileHeard = await site.source();
    await site.alertmanagers[0]?.kill();

    await until('the silence', async () => {
      // A webhook that was on its way may come yet.
      site.skip(11 * minute);
      await site.sources.checkWatchdogs();
      return (await site.source())?.silence;
    });
    await workOnPages();
    await site.sources.checkWatchdogs();
    await workOnPages();
    const silent = await site.source();
    const pagedSoFar = [...site.paged];
    const again = await site.startAlertmanager('again', { port: site.alertmanagers[0]?.port ?? 0 });
    await site.fire(barks);
    await until('the watchdog again', async () => (await site.source())?.silence?.endedAt);
    await workOnPages();

    expect(whileHeard).not.toHaveProperty('silence');
    expect(silent).toMatchObject({
      channel: 'C0PLATFORM',
      silence: { number: 1 },
      page: { told: 'triggered' },
    });
    expect(pagedSoFar).toEqual([
      {
        action: 'trigger',
        key: 'platform',
        dedupKey: 'slipway-watchdog-prod',
        severity: 'critical',
        source: 'prod',
        summary: expect.stringContaining('watchdog of prod is silent'),
      },
    ]);
    expect(again.port).toBe(site.alertmanagers[0]?.port);
    expect(site.paged.slice(1)).toMatchObject([{ action: 'resolve', dedupKey: 'slipway-watchdog-prod' }]);
  });

  test('that ends is not heard by its end', async () => {
    const about = { receiver: 'slipway', groupKey: '{}:{}', groupLabels: {}, commonLabels: {} };
    const startsAt = '2026-11-22T03:04:05.000000000Z';
    const alert = { ...barks, fingerprint: '0000000000000001', startsAt, annotations: {}, generatorUrl: '' };
    const told = { ...about, commonAnnotations: {}, externalUrl: '', truncated: 0 };

    await site.sources.deliver('prod', { ...told, alerts: [{ ...alert, status: 'resolved' }] }, 'webhook');
    const ended = await site.source();
    await site.sources.deliver('prod', { ...told, alerts: [{ ...alert, status: 'firing' }] }, 'webhook');

    expect(ended).toBeUndefined();
    expect(await site.source()).toHaveProperty('heardAt');
  });
});
