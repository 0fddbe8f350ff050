import type { GroupCommand, Ruling } from '../alerts/commands.ts';
import type { Delivery } from '../alerts/delivery.ts';
import { dedupKeyOf, groupIdOf, oneOfEach, routedLabels } from '../alerts/delivery.ts';
import { episodesToKeep } from '../alerts/episode.ts';
import type { GroupEvent } from '../alerts/events.ts';
import type { AlertGroup, OpenedGroup, RelatedRun } from '../alerts/group.ts';
import { routingOf } from '../alerts/route.ts';
import { sha256 } from '../canonical.ts';
import type { Handled } from '../store/handle.ts';
import { change } from '../store/handle.ts';
import { isPassing, persist } from '../store/persist.ts';
import type { Change } from '../store/streams.ts';
import { appendEach } from '../store/streams.ts';
import type { AlertingParts } from './alerts.ts';
import { inBatches } from './batches.ts';
import { groupRules, isWaitedFor } from './group-rules.ts';
import type { KnownGroup } from './known-episodes.ts';
import { loadKnown } from './known-episodes.ts';
import { openedBy } from './opened.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

/** What came of a delivery to its group. */
export type Delivered = Handled<AlertGroup, GroupEvent>;

interface Asked {
  readonly id: string;
  readonly source: string;
  readonly via: Deliver['via'];
  readonly delivery: Delivery;
  readonly kept: { readonly hash: string; readonly body: unknown };
  /** Until when it may be tried, in milliseconds since 1970. */
  readonly until: number;
}

/** What a delivery makes of its group, not written yet. */
interface Made {
  readonly asked: Asked;
  readonly handled: Delivered;
  readonly change: Change;
}

/** Alertmanager sends again what was not taken, so the database may be away for no more than a moment. */
const patience = { store: 2_000, answer: 5_000, answerEach: 1 };

/**
 * Brings deliveries to their groups and commits before it answers; those that come at the same time share a commit. Throws
 * `store-unreachable`, or what the database says, when it could not be committed within some seconds.
 */
export function deliveries(
  parts: AlertingParts,
): (source: string, delivery: Delivery, via: Deliver['via']) => Promise<Delivered> {
  const deliver = inBatches<Asked, Delivered>({
    keyOf: ({ id }) => id,
    weightOf: ({ delivery }) => delivery.alerts.length,
    most: 50,
    heaviest: 2_000,
    lanes: 2,
    patienceFor: ({ delivery }) => patience.answer + patience.answerEach * delivery.alerts.length,
    work: (all) => commitApart(parts, all),
  });
  return (source, given, via) => {
    const delivery = { ...given, alerts: oneOfEach(given.alerts) };
    // Peers say the same under different addresses.
    const { externalUrl: _, dedupKey: __, ...body } = delivery;
    const kept = { hash: sha256({ source, ...body }), body: { source, ...body } };
    const until = parts.now() + patience.store;
    return deliver({ id: groupIdOf(source, delivery), source, via, delivery, kept, until });
  };
}

/** What is wrong with one delivery must not cost the others. */
async function commitApart(
  parts: AlertingParts,
  all: readonly Asked[],
): Promise<readonly PromiseSettledResult<Delivered>[]> {
  try {
    const delivered = await persist(spanOf(all, parts.now()), () => commit(parts, all));
    return delivered.map((value) => ({ status: 'fulfilled', value }));
  } catch (error) {
    if (all.length === 1 || isPassing(error)) throw error;
    return Promise.allSettled(all.map(async (one) => theOnly(await commit(parts, [one]))));
  }
}

/** How long the least patient of them still waits for the database. */
function spanOf(all: readonly Asked[], now: number): number {
  return Math.max(0, Math.min(...all.map(({ until }) => until - now)));
}

function theOnly<T>([one]: readonly T[]): T {
  if (one === undefined) throw new RangeError('nothing came of a delivery');
  return one;
}

async function commit(parts: AlertingParts, all: readonly Asked[]): Promise<readonly Delivered[]> {
  const done = new Map<Asked, Delivered>();
  const related = relatedRuns(parts);
  for (let left = all; left.length > 0; left = left.filter((asked) => !done.has(asked))) {
    const groups = await loadKnown(
      parts.pool,
      left.map(({ id, delivery }) => ({
        id,
        fingerprints: delivery.alerts.map((alert) => alert.fingerprint),
      })),
    );
    const changes: Made[] = [];
    for (const asked of left) {
      const group = groups.get(asked.id);
      const command = await commandOf(parts, asked, group, related);
      const alerts = episodesToKeep(group?.state, command);
      const made = change(groupRules, asked.id, group, command, parts.now(), {
        evidence: [asked.kept],
        alerts,
      });
      if (made.change === undefined) done.set(asked, made.handled);
      else changes.push({ asked, handled: made.handled, change: made.change });
    }
    if (changes.length === 0) continue;
    const writing = appendEach(
      parts.pool,
      changes.map((one) => one.change),
    );
    const opened = onlyOpened(changes);
    if (opened !== undefined) {
      parts.drawOpened?.(
        opened,
        writing.then((written) => written.has(opened.group.id)),
      );
    }
    const written = await writing;
    const waiting = new Set<string>();
    for (const { asked, handled } of changes) {
      if (!written.has(asked.id)) continue;
      done.set(asked, handled);
      if (!handled.ok) continue;
      parts.observe?.(handled.state, handled.events);
      if (isWaitedFor(handled.events) && opened === undefined) waiting.add(handled.state.routing.channel);
    }
    for (const channel of waiting) parts.drawNow?.(channel);
    const dues = changes.flatMap(({ handled }) =>
      handled.ok && handled.due !== undefined ? [handled.due] : [],
    );
    if (written.size > 0 && dues.length > 0) parts.nudge(Math.min(...dues));
  }
  return all.flatMap((asked) => done.get(asked) ?? []);
}

/** The group that opens, when it is new and nothing else is written. */
function onlyOpened([only, ...others]: readonly Made[]): OpenedGroup | undefined {
  if (only === undefined || others.length > 0 || !only.handled.ok) return undefined;
  if (!isWaitedFor(only.handled.events)) return undefined;
  return openedBy(only.change, only.handled.state, only.handled.events);
}

async function commandOf(
  parts: AlertingParts,
  { id, source, via, delivery: { dedupKey, ...delivery }, kept }: Asked,
  group: KnownGroup | undefined,
  related: (environment: string, now: number) => Promise<readonly RelatedRun[]>,
): Promise<Deliver> {
  const { settings } = parts.config;
  const now = parts.now();
  const labels = routedLabels(delivery, settings.severities);
  const { receiver, groupKey, alerts } = delivery;
  const { routing, escalateAfter } = routingOf(settings, { source, receiver, labels }, now);
  const mayOpen = group?.state.status !== 'firing' && alerts.some(({ status }) => status === 'firing');
  const ruling: Ruling = {
    routing,
    flapping: settings.flapping,
    endSilences: settings.endSilences,
    ...(escalateAfter !== undefined && { escalateAfter }),
    dedupKey: dedupKey ?? dedupKeyOf(groupKey),
    related: mayOpen && routing.environment !== undefined ? await related(routing.environment, now) : [],
  };
  return {
    type: 'Deliver',
    id,
    source,
    via,
    ...delivery,
    known: group?.known ?? [],
    ruling,
    delivery: kept.hash,
  };
}

/** Looks once for all groups of a batch that open in an environment. */
function relatedRuns({ changedSince, config }: AlertingParts) {
  const found = new Map<string, Promise<readonly RelatedRun[]>>();
  return (environment: string, now: number): Promise<readonly RelatedRun[]> => {
    const looking = found.get(environment) ?? changedSince(environment, now - config.settings.relateWithin);
    found.set(environment, looking);
    return looking;
  };
}
