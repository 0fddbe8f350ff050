import type { ReasonCode } from '../errors.ts';

/** Why something asked was not done: a code, and what this person should know (who was first, what to do). */
export interface Refusal {
  readonly code: ReasonCode;
  readonly detail: string;
}

/** What a rule makes of a command: events (none when all is already so), or a refusal. */
export type Decision<Event> =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly refusal: Refusal };

export function accept<Event>(...events: readonly NoInfer<Event>[]): Decision<Event> {
  return { ok: true, events };
}

export function refuse<Event>(code: ReasonCode, detail = ''): Decision<Event> {
  return { ok: false, refusal: { code, detail } };
}
