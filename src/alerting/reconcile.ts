import type { Alert, Labels, Stamp } from '../alerts/alert.ts';
import { boundedLabels } from '../alerts/bounds.ts';
import type { AlertGroup } from '../alerts/group.ts';
import { someOf } from '../alerts/labels-shown.ts';
import { isWatchdog } from '../alerts/source.ts';
import { stampOf } from '../alerts/stamp.ts';
import type { AlertSource } from '../alerts/surroundings.ts';
import { Failure } from '../errors.ts';
import type { AlertmanagerApi } from './alertmanager.ts';
import type { ShownAlert } from './alertmanager-answers.ts';
import type { Peer } from './alertmanager-peer.ts';
import type { Alerts } from './alerts.ts';
import {
  belongs,
  compare,
  type Differences,
  type KeptEpisode,
  type Standings,
  standing,
} from './comparison.ts';
import {
  closedEpisodes,
  firingEpisodes,
  receiversOf,
  truncatedGroups,
  wholeEpisodes,
} from './source-rows.ts';

/** How long Alertmanager must have said something before it is believed, in milliseconds. */
export interface Patience {
  /** Since its start, since Prometheus tells it anew only now and then; also that nothing at all fires. */
  readonly settled: number;
  /** Beyond what its configuration lets it wait, until an alert that has not come is one that will not. */
  readonly unreached: number;
}

/** What comparing the alerts of a source needs of the rest. */
export interface ReconcileParts {
  readonly alerts: Pick<Alerts, 'deliver' | 'find' | 'parts'>;
  readonly source: AlertSource;
  readonly api: AlertmanagerApi;
  readonly patience: Patience;
}

/** A peer that has answered, and how long it may keep an alert to itself, in milliseconds. */
export interface Answering {
  readonly peer: Peer;
  readonly longestWait: number;
  /** Whether it has run for long enough to be believed when it shows nothing. */
  readonly isSettled: boolean;
}

/** Alerts that never came: how many, and a few by their labels. */
export interface Unreached {
  readonly count: number;
  readonly some: readonly Labels[];
}

/** Fewer alerts than these may well end all at once. */
const few = 3;

/**
 * Compares a source with its Alertmanager once. What fires here and is nowhere there is closed when two looks in a row found
 * so, no other peer shows it, and the peer is believed: it has run for `settled`, and it shows something else or has shown
 * nothing at all for that long. What has ended here and fires there as the same episode in two looks fires again. Gives
 * what never came, and what stands now.
 */
export async function reconcileAlerts(
  parts: ReconcileParts,
  { peer, longestWait, isSettled }: Answering,
  others: readonly Answering[],
  before: Standings,
): Promise<{ readonly unreached: Unreached; readonly standings: Standings }> {
  const { alerts, patience, source } = parts;
  const { pool, now } = alerts.parts;
  // First what is known: what fires by then must be there when Alertmanager is asked after it.
  const firing = await firingEpisodes(pool, source.name);
  const truncated = await truncatedGroups(pool, source.name);
  const shown = await peer.alerts();
  const found = await differences(parts, firing, shown, truncated);
  // Of a group that is told in part the end cannot be told either.
  const hollow = truncated.filter((group) => group.firing === 0 && leftOut(group, shown, firing) === 0);
  const at = now();
  const missing = [...found.missing.map(keyOf), ...hollow.map(({ id }) => id)];
  const standings: Standings = {
    ...before,
    missing: standing(before.missing, missing, at),
    revived: standing(
      before.revived,
      found.revived.map(({ episode }) => keyOf(episode)),
      at,
    ),
    unreached: standing(before.unreached, found.unreached.map(nameOf), at),
  };
  const isGone = (key: string): boolean => {
    const one = standings.missing.get(key);
    if (one === undefined || one.looks < 2 || !isSettled) return false;
    return shown.length > 0 || firing.length < few || at - one.since >= patience.settled;
  };
  const gone = found.missing.filter((episode) => isGone(keyOf(episode)));
  const over = hollow.filter(({ id }) => isGone(id));
  // A peer that Prometheus cannot reach shows less than the others.
  const elsewhere = gone.length + over.length === 0 ? undefined : await shownBy(others);
  if (elsewhere !== undefined) {
    await close(parts, gone, [...shown, ...elsewhere], firing);
    for (const group of over) {
      if (leftOut(group, elsewhere, firing) === 0) await tell(parts, group, [], 0);
    }
  }
  await revive(
    parts,
    found.revived.filter(({ episode }) => (standings.revived.get(keyOf(episode))?.looks ?? 0) >= 2),
  );
  const due = at - longestWait - patience.unreached;
  const never = found.unreached
    .filter((alert) => (standings.unreached.get(nameOf(alert))?.since ?? at) <= due)
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  return { unreached: { count: never.length, some: someOfShown(never) }, standings };
}

function keyOf({ group, fingerprint, startsAt }: KeptEpisode): string {
  return `${group}/${fingerprint}/${startsAt}`;
}

function nameOf({ fingerprint, startsAt }: ShownAlert): string {
  return `${fingerprint}/${startsAt}`;
}

/** Undefined when one of them does not tell. */
async function shownBy(peers: readonly Answering[]): Promise<readonly ShownAlert[] | undefined> {
  try {
    return (await Promise.all(peers.map(({ peer }) => peer.alerts()))).flat();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function differences(
  { alerts, source }: ReconcileParts,
  firing: readonly KeptEpisode[],
  shown: readonly ShownAlert[],
  truncated: readonly AlertGroup[],
): Promise<Differences> {
  const { pool } = alerts.parts;
  const here = new Set(firing.map(({ fingerprint }) => fingerprint));
  const strange = shown.flatMap(({ fingerprint, state }) =>
    state === 'active' && !here.has(fingerprint) ? [fingerprint] : [],
  );
  return compare({
    firing,
    closed: await closedEpisodes(pool, source.name, strange),
    shown,
    receivers: strange.length === 0 ? new Set() : await receiversOf(pool, source.name),
    truncated,
    isWatchdog: (labels) => isWatchdog(source, labels),
  });
}

async function close(
  parts: ReconcileParts,
  gone: readonly KeptEpisode[],
  shown: readonly ShownAlert[],
  firing: readonly KeptEpisode[],
): Promise<void> {
  const { alerts } = parts;
  const { pool, now } = alerts.parts;
  const there = new Set(shown.map(({ fingerprint }) => fingerprint));
  for (const [id, episodes] of byGroup(gone.filter(({ fingerprint }) => !there.has(fingerprint)))) {
    const group = await alerts.find(id);
    if (group === undefined) continue;
    const fingerprints = episodes.map(({ fingerprint }) => fingerprint);
    const starts = new Set(episodes.map(keyOf));
    const ended = (await wholeEpisodes(pool, id, fingerprints))
      .filter((row) => row.status === 'firing' && starts.has(keyOf({ group: id, ...row })))
      .map((row): Alert => ({ ...row, status: 'resolved', endsAt: stampOf(now()) }));
    await tell(parts, group, ended, leftOut(group, shown, firing));
  }
}

/** Alerts that Alertmanager has and its deliveries left out: only with them is a group over that it could not tell whole. */
function leftOut(group: AlertGroup, shown: readonly ShownAlert[], firing: readonly KeptEpisode[]): number {
  if (group.truncated === 0) return 0;
  const here = new Set(firing.map(({ fingerprint }) => fingerprint));
  return shown.filter((alert) => !here.has(alert.fingerprint) && belongs(alert, group)).length;
}

async function revive(parts: ReconcileParts, back: Differences['revived']): Promise<void> {
  const alertsOf = new Map(back.map(({ episode, alert }) => [keyOf(episode), alert]));
  for (const [id, episodes] of byGroup(back.map(({ episode }) => episode))) {
    const group = await parts.alerts.find(id);
    if (group === undefined) continue;
    const firing = episodes.flatMap((episode): Alert[] => {
      const alert = alertsOf.get(keyOf(episode));
      return alert === undefined || !belongs(alert, group) ? [] : [alertOf(alert, episode.startsAt)];
    });
    if (firing.length > 0) await tell(parts, group, firing, group.truncated);
  }
}

function alertOf(alert: ShownAlert, startsAt: Stamp): Alert {
  return {
    fingerprint: alert.fingerprint,
    status: 'firing',
    startsAt,
    labels: boundedLabels(Object.entries(alert.labels)),
    annotations: boundedLabels(Object.entries(alert.annotations)),
    generatorUrl: alert.generatorUrl.length > 4_000 ? '' : alert.generatorUrl,
  };
}

async function tell(
  { alerts, source }: ReconcileParts,
  group: AlertGroup,
  changed: readonly Alert[],
  truncated: number,
): Promise<void> {
  const { receiver, groupKey, groupLabels, commonLabels, commonAnnotations, externalUrl, dedupKey } = group;
  const about = { receiver, groupKey, groupLabels, commonLabels, commonAnnotations, externalUrl, dedupKey };
  await alerts.deliver(source.name, { ...about, truncated, alerts: changed }, 'poll');
}

function byGroup(episodes: readonly KeptEpisode[]): ReadonlyMap<string, readonly KeptEpisode[]> {
  const groups = new Map<string, KeptEpisode[]>();
  for (const episode of episodes) {
    const all = groups.get(episode.group);
    if (all === undefined) groups.set(episode.group, [episode]);
    else all.push(episode);
  }
  return groups;
}

function someOfShown(alerts: readonly ShownAlert[]): readonly Labels[] {
  const some = alerts.slice(0, 5).map((alert) => alertOf(alert, stampOf(alert.startsAt)));
  return someOf(some, {});
}
