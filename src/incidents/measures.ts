import type { Instant } from './incident.ts';
import { openingsOf } from './openings.ts';
import type { IncidentRecord } from './record.ts';

/** A span between two times that the record knows; `ms` is never negative, though clocks may disagree. */
export interface Measure {
  readonly from: Instant;
  readonly to: Instant;
  readonly ms: number;
}

/** How long things took; each is absent when one of its two times is not known. */
export interface Measures {
  /** From the start of the first alert, by the clock of its source, to its opening here or to the declaring, whichever was first. */
  readonly detect?: Measure;
  /** From the first opening of an alert here to the first acknowledgement of any of its alerts. */
  readonly acknowledge?: Measure;
  /** From the start of the first alert, or without alerts from the declaring, to the time when it was mitigated for good. */
  readonly mitigate?: Measure;
  /** From the start of the first alert, or without alerts from the declaring, to the last time when it was resolved. */
  readonly resolve?: Measure;
}

/** The times to detect, acknowledge, mitigate and resolve, in milliseconds. */
export function measuresOf(record: IncidentRecord): Measures {
  const { declaredAt, mitigatedAt, resolvedAt } = record.incident;
  const openings = openingsOf(record);
  const opened = earliest(openings.map(({ openedAt }) => openedAt));
  const since = earliest(openings.map((opening) => opening.since));
  const acknowledged = earliest(openings.map(({ acknowledgedAt }) => acknowledgedAt));
  // What only began after somebody had declared it is not what it was detected by.
  const isDetected = since !== undefined && (since <= declaredAt || (opened ?? since) <= declaredAt);
  const began = earliest([since, declaredAt]);
  return {
    ...(isDetected && member('detect', since, earliest([opened, declaredAt]))),
    ...member('acknowledge', opened, acknowledged),
    ...member('mitigate', began, mitigatedAt),
    ...member('resolve', began, resolvedAt),
  };
}

function member<Name extends keyof Measures>(
  name: Name,
  from: Instant | undefined,
  to: Instant | undefined,
): Partial<Record<Name, Measure>> {
  if (from === undefined || to === undefined) return {};
  const measure: Measure = { from, to, ms: Math.max(0, to - from) };
  const made: Partial<Record<Name, Measure>> = {};
  made[name] = measure;
  return made;
}

function earliest(times: readonly (Instant | undefined)[]): Instant | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
