import type { Pool } from 'pg';
import type { AlertSeverity } from '../alerts/alert.ts';
import { boardOf } from '../alerts/board.ts';
import type { AlertGroup, FoldedGroup, Instant } from '../alerts/group.ts';

/** An alert group that has moved since Slack last showed it: only what the order of drawing needs. */
export interface UndrawnGroup {
  readonly id: string;
  readonly version: number;
  readonly severity: AlertSeverity;
  readonly status: AlertGroup['status'];
  /** Whether the channel has its message, if there is anything to show; otherwise it waits for its first post. */
  readonly isPosted: boolean;
  /** When the first thing happened that is not shown, in milliseconds since 1970. */
  readonly since: Instant;
  /** The types of the events that are not shown. */
  readonly happened: readonly string[];
}

/** All groups of a channel that have moved since they were drawn. */
export async function undrawnGroups(pool: Pool, channel: string): Promise<readonly UndrawnGroup[]> {
  const { rows } = await pool.query<UndrawnGroup>({
    name: 'undrawn-groups',
    text: `select s.id, s.version, g.routing ->> 'severity' as severity, g.status,
                  coalesce(r.ts is not null or g.round = 0, false) as "isPosted",
                  coalesce(e.since, s.changed_at_ms) as since, coalesce(e.happened, '{}') as happened
           from (
             select id, version, drawn, state, extract(epoch from changed_at)::float8 * 1000 as changed_at_ms
             from streams
             where kind = 'alerts' and drawn < version and state -> 'routing' ->> 'channel' = $1::text
           ) s
           cross join lateral jsonb_to_record(s.state) as g(routing jsonb, status text, round int, message int)
           cross join lateral (
             select extract(epoch from min(at))::float8 * 1000 as since, array_agg(distinct type) as happened
             from events where stream = s.id and version > s.drawn
           ) e
           left join surfaces r on r.stream = s.id and r.key = 'message-' || g.message`,
    values: [channel],
  });
  return rows;
}

/** These groups as a digest needs them, in no order. */
export async function foldedGroups(pool: Pool, ids: readonly string[]): Promise<readonly FoldedGroup[]> {
  type Row = Omit<FoldedGroup, 'acknowledged'> & {
    readonly acknowledged: FoldedGroup['acknowledged'] | null;
  };
  const { rows } = await pool.query<Row>(
    `select s.id, g.round, g."groupLabels", g."commonLabels", g."commonAnnotations", g.routing, g.status,
            g.firing, g."openedAt", g.acknowledged
     from streams s cross join lateral jsonb_to_record(s.state) as g(
       round int, "groupLabels" jsonb, "commonLabels" jsonb, "commonAnnotations" jsonb, routing jsonb,
       status text, firing int, "openedAt" float8, acknowledged jsonb)
     where s.id = any($1::text[])`,
    [ids],
  );
  return rows.map(({ acknowledged, ...row }) => ({ ...row, ...(acknowledged && { acknowledged }) }));
}

/** What the place of a digest that says that all is calm is noted with. */
export const calm = 'calm';

/** Boards with a group that has moved since it was drawn, or with a digest that does not say yet that it is calm. */
export async function undrawnBoards(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ board: string }>(
    `select distinct $1::text || (state -> 'routing' ->> 'channel') as board
     from streams where kind = 'alerts' and drawn < version
     union
     select stream from surfaces
     where starts_with(stream, $1::text) and key = 'digest' and digest is distinct from $2::text`,
    [boardOf(''), calm],
  );
  return rows.map(({ board }) => board);
}

/** Forgets where a message is, so that the next one of this surface is another message. */
export async function forgetPlace(pool: Pool, stream: string, key: string): Promise<void> {
  await pool.query('delete from surfaces where stream = $1::text and key = $2::text', [stream, key]);
}

/** Groups that a job should be under way for: an escalation, a silence or a page that is not settled. */
export async function busyGroups(pool: Pool): Promise<readonly AlertGroup[]> {
  const { rows } = await pool.query<{ state: AlertGroup }>(
    `select state from streams
     where kind = 'alerts' and (not ended or changed_at > clock_timestamp() - interval '1 day')
       and state @@ '$.escalation.status == "running"
         || exists($.silences[*] ? (@.status == "asked" || @.status == "ending"))
         || exists($.page ? (!exists(@.refused) && (!exists(@.told) || @.told != @.wanted)))
         || exists($.otherPages[*] ? (!exists(@.refused) && (!exists(@.told) || @.told != @.wanted)))'`,
  );
  return rows.map(({ state }) => state);
}
