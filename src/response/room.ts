import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Incident } from '../incidents/incident.ts';
import { isRoomDue } from '../incidents/jobs.ts';
import type { IncidentSettings } from '../incidents/settings.ts';
import type { Incidents } from './incidents.ts';
import { nextName } from './room-name.ts';
import {
  type MadeRoom,
  type NotInvited,
  type RoomSlack,
  refusalOf,
  type SlackRefusal,
} from './room-slack.ts';

/** What making an incident's channel needs of the rest. */
export interface RoomParts {
  readonly incidents: Pick<Incidents, 'find' | 'handle'>;
  readonly settings: Pick<IncidentSettings, 'isPrivate'>;
  readonly slack: RoomSlack;
  /** Everybody whom the configuration invites, as far as that is known by now. */
  readonly invited: () => Promise<readonly string[]>;
}

const RoomJob = z.object({ incident: z.string(), turn: z.number() });

/** How many names are tried before it is left to people. */
const mostNames = 20;

/** How long Slack may take until it lists a channel that it has just made, in milliseconds. */
const listedAfter = 1_000;

/** How far Slack's clock and ours may differ, in milliseconds. */
const clocksDiffer = 600_000;

/**
 * Works on a job `room` of the queue `calls`: makes the incident's channel, if there is none, and invites those who are wanted in
 * it; a try whose answer was lost is looked for first. What Slack refuses for good is told to the incident, which goes on where it
 * was declared. A turn that is over does nothing. Throws what trying again may help.
 */
export function roomWork(parts: RoomParts): (data: unknown) => Promise<void> {
  return async (data) => {
    const { incident: id, turn } = RoomJob.parse(data);
    const incident = await parts.incidents.find(id);
    if (incident === undefined || incident.room.turn !== turn || !isRoomDue(incident.room)) return;
    try {
      const channel = incident.room.channel ?? (await make(incident, turn, parts));
      if (channel !== undefined) await settle(incident, turn, channel, parts);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      await parts.incidents.handle(id, { type: 'RoomFailed', turn, because: whatToDo(refusal) });
    }
  };
}

/** Makes the channel under the first name that is free; undefined when none is. */
async function make(incident: Incident, turn: number, parts: RoomParts): Promise<string | undefined> {
  const { incidents } = parts;
  const { id, room } = incident;
  const made = await makeOrFind(incident, parts);
  if (made === undefined) {
    const because = `The names ${room.name} to ${nextName(room.name, mostNames)} are all taken in Slack. Rename those channels, then invite somebody to try again.`;
    await incidents.handle(id, { type: 'RoomFailed', turn, because });
    return undefined;
  }
  const handled = await incidents.handle(id, { type: 'RoomMade', turn, ...made });
  return handled.ok ? (handled.state.room.channel ?? made.channel) : undefined;
}

async function makeOrFind(
  { id, room, declaredAt }: Incident,
  { slack, settings }: RoomParts,
): Promise<MadeRoom | undefined> {
  for (let attempt = 1; attempt <= mostNames; attempt += 1) {
    const name = nextName(room.name, attempt);
    const made = await slack.create(name, settings.isPrivate);
    if (made !== undefined) return made;
    const own = () => slack.findOwn(name, id, declaredAt - clocksDiffer);
    const found = await own();
    if (found !== undefined) return found;
    // Nobody else is likely to have this number, so the first name is rather one of a moment ago.
    if (attempt > 1) continue;
    await delay(listedAfter);
    const listed = await own();
    if (listed !== undefined) return listed;
  }
  return undefined;
}

async function settle(
  { id, room }: Incident,
  turn: number,
  channel: string,
  { incidents, slack, invited: usual }: RoomParts,
): Promise<void> {
  // Who is on call may not have been known yet when somebody was waiting for the incident to be declared.
  const wanted = new Set([...room.wanted, ...(turn === 1 ? await usual() : [])]);
  const present = new Set(await slack.members(channel));
  const missing = [...wanted].filter((person) => !present.has(person));
  const reasons = missing.length === 0 ? {} : await slack.invite(channel, missing);
  const isIn = (person: string) => {
    const reason = Object.hasOwn(reasons, person) ? reasons[person] : undefined;
    return present.has(person) || reason === undefined || borne.has(reason);
  };
  const because = whyNot(reasons);
  await incidents.handle(id, {
    type: 'RoomSettled',
    turn,
    invited: [...wanted].filter(isIn),
    ...(because !== undefined && { because }),
  });
}

/** Somebody else invited them meanwhile, or it is this bot itself. */
const borne = new Set(['already_in_channel', 'cant_invite_self']);

/** Slack's reasons why one person cannot come into a channel (https://docs.slack.dev/reference/methods/conversations.invite). */
const reasonWords: Readonly<Record<string, string>> = {
  user_not_found: 'Slack does not know them',
  no_user: 'Slack does not know them',
  user_disabled: 'their account is deactivated',
  user_is_restricted: 'they are guests, whom only an administrator may add',
  user_is_ultra_restricted: 'they are guests of one channel',
  ura_max_channels: 'they are guests of one channel',
  user_team_not_in_channel: 'they belong to another workspace',
};

function whyNot(reasons: NotInvited): string | undefined {
  const byCode = new Map<string, string[]>();
  for (const [person, code] of Object.entries(reasons)) {
    if (!borne.has(code)) byCode.set(code, [...(byCode.get(code) ?? []), person]);
  }
  if (byCode.size === 0) return undefined;
  const told = [...byCode].map(([code, people]) => {
    const whom = people
      .slice(0, 10)
      .map((person) => `<@${person}>`)
      .join(', ');
    return `${whom}: ${reasonWords[code] ?? `Slack says ${code}`}`;
  });
  return `Could not be invited: ${told.join('; ')}.`;
}

/** What Slack refuses for good, with what to do about it. */
function whatToDo({ code, needed }: SlackRefusal): string {
  switch (code) {
    case 'missing_scope': {
      const scopes = needed ?? 'channels:manage, groups:write, channels:read and groups:read';
      return `Slipway lacks the scope ${scopes}. Add it to the Slack app as in manifest.yaml and install it again, then invite somebody to try again.`;
    }
    case 'restricted_action':
    case 'cannot_create_channel':
      return `This workspace does not let Slipway create channels (${code}). An administrator may allow it for apps; then invite somebody to try again.`;
    case 'is_archived':
    case 'channel_not_found':
    case 'not_in_channel':
      return `The channel of this incident is archived or closed to Slipway (${code}). Unarchive it or invite Slipway, then invite somebody to try again.`;
    default:
      return `Slack refused the channel (${code}).`;
  }
}
