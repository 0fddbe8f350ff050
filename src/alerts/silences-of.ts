import type { Instant, Silence } from './group.ts';

/** The most silences of a group that may be in force, or on their way out, at a time. */
export const silencesInForce = 20;

/** Whether a silence mutes something now, or is about to. */
export function inForce({ status, until }: Silence, now: Instant): boolean {
  return (status === 'asked' || status === 'active') && until > now;
}

/** Whether a silence is or may be in Alertmanager: one whose call is still due may be there without our knowing. */
export function isAlive(silence: Silence, now: Instant): boolean {
  return inForce(silence, now) || silence.status === 'asked' || silence.status === 'ending';
}
