import type { Pool } from 'pg';
import type { Incident } from '../incidents/incident.ts';

/** The channel of an incident with what has been done in it. */
export interface RoomNotes {
  readonly incident: Incident;
  /** Where the status card stands, once it does. */
  readonly card: { readonly channel: string; readonly ts: string } | null;
  /** The topic that the channel shows, and the message that is pinned. */
  readonly topic: string | null;
  readonly pinned: string | null;
  /** What was told of the channel. */
  readonly linked: readonly string[];
}

/** Every incident that has a channel and is not over, or only since an hour. */
export async function roomNotes(pool: Pool): Promise<readonly RoomNotes[]> {
  const { rows } = await pool.query<RoomNotes>({
    name: 'room-notes',
    text: `select s.state as incident, r.topic, r.pinned, coalesce(r.linked, '{}') as linked,
                  case when c.ts is not null then jsonb_build_object('channel', c.channel, 'ts', c.ts) end as card
           from streams s
           left join surfaces c on c.stream = s.id and c.key = 'card'
           left join rooms r on r.incident = s.id
           where s.kind = 'incident' and s.state -> 'room' ->> 'channel' is not null
             and (not s.ended or s.changed_at > clock_timestamp() - interval '1 hour')
           order by s.created_at`,
  });
  return rows;
}

/** Notes what has been done in an incident's channel; what is left out stays as it was. */
export async function noteRoom(
  pool: Pool,
  incident: string,
  done: { readonly topic?: string; readonly pinned?: string; readonly linked?: string },
): Promise<void> {
  const { topic, pinned, linked } = done;
  await pool.query(
    `insert into rooms as known (incident, topic, pinned, linked)
     values ($1::text, $2::text, $3::text, array_remove(array[$4::text], null))
     on conflict (incident) do update
       set topic = coalesce($2::text, known.topic), pinned = coalesce($3::text, known.pinned),
           linked = case when $4::text is null or $4::text = any(known.linked) then known.linked
                         else known.linked || $4::text end`,
    [incident, topic ?? null, pinned ?? null, linked ?? null],
  );
}
