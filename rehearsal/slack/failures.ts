type FailureKind = 'http500' | '429' | 'timeout' | 'drop-after-delivery' | 'drop-before' | 'refusal';

export type FailureOrder = {
  /** A Web API method, `response_url` or `upload`; without it the next calls of any kind fail. */
  readonly method?: string;
  /** How many calls fail, one unless told; Infinity until the order is taken back. */
  readonly times?: number;
  readonly with: FailureKind;
  /** The error code of a `refusal`, such as `restricted_action`. */
  readonly error?: string;
  /** Seconds in the Retry-After of a `429`, one unless told. */
  readonly retryAfter?: number;
};

export type Failures = {
  /** Orders a failure and returns a function that takes it back. */
  order(order: FailureOrder): () => void;
  /** Uses up one failure for a call of this method, oldest order first. */
  take(method: string): FailureOrder | undefined;
};

/** Keeps the failures that a test has ordered. */
export function failuresOnDemand(): Failures {
  const orders: { order: FailureOrder; left: number }[] = [];
  return {
    order(order) {
      const entry = { order, left: order.times ?? 1 };
      orders.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    take(method) {
      const entry = orders.find(
        ({ order, left }) => left > 0 && (order.method === undefined || order.method === method),
      );
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.order;
    },
  };
}
