import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { again } from './again.ts';
import type { OnCall } from './alerting/on-call.ts';
import type { BotParts } from './bot/bot-parts.ts';
import type { Picture } from './bot/draw.ts';
import type { Groups } from './bot/groups.ts';
import type { Messages } from './bot/messages.ts';
import { isWalkthrough, walkthroughPicture } from './bot/walkthrough-picture.ts';
import type { Runs } from './engine/runs.ts';
import type { IncidentSettings } from './incidents/settings.ts';
import type { JobsByName, Queues } from './queue/queues.ts';
import { openIncidents } from './response/incidents.ts';
import { refillWalkthroughs } from './response/refill-walkthroughs.ts';
import type { Walkthroughs } from './response/walkthroughs.ts';
import type { Library } from './runbooks/library.ts';

/** What responding to incidents is opened from; `closers` are called the newest first. */
export interface ResponseSite {
  /** Absent where slipway.yaml says nothing of incidents: then runbooks can only be read and ticked. */
  readonly settings: IncidentSettings | undefined;
  readonly library: Library;
  readonly walkthroughs: Walkthroughs;
  readonly runs: Runs;
  readonly queues: Queues;
  readonly groups: Groups;
  readonly messages: Messages;
  readonly client: WebClient;
  readonly onCall: OnCall | undefined;
  readonly log: Logger;
  readonly closers: (readonly [name: string, close: () => Promise<unknown>])[];
}

/** What brings runbooks and incidents to people, as the rest of the program needs it. */
export interface Response {
  readonly forBot: Pick<BotParts, 'library' | 'walkthroughs' | 'incidents'>;
  /** What Slack should show of an opened runbook or an incident; undefined for another stream. */
  readonly picture: (stream: string) => Promise<Picture | undefined> | undefined;
  readonly calls: JobsByName;
  readonly timers: JobsByName;
}

/** How often the queue is compared with the streams, in milliseconds. */
const refillMs = 20_000;

/** Opens what brings runbooks and incidents to people in one straight line, each opening followed by its closer. */
export async function openResponse(site: ResponseSite): Promise<Response> {
  const { settings, library, walkthroughs, runs, queues, groups, onCall, log, closers } = site;
  const { pool, now, nudge } = runs.parts;
  const onDuty = async (schedule: string): Promise<readonly string[]> => {
    const duty = await onCall?.who(schedule, now());
    return duty?.now === undefined ? [] : [duty.now];
  };
  const incidents =
    settings && openIncidents({ pool, settings, now, nudge, onDuty, members: groups.members });
  const refill = () => refillWalkthroughs(pool, queues, now());
  await refill();
  closers.push(['refill of runbooks', again('refill of runbooks', refillMs, refill, log)]);
  return {
    forBot: { library, walkthroughs, ...(incidents && { incidents }) },
    picture: (stream) =>
      isWalkthrough(stream) ? walkthroughPicture({ pool, now }, walkthroughs, stream) : undefined,
    calls: {},
    timers: {},
  };
}
