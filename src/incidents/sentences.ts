import type { IncidentPerson } from './commands.ts';
import type { Incident, Instant } from './incident.ts';

/** Who did something and when, as a refusal says it: `<@U0CAROL> at 2026-11-22 03:04 UTC`. */
export function mentionAndTime(by: string, at: Instant): string {
  return `<@${by}> at ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Whether somebody may respond to incidents. */
export function mayRespond(by: IncidentPerson): boolean {
  return by.may.includes('respond');
}

/** Who resolved an incident and when, as a refusal says it. */
export function resolvedBy({ resolvedBy: by, resolvedAt: at }: Incident): string {
  return by === undefined || at === undefined ? '' : `Resolved by ${mentionAndTime(by, at)}.`;
}
