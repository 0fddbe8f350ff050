import { oneLine } from '../alerts/one-line.ts';
import type { Entry } from './entries/entry.ts';
import { alertTellers } from './entries/of-alerts.ts';
import { deploymentTellers } from './entries/of-deployment.ts';
import { incidentTellers } from './entries/of-incident.ts';
import { walkthroughTellers } from './entries/of-walkthrough.ts';
import { named, type Teller, type Telling } from './entries/tell.ts';
import { openingsOf } from './openings.ts';
import { type Happening, type IncidentRecord, storiesOf } from './record.ts';

const tellers: Readonly<Record<Happening['kind'], Readonly<Record<string, Teller>>>> = {
  incident: incidentTellers,
  alerts: alertTellers,
  walkthrough: walkthroughTellers,
  deployment: deploymentTellers,
};

/**
 * What happened, a line each, by time and then by stream and version: of the incident, and of the alerts, opened runbooks and
 * runs that are linked to it. A pinned message stands at the time when it was written. What is unknown or of another shape than
 * this version writes is left out.
 */
export function timelineOf(record: IncidentRecord): readonly Entry[] {
  const stories = storiesOf(known(record));
  const names = new Map(stories.flat().map((happening) => [happening.stream, named(happening)]));
  const nameOf = (stream: string) => names.get(stream) ?? oneLine(stream, 60);
  return stories
    .flatMap((story) => story.flatMap((happening) => entryOf({ happening, story, nameOf })))
    .toSorted(inOrder);
}

/** What is known of alert groups from the first opening on that the incident is about; all of everything else. */
function known(record: IncidentRecord): readonly Happening[] {
  const earlier = new Set(openingsOf(record).flatMap(({ before }) => before));
  return record.happenings.filter((happening) => !earlier.has(happening));
}

function entryOf(telling: Telling): readonly Entry[] {
  const { happening } = telling;
  const { stream, version, kind, type } = happening;
  const ofKind = Object.hasOwn(tellers, kind) ? tellers[kind] : {};
  const told = Object.hasOwn(ofKind, type) ? ofKind[type]?.(telling) : undefined;
  if (told === undefined) return [];
  return [{ at: happening.at, kind, ...told, source: { stream, version, type } }];
}

function inOrder(one: Entry, other: Entry): number {
  if (one.at !== other.at) return one.at - other.at;
  if (one.source.stream !== other.source.stream) return one.source.stream < other.source.stream ? -1 : 1;
  // They come in the order of their stream, which sorting keeps.
  return 0;
}
