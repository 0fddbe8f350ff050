import type { Labels, Stamp } from '../alerts/alert.ts';
import type { AlertGroup, Instant } from '../alerts/group.ts';
import { instantOf } from '../alerts/stamp.ts';
import type { ShownAlert } from './alertmanager-answers.ts';

/** An episode as it is kept here. */
export interface KeptEpisode {
  readonly group: string;
  readonly fingerprint: string;
  readonly startsAt: Stamp;
}

/** What is known here, and what Alertmanager shows, both of one moment. */
export interface Compared {
  /** Episodes that fire, and the newest one of each alert that does not. */
  readonly firing: readonly KeptEpisode[];
  readonly closed: readonly KeptEpisode[];
  readonly shown: readonly ShownAlert[];
  /** Receivers that ever delivered here. */
  readonly receivers: ReadonlySet<string>;
  /** Groups that fire and were told without some of their alerts. */
  readonly truncated: readonly Pick<AlertGroup, 'receiver' | 'groupLabels'>[];
  readonly isWatchdog: (labels: Labels) => boolean;
}

/** Where the two differ. */
export interface Differences {
  /** Fires here and is not there, not even silenced. */
  readonly missing: readonly KeptEpisode[];
  /** Has ended here and still fires there as the same episode. */
  readonly revived: readonly { readonly episode: KeptEpisode; readonly alert: ShownAlert }[];
  /** Fires there, is meant for a receiver that delivers here, and has not come. */
  readonly unreached: readonly ShownAlert[];
}

/** Compares what is known with what Alertmanager shows; what is silenced or inhibited there is not expected to come. */
export function compare({ firing, closed, shown, receivers, truncated, isWatchdog }: Compared): Differences {
  const there = new Map(shown.map((alert) => [alert.fingerprint, alert]));
  const here = new Set(firing.map(({ fingerprint }) => fingerprint));
  const revived = closed.flatMap((episode) => {
    const alert = there.get(episode.fingerprint);
    // Webhooks tell nanoseconds, the API milliseconds.
    const isSame = alert?.state === 'active' && alert.startsAt === instantOf(episode.startsAt);
    return isSame && !here.has(episode.fingerprint) ? [{ episode, alert }] : [];
  });
  const back = new Set(revived.map(({ alert }) => alert.fingerprint));
  return {
    missing: firing.filter(({ fingerprint }) => !there.has(fingerprint)),
    revived,
    unreached: shown.filter(
      (alert) =>
        alert.state === 'active' &&
        alert.receivers.some((name) => receivers.has(name)) &&
        !here.has(alert.fingerprint) &&
        !back.has(alert.fingerprint) &&
        !truncated.some((group) => belongs(alert, group)) &&
        !isWatchdog(alert.labels),
    ),
  };
}

/** Whether Alertmanager may count an alert to a group. */
export function belongs(
  { labels, receivers }: Pick<ShownAlert, 'labels' | 'receivers'>,
  { receiver, groupLabels }: Pick<AlertGroup, 'receiver' | 'groupLabels'>,
): boolean {
  return (
    receivers.includes(receiver) &&
    Object.entries(groupLabels).every(([name, value]) => (labels[name] ?? '') === value)
  );
}

/** Since when something has been so, and in how many looks in a row. */
export interface Standing {
  readonly since: Instant;
  readonly looks: number;
}

/** What stands after a look that found these keys; what it did not find is forgotten. */
export function standing(
  before: ReadonlyMap<string, Standing>,
  keys: Iterable<string>,
  now: Instant,
): ReadonlyMap<string, Standing> {
  return new Map(
    [...keys].map((key) => {
      const { since, looks } = before.get(key) ?? { since: now, looks: 0 };
      return [key, { since, looks: looks + 1 }];
    }),
  );
}

/** What was found in the looks so far, by kind. */
export interface Standings {
  readonly missing: ReadonlyMap<string, Standing>;
  readonly revived: ReadonlyMap<string, Standing>;
  readonly unreached: ReadonlyMap<string, Standing>;
  readonly silences: ReadonlyMap<string, Standing>;
}

/** What the first look begins with, and what one that failed leaves: only what never came is counted on. */
export function afresh(before?: Standings): Standings {
  const nothing: ReadonlyMap<string, Standing> = new Map();
  return { missing: nothing, revived: nothing, unreached: before?.unreached ?? nothing, silences: nothing };
}
