import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { again } from './again.ts';
import type { Alerts } from './alerting/alerts.ts';
import type { OnCall } from './alerting/on-call.ts';
import type { BotParts } from './bot/bot-parts.ts';
import type { Picture } from './bot/draw.ts';
import type { Groups } from './bot/groups.ts';
import { incidentPicture, isIncident } from './bot/incident-picture.ts';
import type { Messages } from './bot/messages.ts';
import { isReport, reportPicture } from './bot/report-picture.ts';
import { isWalkthrough, walkthroughPicture } from './bot/walkthrough-picture.ts';
import type { Runs } from './engine/runs.ts';
import type { IncidentSettings } from './incidents/settings.ts';
import type { JobsByName, Queues } from './queue/queues.ts';
import { openIncidents } from './response/incidents.ts';
import { noticeWork } from './response/notices.ts';
import { refillIncidents } from './response/refill-incidents.ts';
import { refillWalkthroughs } from './response/refill-walkthroughs.ts';
import { reminderWork } from './response/reminders.ts';
import { refillReport, reportWork } from './response/report.ts';
import { roomWork } from './response/room.ts';
import { peopleToInvite } from './response/room-people.ts';
import { roomSlack } from './response/room-slack.ts';
import { upkeepRooms } from './response/room-upkeep.ts';
import { openStatusPage } from './response/status-page.ts';
import type { Walkthroughs } from './response/walkthroughs.ts';
import type { Library } from './runbooks/library.ts';
import { incidentsOfChanged } from './store/linked-streams.ts';
import type { OutboxRow } from './store/outbox.ts';

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
  readonly alerts: Alerts | undefined;
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

/** How often the queue is compared with the streams, and the channels of incidents with how these stand, in milliseconds. */
const refillMs = 20_000;
const upkeepMs = 1_000;

/** How long the worker that makes a channel waits until it is known who is on call, in milliseconds. */
const invitePatience = 10_000;

/** How often incidents are drawn anew because of what they are about, in milliseconds. */
const redrawMs = 5_000;

/** Opens what brings runbooks and incidents to people in one straight line, each opening followed by its closer. */
export async function openResponse(site: ResponseSite): Promise<Response> {
  const {
    settings,
    library,
    walkthroughs,
    runs,
    queues,
    groups,
    messages,
    client,
    onCall,
    alerts,
    log,
    closers,
  } = site;
  const { pool, now, nudge } = runs.parts;
  const onDuty = async (schedule: string): Promise<readonly string[]> => {
    const duty = await onCall?.who(schedule, now());
    return duty?.now === undefined ? [] : [duty.now];
  };
  const people = settings && { settings, onDuty, members: groups.members, log };
  const incidents = people && openIncidents({ ...people, runs, walkthroughs });
  const slack = roomSlack(client, now);
  const report = settings && {
    settings,
    library,
    alerts,
    members: groups.members,
    ...{ pool, now, nudge, log },
  };
  const refill = async (): Promise<void> => {
    await refillWalkthroughs(pool, queues, now());
    if (incidents !== undefined) await refillIncidents(pool, queues, now());
    if (report !== undefined) await refillReport(report, queues);
  };
  await refill();
  closers.push(['refill of runbooks', again('refill of runbooks', refillMs, refill, log)]);
  if (incidents !== undefined) {
    const closing = new AbortController();
    const upkeep = { pool, slack, link: messages.link, alerts, runs, closing: closing.signal, log };
    const keepUp = () => upkeepRooms(upkeep);
    closers.push(
      ['channels of incidents', again('channels of incidents', upkeepMs, keepUp, log)],
      ['what is left of them', async () => closing.abort()],
    );
  }
  const redraw = async (): Promise<void> => {
    const incidents = await incidentsOfChanged(pool, redrawMs * 2);
    await queues.add(incidents.map(drawOf), now());
  };
  if (incidents !== undefined) {
    closers.push(['cards of incidents', again('cards of incidents', redrawMs, redraw, log)]);
  }
  const room =
    incidents &&
    roomWork({ incidents, slack, ...people, invited: () => peopleToInvite(people, invitePatience) });
  const notice =
    incidents && noticeWork({ incidents, publisher: openStatusPage(incidents.settings.statusPage) });
  // Without the section there may still be incidents of former times, which are left as they are.
  const pictureOfIncident = async (stream: string) => settings && incidentPicture(runs, settings, stream);
  return {
    forBot: { library, walkthroughs, ...(incidents && { incidents }) },
    picture: (stream) =>
      isWalkthrough(stream)
        ? walkthroughPicture({ pool, now }, walkthroughs, stream)
        : isIncident(stream)
          ? pictureOfIncident(stream)
          : isReport(stream)
            ? reportPicture(pool, stream)
            : undefined,
    calls: { ...(room && { room }), ...(notice && { notice }) },
    timers: {
      ...(incidents && reminderWork(incidents, incidents.settings.ruling)),
      ...(report && reportWork(report)),
    },
  };
}

function drawOf(stream: string): OutboxRow {
  return { id: `draw.${stream}`, queue: 'views', name: 'draw', data: { stream }, runAt: null };
}
