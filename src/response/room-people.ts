import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { IncidentSettings } from '../incidents/settings.ts';

/** Where the people come from who are invited into every incident's channel. */
export interface PeopleParts {
  readonly settings: Pick<IncidentSettings, 'invite'>;
  /** Who is on call now in a schedule of `alerts`, by Slack user ids. */
  readonly onDuty: (schedule: string) => Promise<readonly string[]>;
  /** The members of a group of slipway.yaml. */
  readonly members: (group: string) => Promise<readonly string[]>;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * Slack user ids of everybody whom the configuration invites, as far as that is known within `patience` milliseconds: somebody
 * waits for the incident to be declared, and a schedule or a user group whose service is away must not stop that.
 */
export async function peopleToInvite(parts: PeopleParts, patience: number): Promise<readonly string[]> {
  const { settings, onDuty, members, log } = parts;
  const { schedules, groups } = settings.invite;
  const ending = new AbortController();
  const late = delay(patience, undefined, { signal: ending.signal }).catch(() => undefined);
  const known = async (what: string, ask: Promise<readonly string[]>): Promise<readonly string[]> => {
    const answer = ask.catch((error: unknown) => {
      log.warn({ error, what }, 'nobody of these is invited yet');
      return [];
    });
    return (await Promise.race([answer, late])) ?? [];
  };
  const found = await Promise.all([
    ...schedules.map((schedule) => known(schedule, onDuty(schedule))),
    ...groups.map((group) => known(group, members(group))),
  ]);
  ending.abort();
  return [...new Set(found.flat())];
}
