/** What the server does instead of answering: a status, silence, or a connection that is cut before or after the work is done. */
export interface Failing {
  readonly with: number | 'silence' | 'cut' | 'cut-after';
  /** Only requests whose path starts so; all when absent. */
  readonly path?: string;
  /** How many requests fail, until told otherwise when absent. */
  readonly times?: number;
  /** Seconds of the Retry-After header of a status. */
  readonly retryAfter?: number;
}

/** Failures that a test orders, the newest order first. */
export interface Failures {
  /** Orders a failure; the function that it returns takes it back. */
  readonly order: (failing: Failing) => () => void;
  /** Uses up one failure for a path. */
  readonly take: (path: string) => Failing | undefined;
}

export function failuresOnDemand(): Failures {
  const orders: { readonly failing: Failing; left: number }[] = [];
  return {
    order: (failing) => {
      const entry = { failing, left: failing.times ?? Number.POSITIVE_INFINITY };
      orders.unshift(entry);
      return () => {
        entry.left = 0;
      };
    },
    take: (path) => {
      const entry = orders.find(({ failing, left }) => left > 0 && path.startsWith(failing.path ?? ''));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.failing;
    },
  };
}
