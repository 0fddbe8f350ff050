import type { Pool } from 'pg';

/** States of the runbooks that were opened for an incident or for openings of alert groups, the oldest first. */
export async function walkthroughsFor<State>(
  pool: Pool,
  incident: string,
  groups: readonly { readonly group: string; readonly round: number }[],
): Promise<readonly State[]> {
  const { rows } = await pool.query<{ state: State }>(
    `select state from streams
     where kind = 'walkthrough'
       and (state ->> 'incident' = $1::text
            or (state -> 'alert' ->> 'group', (state -> 'alert' ->> 'round')::int)
               in (select * from jsonb_to_recordset($2::jsonb) as g("group" text, round int)))
     order by created_at, id limit 50`,
    [incident, JSON.stringify(groups)],
  );
  return rows.map(({ state }) => state);
}

/** Incidents that have not ended and are about a group, run or opened runbook that changed within the last `within` milliseconds; what takes a run back counts as the run. */
export async function incidentsOfChanged(pool: Pool, within: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `with changed as (
       select id, state ->> 'incident' as incident, coalesce(state -> 'alert' ->> 'group', id) as "group"
       from streams
       where changed_at > clock_timestamp() - $1::float8 * interval '1 millisecond'
         and kind in ('alerts', 'run', 'walkthrough')
     )
     select i.id from streams i
     where i.kind = 'incident' and not i.ended
       and exists (
         select 1 from changed c
         where c.incident = i.id or i.state -> 'runs' ? regexp_replace(c.id, '-rollback$', '')
            or i.state -> 'groups' @> jsonb_build_array(jsonb_build_object('group', c."group"))
       )`,
    [within],
  );
  return rows.map(({ id }) => id);
}
