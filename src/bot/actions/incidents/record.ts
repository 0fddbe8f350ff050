import { WebAPIPlatformError } from '@slack/web-api';
import { Failure } from '../../../errors.ts';
import type { Incident } from '../../../incidents/incident.ts';
import { mayRead } from '../../../incidents/may-read.ts';
import type { IncidentRecord } from '../../../incidents/record.ts';
import { reviewDocument } from '../../../incidents/review-document.ts';
import { timelineOf } from '../../../incidents/timeline.ts';
import { placesOf } from '../../../store/surfaces.ts';
import { mention } from '../../blocks/escape.ts';
import type { IncidentReference } from '../../blocks/incidents/incident-reference.ts';
import { mostEntries, timelineFile, timelineReply } from '../../blocks/incidents/timeline-reply.ts';
import { type BotParts, refused, says } from '../../bot-parts.ts';
import { incidentPerson } from '../../incident-person.ts';
import type { Listener, Pressed } from '../../listen.ts';
import type { Content } from '../../messages.ts';
import { incidentOf, incidentsOf } from './incident-command.ts';

/** **Timeline**: the newest entries, to whoever asks alone. */
export function showTimeline(bot: BotParts): Listener<Pressed<IncidentReference>> {
  return async ({ user, about }) => timelineFor(bot, await incidentOf(bot, about.incident), user);
}

/** The newest entries of an incident's timeline; when there are more, the whole goes to the asker as a file. */
export async function timelineFor(bot: BotParts, incident: Incident, user: string): Promise<Content> {
  const refusal = await refusalToRead(bot, incident, user);
  if (refusal !== undefined) return refusal;
  const entries = timelineOf(await incidentsOf(bot).recordOf(incident));
  const isLong = entries.length > mostEntries;
  if (isLong) await sendToPerson(bot, user, incident, timelineFile(incident, entries));
  return timelineReply(incident, entries, isLong);
}

async function sendToPerson(
  { client }: BotParts,
  user: string,
  { number }: Incident,
  content: string,
): Promise<void> {
  const opened = await client.conversations.open({ users: user });
  await client.filesUploadV2({
    channel_id: opened.channel?.id ?? user,
    filename: `incident-${number}-timeline.txt`,
    content,
    initial_comment: `The whole timeline of incident #${number}`,
  });
}

/** **Review as a file**: the document that the review begins with, written from the record, where the incident is worked on. */
export function sendReview(bot: BotParts): Listener<Pressed<IncidentReference>> {
  return async ({ user, about, channel }) => {
    const incidents = incidentsOf(bot);
    const incident = await incidentOf(bot, about.incident);
    const refusal = await refusalToRead(bot, incident, user);
    if (refusal !== undefined) return refusal;
    const record = await incidents.recordOf(incident);
    const names = await namesIn(bot, record);
    const { timeZone: zone } = incidents.settings.report;
    const document = reviewDocument(record, { zone, names });
    const where = await whereOf(bot, incident);
    await bot.client
      .filesUploadV2({
        ...where,
        filename: `incident-${incident.number}-review.md`,
        content: document,
        initial_comment: `The review of incident #${incident.number} as the record tells it, asked for by ${mention(user)}`,
      })
      .catch((error: unknown) => {
        if (!(error instanceof WebAPIPlatformError)) throw error;
        const advice = `The incident's channel does not take the file (${error.data.error}). If it is archived, unarchive it and press again.`;
        throw new Failure('slack-refused', advice, { cause: error });
      });
    return where.channel_id === channel ? undefined : says(`The review is in <#${where.channel_id}>.`);
  };
}

async function refusalToRead(bot: BotParts, incident: Incident, user: string): Promise<Content | undefined> {
  const { settings } = incidentsOf(bot);
  const person = await incidentPerson(bot.groups, settings, user);
  if (mayRead(incident, person, settings.isPrivate)) return undefined;
  return refused({
    code: 'not-allowed',
    detail: 'This incident is private; ask to be invited into its channel.',
  });
}

async function whereOf({ runs }: BotParts, { id, room, from }: Incident) {
  if (room.channel !== undefined) return { channel_id: room.channel };
  const places = await placesOf(runs.parts.pool, id);
  const thread = from.thread ?? places.find(({ key }) => key === 'declared')?.ts ?? undefined;
  return thread === undefined
    ? { channel_id: from.channel }
    : { channel_id: from.channel, thread_ts: thread };
}

/** As many people are asked of Slack; the rest stand there by their ids. */
const mostNames = 40;

/** A document is also read outside of Slack, where an id is nobody's name. */
async function namesIn({ client, log }: BotParts, record: IncidentRecord): Promise<(id: string) => string> {
  const { incident, before } = record;
  const told = timelineOf(record).flatMap(({ by = '', whom = [] }) => [by, ...whom]);
  const owners = incident.actions.flatMap(({ owner, by, doneBy = owner }) => [owner, by, doneBy]);
  const deciders = incident.notices.flatMap(({ by, decidedBy = by }) => [by, decidedBy]);
  const all = [
    ...Object.values(incident.roles),
    ...before.map(({ by }) => by),
    ...told,
    ...owners,
    ...deciders,
  ];
  const ids = new Set(all.filter((id) => /^[UW][A-Z0-9]{1,30}$/.test(id)));
  const named = await Promise.all(
    [...ids].slice(0, mostNames).map(async (id) => {
      try {
        const { user } = await client.users.info({ user: id });
        return [id, user?.profile?.display_name || user?.real_name || user?.name || id] as const;
      } catch (error) {
        log.info({ error, id }, 'name of a person not known');
        return [id, id] as const;
      }
    }),
  );
  const known = new Map(named);
  return (id) => known.get(id) ?? id;
}
