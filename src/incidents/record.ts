import type { Incident, Instant } from './incident.ts';

/** One event of the record, of the incident itself or of a stream that is linked to it. */
export interface Happening {
  readonly stream: string;
  readonly kind: 'incident' | 'alerts' | 'walkthrough' | 'deployment';
  /** What people call the stream: the alert's name, the runbook's title, the run's environment and version. */
  readonly name: string;
  /** What people call its parts: tasks and steps of a runbook, phases and steps of a run, by their ids. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly version: number;
  readonly at: Instant;
  readonly type: string;
  /** The event's own members; another version of Slipway may have written them. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything that the record knows of an incident, by time. */
export interface IncidentRecord {
  readonly incident: Incident;
  readonly happenings: readonly Happening[];
  /** Phases of runs that changed something in the environments concerned, within a day before it began. */
  readonly before: readonly {
    readonly run: string;
    readonly environment: string;
    readonly version: string;
    readonly phase: string;
    readonly at: Instant;
    readonly by: string;
  }[];
}

/** What happened, for each stream by itself and in the order in which it happened there. */
export function storiesOf(happenings: readonly Happening[]): readonly (readonly Happening[])[] {
  const stories = new Map<string, Happening[]>();
  for (const happening of happenings) {
    const story = stories.get(happening.stream);
    if (story === undefined) stories.set(happening.stream, [happening]);
    else story.push(happening);
  }
  return [...stories.values()].map((story) => story.toSorted((one, other) => one.version - other.version));
}
