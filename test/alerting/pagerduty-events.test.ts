import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import { openPager, type PageEvent } from '../../src/alerting/pagerduty-events.ts';
import type { PagerDutySettings } from '../../src/alerts/surroundings.ts';
import { Failure } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';

let pagerDuty: PlayedPagerDuty;
let settings: PagerDutySettings;

beforeEach(async () => {
  pagerDuty = await startPagerDuty();
  settings = {
    eventsUrl: pagerDuty.url,
    apiUrl: pagerDuty.url,
    keys: {
      default: new Secret('KEY', pagerDuty.keys.default ?? ''),
      wrong: new Secret('KEY', 'f'.repeat(32)),
    },
    webhookSecrets: [],
    users: {},
  };
});

afterEach(() => pagerDuty.stop());

/** A machine may be slow. */
const patient = { limit: 30_000 };

const event = (more: Partial<PageEvent> = {}): PageEvent => ({
  action: 'trigger',
  key: 'default',
  dedupKey: 'disk-full',
  summary: 'The disk is full',
  source: 'db-1',
  severity: 'critical',
  ...more,
});

const failureOf = async (sent: Promise<void>): Promise<Failure> => {
  const failure = await sent.catch((error: unknown) => error);
  if (failure instanceof Failure) return failure;
  throw new Error('it did not fail as foreseen', { cause: failure });
};

describe('a page', () => {
  test('is opened, acknowledged and resolved under its key', async () => {
    const pager = openPager(settings, patient);

    for (const action of ['trigger', 'acknowledge', 'resolve'] as const) await pager.send(event({ action }));

    expect(pagerDuty.events).toMatchObject([
      {
        event_action: 'trigger',
        dedup_key: 'disk-full',
        payload: { summary: 'The disk is full', source: 'db-1', severity: 'critical' },
      },
      { event_action: 'acknowledge', dedup_key: 'disk-full' },
      { event_action: 'resolve', dedup_key: 'disk-full' },
    ]);
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'resolved', dedupKey: 'disk-full' }]);
  });

  test('keeps to the limits, however much there is to say', async () => {
    const pager = openPager(settings, patient);
    const alert = { labels: { instance: 'x'.repeat(3_000) }, annotations: { text: '✗'.repeat(1_500) } };

    await pager.send(
      event({
        summary: `\u202e\u0000${'s'.repeat(5_000)}`,
        source: '',
        dedupKey: 'k'.repeat(300),
        details: { alerts: Array(1_000).fill(alert) },
        links: [
          { href: 'javascript:alert(1)', text: 'no' },
          { href: 'https://example.com/', text: 'yes' },
        ],
      }),
    );

    const [sent] = pagerDuty.events;
    if (sent?.event_action !== 'trigger') throw new Error('no trigger was taken');
    expect(sent.payload.summary).toMatch(/^s+…$/);
    expect(sent.payload.source).toBe('slipway');
    expect(sent.dedup_key).toMatch(/^[0-9a-f]{64}$/);
    expect(sent.links).toEqual([{ href: 'https://example.com/', text: 'yes' }]);
    expect(Object.keys(sent.payload.custom_details ?? {})).toEqual(['alerts']);
  });

  test('leaves out the details where no cut of them is short enough', async () => {
    const wide = (depth: number): unknown =>
      depth === 0
        ? 'x'.repeat(200)
        : Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`n${n}`, wide(depth - 1)]));

    await openPager(settings, patient).send(event({ details: { wide: wide(3) } }));

    expect(pagerDuty.events).toMatchObject([{ payload: { summary: 'The disk is full' } }]);
    expect(JSON.stringify(pagerDuty.events)).not.toContain('custom_details');
  });
});

describe('what PagerDuty does not take', () => {
  test('a refusal says its reasons and is for good', async () => {
    const failure = await failureOf(openPager(settings, patient).send(event({ key: 'wrong' })));

    expect(failure.code).toBe('pagerduty-refused');
    expect(failure.message).toContain('Invalid routing key');
  });

  test('a key that is not configured is refused before anything is sent', async () => {
    const failure = await failureOf(openPager(settings, patient).send(event({ key: 'nowhere' })));

    expect(failure.code).toBe('pagerduty-refused');
    expect(failure.message).toContain('alerts.pagerduty.keys');
    expect(pagerDuty.asked).toEqual([]);
  });

  test('without settings everything is refused', async () => {
    const failure = await failureOf(openPager(undefined).send(event()));

    expect(failure.code).toBe('pagerduty-refused');
  });

  test.each([[500], [503], [408], [429]])('a %i may be tried again', async (status) => {
    pagerDuty.fail({ with: status, times: 1 });
    const pager = openPager(settings, { ...patient, rest: 0 });

    const failure = await failureOf(pager.send(event()));
    await pager.send(event());

    expect(failure.code).toBe('pagerduty-unreachable');
    expect(pagerDuty.incidents()).toHaveLength(1);
  });

  test.each([['silence'], ['cut'], ['cut-after']] as const)('a %s may be tried again', async (fault) => {
    pagerDuty.fail({ with: fault, times: 1 });
    const pager = openPager(settings, { limit: 500 });

    const failure = await failureOf(pager.send(event()));
    await openPager(settings, patient).send(event());

    expect(failure.code).toBe('pagerduty-unreachable');
    expect(pagerDuty.incidents()).toHaveLength(1);
  });

  test('where nothing listens it may be tried again', async () => {
    await pagerDuty.stop();
    const failure = await failureOf(openPager(settings, patient).send(event()));

    expect(failure.code).toBe('pagerduty-unreachable');
  });

  test('while it cannot be reached one call at a time tries, until it answers again', async () => {
    const mend = pagerDuty.fail({ with: 'cut' });
    const pager = openPager(settings, patient);
    await failureOf(pager.send(event()));

    const failures = await Promise.all([1, 2, 3].map(() => failureOf(pager.send(event()))));
    const asked = pagerDuty.asked.length;
    mend();
    await pager.send(event());
    await Promise.all(['a', 'b', 'c'].map((dedupKey) => pager.send(event({ dedupKey }))));

    expect(failures.map(({ code }) => code)).toEqual(Array(3).fill('pagerduty-unreachable'));
    expect(asked).toBe(2);
    expect(pagerDuty.incidents()).toHaveLength(4);
  });

  test('a key that is throttled rests as long as PagerDuty says, others do not', async () => {
    let at = 1_000_000;
    pagerDuty.fail({ with: 429, times: 1, retryAfter: 30 });
    const pager = openPager(
      { ...settings, keys: { ...settings.keys, second: settings.keys.default ?? new Secret('NONE', '') } },
      { ...patient, now: () => at },
    );
    await failureOf(pager.send(event()));

    at += 29_000;
    const resting = await failureOf(pager.send(event()));
    const askedWhileResting = pagerDuty.asked.length;
    await pager.send(event({ key: 'second', dedupKey: 'other' }));
    at += 1_000;
    await pager.send(event());

    expect(resting.code).toBe('pagerduty-unreachable');
    expect(askedWhileResting).toBe(1);
    expect(pagerDuty.incidents().map(({ dedupKey }) => dedupKey)).toEqual(['other', 'disk-full']);
  });
});
