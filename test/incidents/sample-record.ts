import type { Happening, IncidentRecord } from '../../src/incidents/record.ts';
import { incidentAfter, minute, noon } from './play-incident.ts';

/** The group, the opened runbook and the run of the sample record. */
export const group = 'group-0123456789abcdef';
export const walk = 'walk-0123456789abcdef';
export const run = 'deployment-1';
export const incident = 'incident-0123456789abcdef';

/** Something that happened so many minutes after noon. */
export function happening(
  kind: Happening['kind'],
  version: number,
  minutes: number,
  type: string,
  data: Happening['data'] = {},
  more: Partial<Happening> = {},
): Happening {
  const of = {
    incident: { stream: incident, name: '#12' },
    alerts: { stream: group, name: 'PaymentsFail' },
    walkthrough: {
      stream: walk,
      name: 'Payments fail',
      titles: { t1: 'Look at the pool', s1: 'Kill queries' },
    },
    deployment: { stream: run, name: 'production v2', titles: { ship: 'Ship', migrate: 'Migrate' } },
  } as const;
  return { kind, version, at: noon + minutes * minute, type, data, ...of[kind], ...more };
}

/** Events of a stream as the record gives them, the first of them being version 1. */
export function happeningsOf(
  kind: Happening['kind'],
  events: readonly { readonly type: string; readonly at: number }[],
  more: Partial<Happening> = {},
): readonly Happening[] {
  return events.map(({ type, at, ...data }, index) => ({
    ...happening(kind, index + 1, 0, type, data, more),
    at,
  }));
}

/** A record of an incident that was declared at noon, with these happenings. */
export function recordOf(
  happenings: readonly Happening[],
  more: Partial<IncidentRecord> = {},
): IncidentRecord {
  return { incident: incidentAfter(), happenings, before: [], ...more };
}

/** The first opening of the group, three minutes before it was declared, of an alert that began two minutes earlier. */
export const opened = happening('alerts', 1, -3, 'GroupOpened', {
  round: 1,
  since: '2026-11-22T11:55:00.250000000Z',
  routing: { severity: 'critical', environment: 'production', route: 'all', channel: 'C1' },
});
