import type { Pool } from 'pg';
import type { Happening } from '../alerts/stats.ts';

/** What happened to alert groups since a time (milliseconds since 1970), group by group in its order. */
export async function happeningsSince(pool: Pool, since: number): Promise<readonly Happening[]> {
  const { rows } = await pool.query<Happening>(
    `select e.stream as "group",
            coalesce(s.state -> 'groupLabels' ->> 'alertname', s.state -> 'commonLabels' ->> 'alertname', s.id) as name,
            extract(epoch from e.at)::float8 * 1000 as at,
            case e.type when 'GroupOpened' then 'opened' when 'Acknowledged' then 'acknowledged'
                        when 'GroupClosed' then 'closed' else 'paged' end as what
     from streams s join events e on e.stream = s.id
     where s.kind = 'alerts' and s.changed_at >= to_timestamp($1::float8 / 1000)
       and e.at >= to_timestamp($1::float8 / 1000)
       and (e.type in ('GroupOpened', 'Acknowledged', 'GroupClosed')
            or e.type = 'PageTold' and e.data ->> 'status' = 'triggered')
     order by e.stream, e.version`,
    [since],
  );
  return rows;
}
