import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Alerts } from '../alerting/alerts.ts';
import type { Runs } from '../engine/runs.ts';
import { Failure, reasons } from '../errors.ts';
import type { Incident } from '../incidents/incident.ts';
import { noteRoom, type RoomNotes, roomNotes } from './room-notes.ts';
import type { RoomSlack } from './room-slack.ts';
import { roomTopic } from './room-topic.ts';

/** What keeping the channels of incidents needs of the rest. */
export interface UpkeepParts {
  readonly pool: Pool;
  readonly slack: Pick<RoomSlack, 'setTopic' | 'setPurpose' | 'pin'>;
  /** The address of a message, for links. */
  readonly link: (channel: string, ts: string) => Promise<string | undefined>;
  /** Absent where slipway.yaml says nothing of alerts. */
  readonly alerts: Pick<Alerts, 'handle'> | undefined;
  readonly runs: Pick<Runs, 'handle'>;
  /** Aborts when this process is closing: what is left is done by the next one. */
  readonly closing: AbortSignal;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * Compares the channels of incidents with how these stand, and does what is missing: the topic, the pin on the status card, and
 * the word to alert groups and runs that there is a channel. Doing it again changes nothing; what fails is tried the next time.
 */
export async function upkeepRooms(parts: UpkeepParts): Promise<void> {
  for (const notes of await roomNotes(parts.pool)) {
    const { incident } = notes;
    const { channel } = incident.room;
    if (channel === undefined) continue;
    for (const task of [keepLinks, keepPin, keepTopic]) {
      if (parts.closing.aborted) return;
      await task(notes, channel, parts).catch((error: unknown) =>
        parts.log.warn({ error, incident: incident.id }, 'the channel of an incident is not up to date'),
      );
    }
  }
}

async function keepTopic(notes: RoomNotes, channel: string, parts: UpkeepParts): Promise<void> {
  const { incident } = notes;
  const { pool, slack } = parts;
  if (notes.topic === roomTopic(incident)) return;
  const { thread } = incident.from;
  const link = thread === undefined ? undefined : await parts.link(incident.from.channel, thread);
  await allowing(incident, parts, async () => {
    if (notes.topic === null) await slack.setPurpose(channel, purposeOf(incident));
    await slack.setTopic(channel, roomTopic(incident, link));
  });
  await noteRoom(pool, incident.id, { topic: roomTopic(incident) });
}

async function keepPin({ incident, card, pinned }: RoomNotes, channel: string, parts: UpkeepParts) {
  if (card === null || card.channel !== channel || card.ts === pinned) return;
  await allowing(incident, parts, () => parts.slack.pin(channel, card.ts));
  await noteRoom(parts.pool, incident.id, { pinned: card.ts });
}

async function keepLinks({ incident, linked }: RoomNotes, channel: string, parts: UpkeepParts) {
  const { pool, alerts, runs } = parts;
  const about = { type: 'LinkIncident', incident: incident.id, number: incident.number, channel } as const;
  for (const { group, round } of incident.groups) {
    const key = `${group} ${round}`;
    if (linked.includes(key) || alerts === undefined) continue;
    await alerts.handle(group, { ...about, round });
    await noteRoom(pool, incident.id, { linked: key });
  }
  for (const run of incident.runs) {
    if (linked.includes(run)) continue;
    await runs.handle(run, about);
    await noteRoom(pool, incident.id, { linked: run });
  }
}

/** What Slack refuses for good is told to the log and not asked for again: the incident does without it. */
async function allowing(
  { id: incident }: Incident,
  { log }: UpkeepParts,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure) || reasons[error.code].retry) throw error;
    log.warn({ error, incident }, 'Slack does not let the channel of an incident be kept');
  }
}

/** The stream's id tells this channel apart from those of another installation. */
function purposeOf({ id, number }: Incident): string {
  return `Incident #${number}, kept by Slipway (${id}).`;
}
