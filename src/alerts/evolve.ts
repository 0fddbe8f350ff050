import type { GroupEvent } from './events.ts';
import { evolvePages, leftOpen } from './evolve-pages.ts';
import { evolveSilences } from './evolve-silences.ts';
import { openingsKept } from './flapping.ts';
import type { AlertGroup, Told } from './group.ts';
import { changeOf, noted } from './noted.ts';
import { stampOf } from './stamp.ts';

type First = Extract<GroupEvent, { type: 'GroupNoted' | 'GroupOpened' }>;

const deliveriesKept = 20;
const toldKept = 20;

/** The state after an event; every event after the first needs the state before it. */
export function evolveGroup(group: AlertGroup | undefined, event: GroupEvent): AlertGroup {
  const before = group ?? newGroup(event);
  const after = next(before, event);
  const delivered = 'delivery' in event ? remembered(after, event.delivery) : after;
  return noted(delivered, changeOf(before, event));
}

function newGroup(event: GroupEvent): AlertGroup {
  if (event.type !== 'GroupNoted' && event.type !== 'GroupOpened') {
    throw new RangeError(`${event.type} cannot be a group's first event`);
  }
  return {
    ...identityOf(event),
    ...aboutOf(event),
    routing: event.routing,
    status: 'resolved',
    round: 0,
    openedAt: event.at,
    since: stampOf(event.at),
    closedAt: event.at,
    firing: 0,
    resolved: 0,
    silences: [],
    silencesSoFar: 0,
    otherPages: [],
    pageTurns: 0,
    related: [],
    openings: [],
    flapping: false,
    message: 0,
    changes: [],
    changesSoFar: 0,
    deliveries: [],
  };
}

function identityOf({ id, source, receiver, groupKey, groupLabels, dedupKey }: First) {
  return { id, source, receiver, groupKey, groupLabels, dedupKey };
}

function aboutOf(
  event: Extract<GroupEvent, { commonLabels: unknown }>,
): Pick<AlertGroup, 'commonLabels' | 'commonAnnotations' | 'externalUrl' | 'truncated'> {
  const { commonLabels, commonAnnotations, externalUrl, truncated } = event;
  return { commonLabels, commonAnnotations, externalUrl, truncated };
}

function next(group: AlertGroup, event: GroupEvent): AlertGroup {
  switch (event.type) {
    case 'GroupNoted':
      return group;
    case 'GroupOpened':
      return opened(group, event);
    case 'AlertsFired':
    case 'AlertsResolved':
      return { ...group, ...aboutOf(event), firing: event.firing, resolved: event.resolved };
    case 'GroupDescribed':
      return { ...group, ...aboutOf(event) };
    case 'GroupClosed':
      return { ...group, status: 'resolved', closedAt: event.at, closedBecause: event.because };
    case 'Acknowledged':
      return { ...group, acknowledged: { by: event.by, at: event.at } };
    case 'Unacknowledged': {
      const { acknowledged: _, ...rest } = group;
      return rest;
    }
    case 'Dismissed':
      return { ...group, dismissed: { by: event.by, at: event.at } };
    case 'EscalationStarted': {
      const { policy, step, nextAt } = event;
      const told = group.escalation?.told ?? [];
      return { ...group, escalation: { policy, step, nextAt, status: 'running', told } };
    }
    case 'EscalationHurried':
      return withEscalation(group, (escalation) => ({ ...escalation, nextAt: event.at }));
    case 'Escalated':
      return escalated(group, event);
    case 'IncidentLinked': {
      const { id, number, channel, round } = event;
      return { ...group, incident: { id, number, channel, round } };
    }
    case 'EscalationStopped':
      return withEscalation(group, (escalation) => ({ ...escalation, status: 'stopped' }));
    case 'PageWanted':
    case 'PageTold':
    case 'PageRefused':
    case 'PageFollowed':
    case 'Reassigned':
      return evolvePages(group, event);
    case 'SilenceAsked':
    case 'SilenceChanged':
    case 'SilenceMade':
    case 'SilenceEnded':
    case 'SilenceFailed':
      return evolveSilences(group, event);
  }
}

/** Of the round before stay its silences, what PagerDuty has yet to close, and the changes. */
function opened(group: AlertGroup, event: Extract<GroupEvent, { type: 'GroupOpened' }>): AlertGroup {
  const { round, routing, since, flapping, staysAcknowledged, related, at } = event;
  const {
    closedAt: _,
    closedBecause: __,
    acknowledged,
    dismissed: ___,
    escalation: ____,
    page: _____,
    ...rest
  } = group;
  return {
    ...rest,
    ...identityOf(event),
    ...aboutOf(event),
    routing,
    status: 'firing',
    round,
    openedAt: at,
    since,
    firing: 0,
    resolved: 0,
    ...(staysAcknowledged && acknowledged !== undefined && { acknowledged }),
    otherPages: leftOpen(group),
    related,
    openings: [...group.openings, at].slice(-openingsKept),
    flapping,
    message: flapping ? Math.max(1, group.message) : group.message + 1,
  };
}

function escalated(group: AlertGroup, event: Extract<GroupEvent, { type: 'Escalated' }>): AlertGroup {
  const { at, step, took, people, because, nextAt } = event;
  const told: Told = {
    at,
    step,
    people,
    ...('page' in took.tell && { page: took.tell.page }),
    ...(because !== undefined && { because }),
  };
  return withEscalation(group, (escalation) => ({
    ...escalation,
    step: step + 1,
    ...(nextAt === undefined ? { status: 'exhausted' } : { nextAt }),
    told: [...escalation.told, told].slice(-toldKept),
  }));
}

function withEscalation(
  group: AlertGroup,
  change: (escalation: NonNullable<AlertGroup['escalation']>) => NonNullable<AlertGroup['escalation']>,
): AlertGroup {
  return group.escalation === undefined ? group : { ...group, escalation: change(group.escalation) };
}

function remembered(group: AlertGroup, delivery: string): AlertGroup {
  const { deliveries } = group;
  if (deliveries.at(-1) === delivery) return group;
  return {
    ...group,
    deliveries: [...deliveries.filter((one) => one !== delivery), delivery].slice(-deliveriesKept),
  };
}
