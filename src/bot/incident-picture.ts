import type { AlertGroup } from '../alerts/group.ts';
import type { Runs } from '../engine/runs.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentSettings } from '../incidents/settings.ts';
import { walkthroughsFor } from '../store/linked-streams.ts';
import { newestEvents } from '../store/newest-events.ts';
import { load } from '../store/streams.ts';
import { placesOf } from '../store/surfaces.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';
import { type IncidentChange, toldTypes } from './blocks/incidents/change-messages.ts';
import { incidentSurfaces } from './blocks/incidents/incident-surfaces.ts';
import type { IncidentView } from './blocks/incidents/incident-view.ts';
import type { Picture } from './draw.ts';
import { aboutRun } from './picture-of.ts';

/** As many changes of an incident have a message; earlier ones stay in Slack as they are. */
const mostChanges = 20;

/** As many runs and groups are looked at for the card. */
const most = { groups: 20, runs: 10 } as const;

/** Whether a stream is an incident. */
export function isIncident(stream: string): boolean {
  return /^incident-[0-9a-f]{16}$/.test(stream);
}

/** What Slack should show of an incident; undefined for a stream that is none. */
export async function incidentPicture(
  runs: Runs,
  settings: Pick<IncidentSettings, 'announce' | 'statusPage'>,
  stream: string,
): Promise<Picture | undefined> {
  const loaded = await load<Incident>(runs.parts.pool, stream);
  if (loaded === undefined) return undefined;
  const { state: incident, version } = loaded;
  const { channel } = incident.room;
  const surfaces = incidentSurfaces(await viewOf(runs, settings, incident));
  return { channel: channel ?? incident.from.channel, version, surfaces };
}

async function viewOf(
  runs: Runs,
  { announce, statusPage }: Pick<IncidentSettings, 'announce' | 'statusPage'>,
  incident: Incident,
): Promise<IncidentView> {
  const { pool, now } = runs.parts;
  const [groups, linkedRuns, walkthroughs, changes, places] = await Promise.all([
    groupsOf(runs, incident),
    runsOf(runs, incident),
    walkthroughsFor<Walkthrough>(pool, incident.id, incident.groups),
    changesOf(runs, incident),
    placesOf(pool, incident.id),
  ]);
  return {
    incident,
    now: now(),
    ...(announce !== undefined && { announce }),
    hasStatusPage: statusPage !== undefined,
    groups,
    runs: linkedRuns,
    walkthroughs,
    changes,
    posted: places.filter(({ ts }) => ts !== null).map(({ key }) => key),
  };
}

async function groupsOf({ parts: { pool } }: Runs, { groups }: Incident): Promise<IncidentView['groups']> {
  const loaded = await Promise.all(
    groups.slice(0, most.groups).map(async ({ group, round }) => {
      const found = await load<AlertGroup>(pool, group);
      return found === undefined ? [] : [{ group: found.state, round }];
    }),
  );
  return loaded.flat();
}

async function runsOf(runs: Runs, incident: Incident): Promise<IncidentView['runs']> {
  const loaded = await Promise.all(
    incident.runs.slice(-most.runs).map(async (id) => {
      const run = await runs.find(id);
      return run === undefined ? [] : [{ run, about: await aboutRun(runs, run) }];
    }),
  );
  return loaded.flat();
}

async function changesOf({ parts: { pool } }: Runs, { id }: Incident): Promise<readonly IncidentChange[]> {
  const events = await newestEvents(pool, id, toldTypes, mostChanges);
  return events.map(({ version, type, at, data }): IncidentChange => {
    // Only the rules of incidents write these events, so they are of the types that were asked for.
    const event = { ...data, type, at } as IncidentChange['event'];
    return { version, at, event };
  });
}
