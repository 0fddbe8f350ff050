import { z } from 'zod';
import { instantOf, readStamp } from '../alerts/stamp.ts';
import { Count, named, Short } from './entries/tell.ts';
import type { Instant } from './incident.ts';
import { type Happening, type IncidentRecord, storiesOf } from './record.ts';

/** An alert group from the first opening on that the incident is about. */
export interface Opening {
  readonly group: string;
  readonly name: string;
  readonly severity?: string;
  readonly environment?: string;
  /** When the first of its alerts started to fire, by the clock of its source; absent when that is implausible. */
  readonly since?: Instant;
  readonly openedAt?: Instant;
  readonly acknowledgedAt?: Instant;
  /** When it closed for the last time; absent while it fires. */
  readonly closedAt?: Instant;
  /** How many alerts fired since. */
  readonly count: number;
  /** What the record says of earlier openings, which the incident is not about. */
  readonly before: readonly Happening[];
}

const Opened = z.object({
  round: z.number().catch(Number.POSITIVE_INFINITY),
  since: z.string().optional().catch(undefined),
  routing: z
    .object({ severity: Short.optional().catch(undefined), environment: Short.optional().catch(undefined) })
    .catch({}),
});
const Fired = z.object({ count: Count });

/** The alert groups that the record knows of, in the order in which it tells of them. */
export function openingsOf({ incident, happenings }: IncidentRecord): readonly Opening[] {
  return storiesOf(happenings.filter(({ kind }) => kind === 'alerts')).map((story) => {
    const [{ stream } = { stream: '' }] = story;
    const rounds = incident.groups.filter(({ group }) => group === stream).map(({ round }) => round);
    const start = story.findIndex((one) => (opened(one)?.round ?? 0) >= Math.min(...rounds, Infinity));
    const from = rounds.length === 0 || start === -1 ? 0 : start;
    return openingOf(story.slice(from), story.slice(0, from));
  });
}

function openingOf(story: readonly Happening[], before: readonly Happening[]): Opening {
  const [first] = story;
  const openings = story.flatMap((happening) => {
    const data = opened(happening);
    return data === undefined ? [] : [{ ...data, at: happening.at }];
  });
  const [opening] = openings;
  const since = opening?.since === undefined ? undefined : plausible(opening.since);
  const last = story.findLast(({ type }) => type === 'GroupOpened' || type === 'GroupClosed');
  const acknowledged = story.find(({ type }) => type === 'Acknowledged');
  return {
    group: first?.stream ?? '',
    name: first === undefined ? '' : named(first),
    ...(opening?.routing.severity !== undefined && { severity: opening.routing.severity }),
    ...(opening?.routing.environment !== undefined && { environment: opening.routing.environment }),
    ...(since !== undefined && { since }),
    ...(opening !== undefined && { openedAt: opening.at }),
    ...(acknowledged !== undefined && { acknowledgedAt: acknowledged.at }),
    ...(last?.type === 'GroupClosed' && { closedAt: last.at }),
    count: story
      .filter(({ type }) => type === 'AlertsFired')
      .reduce((sum, { data }) => sum + (Fired.safeParse(data).data?.count ?? 0), 0),
    before,
  };
}

function opened({ type, data }: Happening): z.output<typeof Opened> | undefined {
  return type === 'GroupOpened' ? Opened.safeParse(data).data : undefined;
}

/** A start by a clock that is wrong by decades measures nothing. */
function plausible(since: string): Instant | undefined {
  const stamp = readStamp(since);
  if (stamp === undefined) return undefined;
  const at = instantOf(stamp);
  return at > Date.UTC(2000) && at < Date.UTC(2100) ? at : undefined;
}
