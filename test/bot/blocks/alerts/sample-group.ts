import type { Episode } from '../../../../src/alerts/alert.ts';
import type { AlertGroup } from '../../../../src/alerts/group.ts';
import type { GroupView } from '../../../../src/bot/blocks/alerts/group-view.ts';

/** 03:04 at night, UTC. */
export const opened = Date.UTC(2026, 10, 22, 3, 4);

/** So many minutes after the group opened. */
export const minute = (minutes: number): number => opened + minutes * 60_000;

const stamp = (minutes: number) => `${new Date(minute(minutes)).toISOString().slice(0, 23)}000000Z`;

const labels = { alertname: 'DiskWillFill', severity: 'critical', job: 'node', cluster: 'eu-1' };
const annotations = {
  summary: 'The disk fills within 4 hours',
  runbook_url: 'https://runbooks.example/disk',
  dashboard_url: 'https://grafana.example/d/disk?from=now-1h&to=now',
};

/** An alert of the sample group on a host; resolved after so many minutes when they are given. */
export function episode(host: string, value: string, resolvedAfter?: number): Episode {
  return {
    fingerprint: Buffer.from(host.padEnd(8).slice(0, 8)).toString('hex'),
    status: resolvedAfter === undefined ? 'firing' : 'resolved',
    startsAt: stamp(-1),
    ...(resolvedAfter === undefined ? {} : { endsAt: stamp(resolvedAfter - 1) }),
    labels: { ...labels, instance: `${host}:9100` },
    annotations: { ...annotations, value },
    generatorUrl: 'http://prometheus.example:9090/graph?g0.expr=disk%7Ca&g0.tab=1',
    round: 1,
  };
}

/** A critical group of three hosts whose disks fill, nobody has seen it, changed as a test wants it. */
export function groupOf(change: Partial<AlertGroup> = {}): AlertGroup {
  return {
    id: 'group-0123456789abcdef',
    source: 'prometheus-eu',
    receiver: 'slipway',
    groupKey: '{}:{alertname="DiskWillFill"}',
    groupLabels: { alertname: 'DiskWillFill', cluster: 'eu-1' },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalUrl: 'http://alertmanager.example:9093',
    routing: {
      route: 'critical',
      channel: 'C0ALERTS',
      severity: 'critical',
      page: 'infra',
      policy: 'oncall',
      environment: 'production',
    },
    status: 'firing',
    round: 1,
    openedAt: opened,
    since: stamp(-1),
    firing: 2,
    resolved: 1,
    truncated: 0,
    silences: [],
    related: [],
    openings: [opened],
    flapping: false,
    message: 1,
    changes: [],
    changesSoFar: 0,
    otherPages: [],
    pageTurns: 0,
    silencesSoFar: 0,
    dedupKey: 'd'.repeat(64),
    deliveries: [],
    ...change,
  };
}

/** The group with two hosts that fire and one that has resolved, seen so many minutes after it opened. */
export function viewOf(change: Partial<AlertGroup> = {}, minutes = 5): GroupView {
  return {
    group: groupOf(change),
    episodes: [episode('db-1', '97 %'), episode('db-2', '91 %'), episode('db-3', '88 %', 4)],
    now: minute(minutes),
  };
}
