import type pg from 'pg';
import { type Alerts, openAlerts } from '../../src/alerting/alerts.ts';
import type { AlertGroup } from '../../src/alerts/group.ts';
import type { AlertSettings } from '../../src/alerts/settings.ts';
import type { AlertsConfig, PagerDutySettings } from '../../src/alerts/surroundings.ts';
import { append } from '../../src/store/streams.ts';
import { changeOf } from '../support/store.ts';
import { groupOf } from './group-of.ts';

/** What `alerts` of slipway.yaml says in these tests, unless it is said otherwise. */
export function alertsConfig(
  settings: Partial<AlertSettings> = {},
  pagerduty?: PagerDutySettings,
): AlertsConfig {
  return {
    settings: {
      routes: [],
      severities: {},
      quietHours: {},
      schedules: {},
      policies: {},
      flapping: { episodes: 5, within: 3_600_000 },
      relateWithin: 0,
      may: { respond: [], silence: [] },
      endSilences: false,
      ...settings,
    },
    listen: { host: '127.0.0.1', port: 0 },
    maxBytes: 1_000_000,
    sources: {},
    ...(pagerduty === undefined ? {} : { pagerduty }),
  };
}

/** Alert groups over a real store; `now` is the clock of the rules. */
export function alertsOver(pool: pg.Pool, config: AlertsConfig, now: () => number = Date.now): Alerts {
  return openAlerts({ pool, config, now, nudge: () => undefined, changedSince: async () => [] });
}

/** Keeps a group as it is described. */
export async function keepGroup(pool: pg.Pool, more: Partial<AlertGroup> = {}): Promise<AlertGroup> {
  const group = groupOf(more);
  await append(pool, [
    changeOf(group.id, { kind: 'alerts', state: group, ended: group.status === 'resolved' }),
  ]);
  return group;
}

/** Forgets all streams and webhooks, since a database of its own for each test takes long. */
export async function forgetAll(pool: pg.Pool): Promise<void> {
  await pool.query('truncate streams, events, outbox, alerts, webhooks_seen');
}
