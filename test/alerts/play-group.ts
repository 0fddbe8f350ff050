import type { Alert, Episode, Labels, Stamp } from '../../src/alerts/alert.ts';
import type { GroupCommand, Known, Responder, Ruling } from '../../src/alerts/commands.ts';
import { decideGroup } from '../../src/alerts/decide.ts';
import { episodesToKeep } from '../../src/alerts/episode.ts';
import type { GroupEvent } from '../../src/alerts/events.ts';
import { evolveGroup } from '../../src/alerts/evolve.ts';
import type { AlertGroup, Instant, Routing } from '../../src/alerts/group.ts';
import { stampOf } from '../../src/alerts/stamp.ts';
import type { Decision } from '../../src/deploy/decision.ts';

/** The time at which everything happens in tests that do not care about time. */
export const noon: Instant = Date.UTC(2030, 0, 1, 12);
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The people of the tables; eve has nothing to say. */
export const carol: Responder = { id: 'U0CAROL', may: ['respond', 'silence'] };
export const dan: Responder = { id: 'U0DAN', may: ['respond', 'silence'] };
export const eve: Responder = { id: 'U0EVE', may: [] };
export const paula = { via: 'pagerduty', id: 'P1', name: 'Paula' } as const;

/** Some minutes after noon, or before it, as a source writes it. */
export function minutes(after: number): Stamp {
  return stampOf(noon + after * minute);
}

/** An alert by a short name; it has fired since so many minutes after noon. */
export function firing(name: string, since = 0, annotations: Labels = {}): Alert {
  return {
    fingerprint: name,
    status: 'firing',
    startsAt: minutes(since),
    labels: { alertname: 'DiskFull', instance: name },
    annotations,
    generatorUrl: '',
  };
}

/** The end of such an alert, so many minutes after noon. */
export function ended(name: string, since = 0, until = since + 5, annotations: Labels = {}): Alert {
  return { ...firing(name, since, annotations), status: 'resolved', endsAt: minutes(until) };
}

/** What the configuration says unless it is said otherwise: one policy and one page, and nothing flaps. */
export function ruling({
  routing,
  ...more
}: Partial<Omit<Ruling, 'routing'>> & { routing?: Partial<Routing> } = {}): Ruling {
  return {
    routing: {
      route: 'all',
      channel: 'C0ONCALL',
      severity: 'error',
      page: 'infra',
      policy: 'night',
      ...routing,
    },
    flapping: { episodes: 50, within: hour },
    endSilences: false,
    escalateAfter: 5 * minute,
    dedupKey: 'dedup-1',
    related: [],
    ...more,
  };
}

/** A route that neither pages nor escalates. */
export const quiet: Ruling = (() => {
  const { escalateAfter: _, ...rest } = ruling();
  return { ...rest, routing: { route: 'all', channel: 'C0ONCALL', severity: 'error' } };
})();

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

/** A command before it is known which episodes are kept. */
export type Given = Exclude<GroupCommand, { type: 'Deliver' }> | Omit<Deliver, 'known'>;

/** What Alertmanager tells of the group by a webhook, unless it is said otherwise. */
export function deliver(alerts: readonly Alert[], more: Partial<Omit<Deliver, 'alerts'>> = {}): Given {
  const {
    truncated = 0,
    commonLabels = { alertname: 'DiskFull' },
    commonAnnotations = {},
    via = 'webhook',
  } = more;
  return {
    type: 'Deliver',
    via,
    id: 'group-00000000deadbeef',
    source: 'prod',
    receiver: 'slipway',
    groupKey: '{}:{alertname="DiskFull"}',
    groupLabels: { alertname: 'DiskFull' },
    commonLabels,
    commonAnnotations,
    externalUrl: 'http://127.0.0.1:9093',
    truncated,
    alerts,
    ruling: ruling(),
    // Peers that say the same differ only by their address.
    delivery: JSON.stringify([alerts, truncated, commonLabels, commonAnnotations, via]),
    ...more,
  };
}

/** What Alertmanager's API shows, as the poll tells it. */
export function look(alerts: readonly Alert[], more: Partial<Omit<Deliver, 'alerts'>> = {}): Given {
  return deliver(alerts, { via: 'poll', ...more });
}

/** A group with the rows that are kept beside it. */
export interface Played {
  readonly group: AlertGroup | undefined;
  readonly rows: readonly Episode[];
  /** Everything that happened, oldest first. */
  readonly events: readonly GroupEvent[];
}

/** Nothing has been heard yet. */
export const nothing: Played = { group: undefined, rows: [], events: [] };

/** What a command is decided to do, without doing it. */
export function decided({ group, rows }: Played, given: Given, now: Instant = noon): Decision<GroupEvent> {
  return decideGroup(group, complete(rows, given), now);
}

/** The rows that a delivery would keep. */
export function kept({ group, rows }: Played, given: Given): readonly Episode[] {
  const command = complete(rows, given);
  return command.type === 'Deliver' ? episodesToKeep(group, command) : [];
}

function complete(rows: readonly Episode[], given: Given): GroupCommand {
  return given.type === 'Deliver' ? { ...given, known: newestOf(rows, given.alerts) } : given;
}

function newestOf(rows: readonly Episode[], alerts: readonly Alert[]): readonly Known[] {
  const asked = new Set(alerts.map(({ fingerprint }) => fingerprint));
  const newest = new Map<string, Episode>();
  for (const row of rows) {
    const known = newest.get(row.fingerprint);
    const isNewer = known === undefined || row.startsAt > known.startsAt;
    if (asked.has(row.fingerprint) && isNewer) newest.set(row.fingerprint, row);
  }
  return [...newest.values()];
}

/** What is there after a command; a refusal changes nothing. */
export function taken(before: Played, given: Given, now: Instant = noon): Played {
  const decision = decided(before, given, now);
  if (!decision.ok || decision.events.length === 0) return before;
  return {
    group: decision.events.reduce<AlertGroup | undefined>(evolveGroup, before.group),
    rows: written(before.rows, kept(before, given)),
    events: [...before.events, ...decision.events],
  };
}

function written(rows: readonly Episode[], more: readonly Episode[]): readonly Episode[] {
  const key = ({ fingerprint, startsAt }: Episode) => `${fingerprint} ${startsAt}`;
  return [...new Map([...rows, ...more].map((row) => [key(row), row])).values()];
}

/** What is there after commands, each at the time given with it or at noon; throws when one is refused. */
export function played(before: Played, ...commands: readonly (Given | readonly [Given, Instant])[]): Played {
  return commands.reduce((state, one) => {
    const [given, now] = 'type' in one ? [one, noon] : one;
    const decision = decided(state, given, now);
    if (!decision.ok) throw new Error(`${given.type}: ${decision.refusal.code} ${decision.refusal.detail}`);
    return taken(state, given, now);
  }, before);
}

/** The group of a play that has one. */
export function groupOf({ group }: Played): AlertGroup {
  if (group === undefined) throw new Error('there is no group');
  return group;
}

/** A decision as a table can show it: `refused: code`, or a short text for each event. */
export function told(decision: Decision<GroupEvent>): string | string[] {
  return decision.ok ? decision.events.map(brief) : `refused: ${decision.refusal.code}`;
}

function brief(event: GroupEvent): string {
  const more = detail(event);
  return more === undefined ? event.type : `${event.type} ${more}`;
}

function detail(event: GroupEvent): string | number | undefined {
  switch (event.type) {
    case 'GroupOpened':
      return `#${event.round}${event.flapping ? ' flapping' : ''}`;
    case 'AlertsFired':
    case 'AlertsResolved':
      return `${event.count} (${event.firing} firing, ${event.resolved} resolved)`;
    case 'GroupClosed':
      return event.because;
    case 'Escalated':
      return event.step;
    case 'EscalationStarted':
      return `at ${event.step} in ${(event.nextAt - event.at) / minute} min`;
    case 'PageWanted':
      return `${event.page.wanted} by ${event.page.key}`;
    case 'PageTold':
    case 'PageFollowed':
      return event.status;
    case 'SilenceChanged':
    case 'SilenceMade':
    case 'SilenceEnded':
    case 'SilenceFailed':
      return event.number;
    default:
      return undefined;
  }
}

/** Commands of people, about the first round unless it is said otherwise. */
export const acknowledge = (by = carol, round = 1): Given => ({ type: 'Acknowledge', by, round });
export const unacknowledge = (by = carol, round = 1): Given => ({
  type: 'Unacknowledge',
  by,
  round,
  escalateAfter: 5 * minute,
});
export const resolve = (by = carol, round = 1): Given => ({ type: 'Resolve', by, round });
export const escalateNow = (by = carol, round = 1): Given => ({ type: 'EscalateNow', by, round });

/** A timer of the escalation: who is on call is told, and the step after it waits ten minutes. */
export function escalate(step: number, more: Partial<Escalate> = {}): Given {
  return { ...escalateLast(step), next: 10 * minute, ...more };
}

/** A timer of the last step. */
export function escalateLast(step: number): Escalate {
  return {
    type: 'Escalate',
    round: 1,
    step,
    took: { wait: 5 * minute, tell: { schedule: 'primary', who: 'now' } },
    people: ['U0CAROL'],
    dedupKey: 'dedup-1',
  };
}

type Escalate = Extract<GroupCommand, { type: 'Escalate' }>;

export function silence(more: Partial<Extract<GroupCommand, { type: 'Silence' }>> = {}): Given {
  return {
    type: 'Silence',
    by: carol,
    round: 1,
    scope: 'group',
    matchers: [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }],
    until: noon + 2 * hour,
    comment: 'known',
    ...more,
  };
}

export const changeSilence = (number: number, until: Instant, by = carol): Given => ({
  type: 'ChangeSilence',
  number,
  until,
  by,
  round: 1,
});
export const silenceMade = (
  number: number,
  turn = 1,
  id = `id-${number}`,
  until = noon + 2 * hour,
): Given => ({
  type: 'SilenceMade',
  number,
  turn,
  silence: id,
  until,
});
export const silenceEnded = (number: number): Given => ({ type: 'SilenceEnded', number });
export const silenceFailed = (number: number, turn = 1): Given => ({
  type: 'SilenceFailed',
  number,
  turn,
  because: 'no',
});

export const pageTold = (turn: number, round = 1): Given => ({ type: 'PageTold', turn, round });
export const pageRefused = (turn: number, round = 1): Given => ({
  type: 'PageRefused',
  turn,
  round,
  because: 'invalid key',
});
export function pageChanged(
  to: Extract<GroupCommand, { type: 'PageChanged' }>['to'],
  more: Partial<Extract<GroupCommand, { type: 'PageChanged' }>> = {},
): Given {
  return { type: 'PageChanged', dedupKey: 'dedup-1', to, by: paula, ...more };
}
