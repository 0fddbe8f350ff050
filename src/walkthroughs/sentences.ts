import type { Instant } from './walkthrough.ts';

/** Who did something and when, as a refusal says it: `<@U0CAROL> at 2026-11-22 03:04 UTC`. */
export function mentionAndTime(by: string, at: Instant): string {
  return `<@${by}> at ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
