import type { IncidentChange } from '../../../../src/bot/blocks/incidents/change-messages.ts';
import type { IncidentView } from '../../../../src/bot/blocks/incidents/incident-view.ts';
import type { Incident, Notice } from '../../../../src/incidents/incident.ts';
import type { Walkthrough } from '../../../../src/walkthroughs/walkthrough.ts';
import { groupOf } from '../alerts/sample-group.ts';

/** 03:04 at night, UTC. */
export const declaredAt = Date.UTC(2026, 10, 22, 3, 4);

/** So many minutes after it was declared. */
export const minute = (minutes: number): number => declaredAt + minutes * 60_000;

/** A critical incident with a channel, five minutes old, changed as a test wants it. */
export function incidentOf(change: Partial<Incident> = {}): Incident {
  return {
    id: 'incident-0123456789abcdef',
    number: 12,
    title: 'Payments fail',
    severity: 'critical',
    status: 'investigating',
    declaredBy: 'UCAROL',
    declaredAt,
    from: { channel: 'C0ALERTS', thread: '1795394842.000010' },
    roles: { commander: 'UCAROL' },
    room: { name: 'inc-12-payments-fail', channel: 'C0ROOM', turn: 1, invited: ['UCAROL'], wanted: [] },
    groups: [],
    runs: [],
    updates: [],
    updatesSoFar: 0,
    updateDueAt: minute(30),
    reminders: 0,
    pins: [],
    actions: [],
    notices: [],
    noticesSoFar: 0,
    ...change,
  };
}

/** The incident as it is looked at five minutes later. */
export function viewOf(change: Partial<Incident> = {}, more: Partial<IncidentView> = {}): IncidentView {
  return {
    incident: incidentOf(change),
    now: minute(5),
    hasStatusPage: true,
    groups: [],
    runs: [],
    walkthroughs: [],
    changes: [],
    posted: [],
    ...more,
  };
}

/** What makes of the incident one that was resolved after an hour. */
export const resolved: Partial<Incident> = {
  status: 'resolved',
  resolvedAt: minute(60),
  resolvedBy: 'UBOB',
  mitigatedAt: minute(50),
  review: { dueAt: minute(24 * 60), remindAt: minute(12 * 60), reminders: 0 },
};

/** A text for the status page in a state. */
export function noticeOf(state: Notice['state'], more: Partial<Notice> = {}): Notice {
  return {
    number: 1,
    text: 'Payments fail.\nWe work on it.',
    status: 'identified',
    by: 'UCAROL',
    at: minute(3),
    state,
    turn: 0,
    ...more,
  };
}

/** Something that happened to the incident. */
export function changeOf(event: IncidentChange['event']): IncidentChange {
  return { version: 7, at: event.at, event };
}

/** An opened runbook of two tasks and a step, one task ticked. */
export const walkthrough: Walkthrough = {
  id: 'walk-0123456789abcdef',
  runbook: { name: 'payments', title: 'Payments <fail>', hash: 'a'.repeat(64) },
  tasks: ['t1', 't2'],
  steps: { s1: { changes: false } },
  place: { channel: 'C0ALERTS', thread: '1795394842.000010' },
  labels: {},
  openedBy: 'UBOB',
  openedAt: minute(1),
  isWhole: false,
  ticks: { t1: { by: 'UBOB', at: minute(2) } },
  runs: {},
  remarks: [],
  remarksSoFar: 0,
};

/** A linked alert that fires. */
export const linked = { group: groupOf(), round: 1 };
