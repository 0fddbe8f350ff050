import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { needsEscalation } from '../alerts/decide-escalation.ts';
import type { AlertGroup, Instant } from '../alerts/group.ts';
import { reasonOf } from '../reason-of.ts';
import { type EscalateParts, isEscalating, takeStep } from './escalate.ts';

/** A group that nobody had in hand and whose policy was not kept; it is kept from now on, or tried again a minute later. */
export interface Finding {
  readonly group: string;
  /** `late`: a step was due long ago; `asleep`: the policy was not at work at all. */
  readonly found: 'late' | 'asleep';
  /** Milliseconds since the step was due, or since the group opened. */
  readonly since: number;
}

/** What the auditor needs of the rest. */
export interface AuditParts extends EscalateParts {
  readonly pool: Pool;
  readonly log: Pick<Logger, 'warn'>;
  /** Told of each finding, for counting. */
  readonly found?: (finding: Finding) => void;
}

/** A step that is so late, in milliseconds, was lost by the queue, or the queue is behind. */
const tooLate = 60_000;

/** How many groups are mended at a time. */
const most = 200;

/**
 * Looks at every open group that nobody has acknowledged or resolved whether it was escalated as its policy promises, carries
 * out what was not, and gives what it found. To be called every minute.
 */
export async function audit(parts: AuditParts, now: Instant): Promise<readonly Finding[]> {
  const groups = await unattended(parts.pool, now);
  const findings: Finding[] = [];
  for (const group of groups) {
    const finding = findingOf(group, now);
    if (finding === undefined) continue;
    findings.push(finding);
    parts.found?.(finding);
    parts.log.warn({ ...finding }, 'an escalation was not kept, and is carried out now');
    await mend(parts, group).catch((error: unknown) => {
      parts.log.warn({ group: group.id, reason: reasonOf(error) }, 'an escalation could not be carried out');
    });
  }
  return findings;
}

function findingOf(group: AlertGroup, now: Instant): Finding | undefined {
  if (!needsEscalation(group)) return undefined;
  if (!isEscalating(group)) return { group: group.id, found: 'asleep', since: now - group.openedAt };
  const since = now - group.escalation.nextAt;
  return since > tooLate ? { group: group.id, found: 'late', since } : undefined;
}

async function mend(parts: AuditParts, group: AlertGroup): Promise<void> {
  if (isEscalating(group)) {
    await takeStep(parts, group);
    return;
  }
  // The timer that follows from this takes the step; without one it is late in a minute.
  await parts.alerts.handle(group.id, { type: 'StartEscalation', round: group.round });
}

/** Open groups that the rules should be asked about, the most severe and the longest waiting first. */
async function unattended(pool: Pool, now: Instant): Promise<readonly AlertGroup[]> {
  const { rows } = await pool.query<{ state: AlertGroup }>(
    `select state from streams
     where kind = 'alerts' and not ended
       and state -> 'acknowledged' is null and state -> 'dismissed' is null
       and state -> 'routing' ->> 'policy' is not null
       and (state -> 'escalation' is null or state -> 'escalation' ->> 'status' = 'stopped'
         or (state -> 'escalation' ->> 'status' = 'running'
           and (state -> 'escalation' ->> 'nextAt')::float8 < $1::float8))
     order by array_position(array['critical', 'error', 'warning'], state -> 'routing' ->> 'severity'),
              (state ->> 'openedAt')::float8, id
     limit $2::int`,
    [now - tooLate, most],
  );
  return rows.map(({ state }) => state);
}
