/** The promise, or the signal's reason as soon as it aborts; what was under way is left to `release`, which is called in that case. */
export async function heeding<T>(signal: AbortSignal, promise: Promise<T>, release: () => void): Promise<T> {
  let onAbort = () => {};
  const abort = new Promise<never>((_, fail) => {
    onAbort = () => {
      release();
      fail(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, abort]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
