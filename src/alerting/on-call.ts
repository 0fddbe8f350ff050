import type { Instant } from '../alerts/group.ts';
import { onCallAt } from '../alerts/schedule.ts';
import type { AlertsConfig } from '../alerts/surroundings.ts';
import { readable } from '../duration.ts';
import { Failure } from '../errors.ts';
import { dutyIn } from './pagerduty-duty.ts';

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

/** How long an answer of PagerDuty is used, how long it is when PagerDuty is away, and how far it looks ahead, in milliseconds. */
const fresh = 60_000;
const stale = 3_600_000;
const ahead = 30 * 86_400_000;

/** After PagerDuty did not answer it is left alone for this long, so that many who ask do not all wait for it. */
const pause = 15_000;

interface Answer {
  readonly turns: readonly PagerDutyTurn[];
  readonly at: Instant;
  readonly to: Instant;
}

interface Asked {
  /** The newest answer. */
  readonly answer?: Answer;
  readonly failure?: { readonly at: Instant; readonly because: string };
  readonly pending?: Promise<void>;
}

/** Asks the schedules of the configuration; those of PagerDuty need `pagerduty`. `now` gives milliseconds since 1970. */
export function openOnCall(parts: {
  readonly config: Pick<AlertsConfig, 'settings' | 'pagerduty'>;
  readonly pagerduty?: PagerDutyOnCall | undefined;
  readonly now: () => Instant;
}): OnCall {
  const { config, pagerduty, now } = parts;
  const { schedules } = config.settings;
  const asked = new Map<string, Asked>();

  const ask = async (id: string, turnsOf: PagerDutyOnCall): Promise<void> => {
    const at = now();
    const to = at + ahead;
    try {
      asked.set(id, { answer: { turns: await turnsOf(id, at, to), at, to } });
    } catch (error) {
      if (!(error instanceof Failure)) {
        asked.delete(id);
        throw error;
      }
      const { answer } = asked.get(id) ?? {};
      asked.set(id, { ...(answer && { answer }), failure: { at: now(), because: error.message } });
    }
  };

  const inPagerDuty = async (id: string, at: Instant): Promise<Duty> => {
    if (pagerduty === undefined) return { because: 'PagerDuty is not configured' };
    const before = asked.get(id) ?? {};
    const isFresh = before.answer !== undefined && now() - before.answer.at < fresh;
    const isPaused = before.failure !== undefined && now() - before.failure.at < pause;
    if (!isFresh && !isPaused) {
      const pending = before.pending ?? ask(id, pagerduty);
      asked.set(id, { ...before, pending });
      await pending;
    }
    const { answer, failure } = asked.get(id) ?? {};
    const age = answer === undefined ? Number.POSITIVE_INFINITY : now() - answer.at;
    if (answer === undefined || age > stale) {
      return { because: failure?.because ?? 'PagerDuty did not answer' };
    }
    const duty = dutyIn(answer.turns, at, answer.to, config.pagerduty?.users ?? {});
    if (failure === undefined) return duty;
    const old = `PagerDuty does not answer; this is what it said ${readable(age)} ago`;
    return { ...duty, because: duty.because === undefined ? old : `${old}; ${duty.because}` };
  };

  return {
    who: async (name, at) => {
      const schedule = Object.hasOwn(schedules, name) ? schedules[name] : undefined;
      if (schedule === undefined) return { because: `there is no schedule ${name}` };
      if ('pagerduty' in schedule) return inPagerDuty(schedule.pagerduty, at);
      const { now: person, next, until } = onCallAt(schedule, at);
      return { ...(person !== undefined && { now: person }), next, until };
    },
  };
}
