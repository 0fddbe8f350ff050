import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openIncidents } from '../../src/response/incidents.ts';
import { refillIncidents } from '../../src/response/refill-incidents.ts';
import { reminderWork } from '../../src/response/reminders.ts';
import { type Backend, describeOnBoth, queueHome } from '../support/backends.ts';
import { until } from '../support/until.ts';
import { alice, incidentSettings } from './incident-settings.ts';
import { type WalkSite, walkSite } from './walk-site.ts';

describeOnBoth('reminders after the queue was flushed', (backend: Backend) => {
  let site: WalkSite;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    site = await walkSite();
    closers.push(() => site.close());
  });

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  test('come all the same, of the update first and of the review in the end, each as often as it is due', async () => {
    const ruling = {
      ...incidentSettings.ruling,
      updateEvery: { high: 1_500 },
      reviewWithin: { critical: 1_000, high: 1_000, medium: 1_000, low: 1_000 },
      remindEvery: 500,
    };
    const settings = { ...incidentSettings, ruling };
    const log = pino({ level: 'silent' });
    const nobody = async () => [];
    const incidents = openIncidents({ ...site, settings, log, onDuty: nobody, members: nobody });
    const home = await queueHome(backend);
    closers.push(() => home.close());
    const queues = await home.open(site.store.url);
    const work = reminderWork(incidents, ruling);
    await queues.work('timers', 2, async ({ name, data }) => work[name]?.(data));
    const declared = await incidents.declare({
      key: 'a',
      title: 'Payments fail',
      severity: 'high',
      commander: 'U0ALICE',
      from: { channel: 'C0ALERTS' },
      groups: [],
      runs: [],
      by: alice,
    });
    if (!declared.ok) throw new Error(declared.refusal.code);
    const { id } = declared.state;
    // Nothing hands the outbox over here, so the queue is as empty as one that was flushed.
    const refill = () => refillIncidents(site.store.pool, queues, Date.now());

    await refill();
    await refill();
    const reminded = await until('a reminder of the update', async () => {
      const incident = await incidents.find(id);
      return incident !== undefined && incident.reminders > 0 && incident;
    });
    await incidents.handle(id, { type: 'Resolve', text: 'It is over.', by: alice, ruling });
    await refill();
    const review = await until('a reminder of the review', async () => {
      const { review } = (await incidents.find(id)) ?? {};
      return review !== undefined && review.reminders > 0 && review;
    });

    expect(reminded.updateDueAt).toBeGreaterThan(declared.state.updateDueAt ?? 0);
    expect(review.remindAt).toBeGreaterThan(review.dueAt - ruling.remindEvery);
  });
});
