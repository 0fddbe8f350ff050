import type { Pool } from 'pg';
import type { Incident } from '../incidents/incident.ts';

/** A number that no incident of this installation has had. */
export async function newIncidentNumber(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ number: number }>("select nextval('incident_numbers')::int as number");
  return rows[0]?.number ?? 0;
}

/** The incident of this number. */
export async function incidentNumbered(pool: Pool, number: number): Promise<Incident | undefined> {
  const { rows } = await pool.query<{ state: Incident }>(
    `select state from streams where kind = 'incident' and (state ->> 'number')::integer = $1::integer`,
    [number],
  );
  return rows[0]?.state;
}

/** The incident whose channel this is. */
export async function incidentInChannel(pool: Pool, channel: string): Promise<Incident | undefined> {
  const { rows } = await pool.query<{ state: Incident }>(
    `select state from streams where kind = 'incident' and state -> 'room' ->> 'channel' = $1::text
     order by created_at desc limit 1`,
    [channel],
  );
  return rows[0]?.state;
}
