import type { Instant } from '../alerts/group.ts';

/** Who a schedule says is on call, as Slack user ids; what is absent is nobody, or nobody whom Slack knows. */
export interface Duty {
  readonly now?: string;
  readonly next?: string;
  /** When `next` takes over. */
  readonly until?: Instant;
  /** Why somebody is absent here, or how old the answer is, in words for people. */
  readonly because?: string;
}

/** Who is on call, whoever keeps the schedule. */
export interface OnCall {
  /** Never throws for a service that is away: the answer then says so and may be empty. A schedule that is not configured has nobody. */
  readonly who: (schedule: string, at: Instant) => Promise<Duty>;
}

/** One turn in a schedule of PagerDuty; `email` is that of the account of whoever has it. */
export interface PagerDutyTurn {
  readonly name: string;
  readonly email?: string;
  readonly from: Instant;
  readonly to: Instant;
}

/** The turns of a schedule by its id between two moments, as PagerDuty says; throws when it does not answer. */
export type PagerDutyOnCall = (
  schedule: string,
  from: Instant,
  to: Instant,
) => Promise<readonly PagerDutyTurn[]>;
