import type { AlertGroup, Silence } from '../../src/alerts/group.ts';
import type { AlertSource } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';

/** A group that fires, unless it is said otherwise. */
export function groupOf(more: Partial<AlertGroup> = {}): AlertGroup {
  return {
    id: 'group-00000000deadbeef',
    source: 'prod',
    receiver: 'slipway',
    groupKey: '{}:{alertname="DiskFull"}',
    dedupKey: 'd'.repeat(64),
    groupLabels: { alertname: 'DiskFull' },
    commonLabels: { alertname: 'DiskFull' },
    commonAnnotations: {},
    externalUrl: 'http://127.0.0.1:9093',
    routing: { route: 'all', channel: 'C0ONCALL', severity: 'critical' },
    status: 'firing',
    round: 1,
    openedAt: 0,
    since: '2026-11-22T03:04:05.000000000Z',
    firing: 1,
    resolved: 0,
    truncated: 0,
    silences: [],
    silencesSoFar: 3,
    otherPages: [],
    pageTurns: 0,
    related: [],
    openings: [0],
    flapping: false,
    message: 1,
    changes: [],
    changesSoFar: 0,
    deliveries: [],
    ...more,
  };
}

/** A silence of the whole group that Carol has asked for, unless it is said otherwise. */
export function silenceOf(more: Partial<Silence> = {}): Silence {
  return {
    number: 3,
    scope: 'group',
    matchers: [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }],
    by: { via: 'slack', id: 'U0CAROL', name: 'Carol' },
    comment: 'The disk is being replaced.',
    until: Date.now() + 3_600_000,
    status: 'asked',
    turn: 1,
    ...more,
  };
}

/** A source with these Alertmanagers. */
export function sourceOf(alertmanagers: readonly string[], more: Partial<AlertSource> = {}): AlertSource {
  return {
    name: 'prod',
    credential: { bearer: new Secret('HOOK', 'letmein') },
    alertmanagers,
    pollEvery: 15_000,
    driftAfter: 60_000,
    ...more,
  };
}
