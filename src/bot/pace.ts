import { setTimeout as delay } from 'node:timers/promises';

/** How often one kind of call may be made: `burst` at once, then `perSecond`; the last `reserve` are for urgent calls. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
  readonly reserve: number;
}

/**
 * Slack's limits with room to spare (https://docs.slack.dev/apis/web-api/rate-limits): about one post a second in a
 * channel, 50 edits a minute (Tier 3) and 20 of Tier 2; burst and one minute's refill together stay below them.
 */
export const rates = {
  'chat.postMessage': { burst: 2, perSecond: 0.9, reserve: 0 },
  'chat.update': { burst: 14, perSecond: 0.55, reserve: 6 },
  // 100 a minute and more (Tier 4).
  'views.publish': { burst: 20, perSecond: 1.2, reserve: 8 },
  'conversations.history': { burst: 10, perSecond: 0.6, reserve: 0 },
  'conversations.replies': { burst: 10, perSecond: 0.6, reserve: 0 },
} as const satisfies Record<string, Rate>;

export type PacedMethod = keyof typeof rates;

/** Makes calls wait for their turn. */
export interface Pace {
  /**
   * Resolves with true when the call may be made, with false when that is not so within `patience` milliseconds; posts are
   * counted by channel. Urgent calls overtake others.
   */
  readonly turn: (
    method: PacedMethod,
    channel: string,
    urgent: boolean,
    patience?: number,
  ) => Promise<boolean>;
  /** How many milliseconds it takes until the call may be made, as it looks now; 0 when `turn` would resolve with true at once. */
  readonly wait: (method: PacedMethod, channel: string, urgent: boolean) => number;
  /** Slack answered 429: no call of this kind before the seconds it named have passed. */
  readonly hold: (method: PacedMethod, channel: string, seconds: number) => void;
}

interface Bucket {
  tokens: number;
  filledAt: number;
  heldUntil: number;
}

/** Keeps this process within Slack's limits; one process draws, so no others need to be counted. */
export function createPace(
  now: () => number = () => performance.now(),
  allowed: Readonly<Record<PacedMethod, Rate>> = rates,
): Pace {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (method: PacedMethod, channel: string): Bucket => {
    const key = method === 'chat.postMessage' ? `${method} ${channel}` : method;
    const found = buckets.get(key) ?? { tokens: allowed[method].burst, filledAt: now(), heldUntil: 0 };
    buckets.set(key, found);
    return found;
  };
  return {
    turn: async (method, channel, urgent, patience = Number.POSITIVE_INFINITY) => {
      const rate = allowed[method];
      const bucket = bucketOf(method, channel);
      const until = now() + patience;
      for (;;) {
        const wait = take(bucket, rate, now(), urgent ? 0 : rate.reserve);
        if (wait === 0) return true;
        const left = until - now();
        if (left <= 0) return false;
        await delay(Math.min(wait, left));
      }
    },
    wait: (method, channel, urgent) => {
      const rate = allowed[method];
      return waitOf(bucketOf(method, channel), rate, now(), urgent ? 0 : rate.reserve);
    },
    hold: (method, channel, seconds) => {
      const bucket = bucketOf(method, channel);
      bucket.heldUntil = Math.max(bucket.heldUntil, now() + seconds * 1_000);
      bucket.tokens = 0;
    },
  };
}

/** Takes a token and returns 0, or returns how many milliseconds to wait before asking again. */
function take(bucket: Bucket, rate: Rate, now: number, reserve: number): number {
  const wait = waitOf(bucket, rate, now, reserve);
  if (wait === 0) bucket.tokens -= 1;
  return wait;
}

function waitOf(bucket: Bucket, { burst, perSecond }: Rate, now: number, reserve: number): number {
  if (now < bucket.heldUntil) return bucket.heldUntil - now;
  const refilled = ((now - bucket.filledAt) / 1_000) * perSecond;
  bucket.tokens = Math.min(burst, bucket.tokens + refilled);
  bucket.filledAt = now;
  if (bucket.tokens >= 1 + reserve) return 0;
  return Math.max(10, ((1 + reserve - bucket.tokens) / perSecond) * 1_000);
}
