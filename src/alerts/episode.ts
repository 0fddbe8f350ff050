import type { Alert, Episode, Labels } from './alert.ts';
import type { GroupCommand, Known } from './commands.ts';
import { oneOfEach } from './delivery.ts';
import type { AlertGroup } from './group.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

/** What a delivery makes of the alerts of a group. */
export interface Settled {
  /** Alerts that did not fire before and fire now. */
  readonly fired: readonly Alert[];
  /** Alerts that ended, also those of which nothing but the end was ever told. */
  readonly resolved: readonly Alert[];
  /** Whether the group opens by it, and the round that its alerts are of then (0 for none). */
  readonly opens: boolean;
  readonly round: number;
  /** Alerts of that round that fire after it, and that have ended. */
  readonly firing: number;
  readonly ended: number;
  /** Whether the delivery tells of everything that fires and of nothing that is over: what it says of the whole may be believed. */
  readonly isWhole: boolean;
  /** The rows to write. */
  readonly rows: readonly Episode[];
}

/** What one alert of a delivery means for what is known of it. */
type Outcome =
  /** Nothing new: it fires, or has ended, as is known. */
  | 'same'
  /** Late: what is known is newer. */
  | 'stale'
  | 'fired'
  /** Told to fire again by a look at Alertmanager, though it was closed. */
  | 'fired-again'
  /** It still fires, as a later episode: Prometheus was started anew. */
  | 'goes-on'
  | 'resolved'
  /** It ended as a later episode than the one that is open. */
  | 'resolved-later'
  /** Nobody told that it fired, only that it ended. */
  | 'ended-unseen';

/** Brings the alerts of a delivery to what is known of them: each alert is judged by its own newest episode alone. */
export function settleAlerts(
  before: Pick<AlertGroup, 'status' | 'round' | 'firing' | 'resolved'> | undefined,
  delivered: readonly Alert[],
  known: readonly Known[],
  via: Deliver['via'],
  truncated: number,
): Settled {
  const newest = new Map(known.map((episode) => [episode.fingerprint, episode]));
  const judged = oneOfEach(delivered).map((alert) => {
    const episode = newest.get(alert.fingerprint);
    return { alert, episode, outcome: outcomeOf(alert, episode, via) };
  });
  const having = (...outcomes: readonly Outcome[]) =>
    judged.filter(({ outcome }) => outcomes.includes(outcome));

  const fired = having('fired', 'fired-again');
  const ended = having('resolved', 'resolved-later');
  const unseen = having('ended-unseen');
  const isOpen = before?.status === 'firing';
  const opens = !isOpen && fired.length > 0;
  const round = isOpen ? before.round : opens ? (before?.round ?? 0) + 1 : 0;
  const counted = isOpen ? before : { firing: 0, resolved: 0 };
  const firing = counted.firing + fired.length - ended.length;
  const backAgain = fired.filter(
    ({ outcome, episode }) => outcome === 'fired-again' && isOpen && episode?.round === round,
  );
  const present = fired.length + having('goes-on').length + firingAsKnown(having('same'));
  const isOld = ({ outcome, alert, episode }: (typeof judged)[number]) =>
    outcome === 'stale' || (outcome === 'same' && alert.status === 'resolved' && episode?.round !== round);

  return {
    fired: fired.map(({ alert }) => alert),
    resolved: [...ended, ...(round === 0 ? [] : unseen)].map(({ alert }) => alert),
    opens,
    round,
    firing,
    ended: counted.resolved + ended.length - backAgain.length + (round === 0 ? 0 : unseen.length),
    isWhole: via === 'webhook' && !judged.some(isOld) && present + truncated >= firing,
    rows: judged.flatMap(({ alert, episode, outcome }) => rowsOf(alert, episode, outcome, round)),
  };
}

function firingAsKnown(same: readonly { readonly alert: Alert }[]): number {
  return same.filter(({ alert }) => alert.status === 'firing').length;
}

function outcomeOf(alert: Alert, known: Known | undefined, via: Deliver['via']): Outcome {
  if (alert.status === 'firing') return outcomeOfFiring(alert, known, via);
  if (known === undefined) return 'ended-unseen';
  if (alert.startsAt > known.startsAt) return known.status === 'firing' ? 'resolved-later' : 'ended-unseen';
  if (known.status === 'resolved') return alert.startsAt === known.startsAt ? 'same' : 'stale';
  if (alert.startsAt === known.startsAt) return 'resolved';
  // An episode that began during this one is this one, told by a peer that had heard of it later: it has ended with it.
  return alert.endsAt !== undefined && alert.endsAt > known.startsAt ? 'resolved' : 'stale';
}

function outcomeOfFiring(alert: Alert, known: Known | undefined, via: Deliver['via']): Outcome {
  if (known === undefined) return 'fired';
  if (known.status === 'firing') {
    if (alert.startsAt === known.startsAt) return 'same';
    return alert.startsAt > known.startsAt ? 'goes-on' : 'stale';
  }
  const isOver = alert.startsAt <= known.startsAt || alert.startsAt <= (known.endsAt ?? '');
  if (!isOver) return 'fired';
  if (via === 'webhook') return 'stale';
  return alert.startsAt > known.startsAt ? 'fired' : 'fired-again';
}

function rowsOf(alert: Alert, known: Known | undefined, outcome: Outcome, round: number): readonly Episode[] {
  switch (outcome) {
    case 'same':
    case 'stale':
      return [];
    case 'fired':
    case 'ended-unseen':
      return [{ ...alert, round }];
    case 'fired-again':
      // Of the newest episode that is kept, so that its end is known for its own.
      return [{ ...alert, startsAt: known?.startsAt ?? alert.startsAt, round }];
    case 'goes-on':
      return [...replaced(known, alert), { ...alert, round }];
    case 'resolved':
      return [known === undefined ? { ...alert, round } : endedAs(known, alert, round)];
    case 'resolved-later':
      return [...replaced(known, alert), { ...alert, ...told(known), round }];
  }
}

/** The row of an alert that goes on as a later episode; it counts no more. */
function replaced(known: Known | undefined, later: Alert): readonly Episode[] {
  return known === undefined ? [] : [{ ...known, status: 'resolved', endsAt: later.startsAt, round: 0 }];
}

/** What an alert says of itself when it ends is of no use to a reader: what it fired with is kept. */
function endedAs(known: Known, { endsAt }: Alert, round: number): Episode {
  return { ...known, status: 'resolved', ...(endsAt !== undefined && { endsAt }), round };
}

function told(known: Known | undefined): Partial<Pick<Alert, 'annotations' | 'generatorUrl'>> {
  return known === undefined ? {} : { annotations: known.annotations, generatorUrl: known.generatorUrl };
}

/** What a delivery makes of a group, with the rows whose annotations alone have changed while they fire; undefined when it was taken in before. */
export function settleDelivery(before: AlertGroup | undefined, command: Deliver): Settled | undefined {
  const { alerts, known, via, truncated, delivery } = command;
  // What a look shows is so now, however often it is shown; what a webhook told once is old from then on.
  if (via === 'webhook' && before?.deliveries.includes(delivery) === true) return undefined;
  const settled = settleAlerts(before, alerts, known, via, truncated);
  return settled.isWhole ? { ...settled, rows: [...settled.rows, ...retold(alerts, known)] } : settled;
}

function retold(alerts: readonly Alert[], known: readonly Known[]): readonly Episode[] {
  const newest = new Map(known.map((episode) => [episode.fingerprint, episode]));
  return oneOfEach(alerts).flatMap((alert): Episode[] => {
    const episode = newest.get(alert.fingerprint);
    const isSame =
      alert.status === 'firing' && episode?.status === 'firing' && episode.startsAt === alert.startsAt;
    if (!isSame || equalLabels(alert.annotations, episode.annotations)) return [];
    return [{ ...alert, round: episode.round }];
  });
}

/** Whether two sets of labels or annotations say the same. */
export function equalLabels(one: Labels, other: Labels): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}

/**
 * The rows of `alerts` to write with what `decideGroup` decides for the same group and command, in the same transaction: none
 * when it decides that nothing happened. They need `known` to be the whole newest row (latest `startsAt`) of each fingerprint
 * that is delivered, as of the version that is decided on: an end keeps the annotations with which its alert fired, and these
 * come from there. A row is written over the one with the same fingerprint and `startsAt`; `round` 0 means that it is never shown.
 */
export function episodesToKeep(before: AlertGroup | undefined, command: Deliver): readonly Episode[] {
  return settleDelivery(before, command)?.rows ?? [];
}
