import type { Pool } from 'pg';
import type { Episode } from '../alerts/alert.ts';
import type { GroupCommand } from '../alerts/commands.ts';
import type { Delivery } from '../alerts/delivery.ts';
import type { GroupEvent } from '../alerts/events.ts';
import type { AlertGroup, OpenedGroup, RelatedRun } from '../alerts/group.ts';
import type { AlertsConfig } from '../alerts/surroundings.ts';
import type { Handled } from '../store/handle.ts';
import { handle } from '../store/handle.ts';
import { load } from '../store/streams.ts';
import { deliveries } from './deliver.ts';
import { groupRules, isWaitedFor } from './group-rules.ts';

/** What alerting is built from. */
export interface AlertingParts {
  readonly pool: Pool;
  readonly config: AlertsConfig;
  readonly now: () => number;
  /** Called after each commit with the time when its first job may be handed over, in milliseconds since 1970. */
  readonly nudge: (due: number) => void;
  /** Called after a commit that people wait to see, with the channel in which it is shown. */
  readonly drawNow?: (channel: string) => void;
  /** Called while a new group is being committed that is the only one in its channel; `committed` fails as the commit does. */
  readonly drawOpened?: (opened: OpenedGroup, committed: Promise<boolean>) => void;
  /** Phases that changed something in an environment since a time, the newest first. */
  readonly changedSince: (environment: string, since: number) => Promise<readonly RelatedRun[]>;
  /** Told of each change of a group once, with the state that it left. */
  readonly observe?: (group: AlertGroup, events: readonly GroupEvent[]) => void;
}

/** Alert groups as everything else in the process sees them: commands in, states out. */
export interface Alerts {
  readonly parts: AlertingParts;
  /** Brings a command to a group and commits before it returns. */
  readonly handle: (group: string, command: GroupCommand) => Promise<Handled<AlertGroup, GroupEvent>>;
  /** Brings what a source said of a group to it and commits before it returns; what is known already changes nothing. */
  readonly deliver: (
    source: string,
    delivery: Delivery,
    via: 'webhook' | 'poll',
  ) => Promise<Handled<AlertGroup, GroupEvent>>;
  readonly find: (group: string) => Promise<AlertGroup | undefined>;
  /** Alerts of the group's present round, those that fire first, the longest first; at most `limit`. */
  readonly episodes: (group: Pick<AlertGroup, 'id'>, limit: number) => Promise<readonly Episode[]>;
}

/** Binds the rules of alert groups to the store and the configuration. */
export function openAlerts(parts: AlertingParts): Alerts {
  const { pool, now, nudge } = parts;
  return {
    parts,
    handle: async (group, command) => {
      const handled = await handle(pool, groupRules, group, command, now());
      if (handled.ok && handled.events.length > 0) {
        nudge(handled.due ?? now());
        if (isWaitedFor(handled.events)) parts.drawNow?.(handled.state.routing.channel);
        parts.observe?.(handled.state, handled.events);
      }
      return handled;
    },
    deliver: deliveries(parts),
    find: async (group) => (await load<AlertGroup>(pool, group))?.state,
    episodes: async ({ id }, limit) => {
      const { rows } = await pool.query<Omit<Episode, 'endsAt'> & { readonly endsAt: string | null }>({
        name: 'episodes',
        text: `select fingerprint, status, starts_at as "startsAt", ends_at as "endsAt", round, labels, annotations,
                generator_url as "generatorUrl"
         from alerts
               where stream = $1::text
                 and (status = 'firing' or round = (select (state ->> 'round')::int from streams where id = $1::text))
               order by status, starts_at, fingerprint limit $2::int`,
        values: [id, limit],
      });
      return rows.map(({ endsAt, ...row }) => ({ ...row, ...(endsAt !== null && { endsAt }) }));
    },
  };
}
