import type { Logger } from 'pino';

/** Does something every `ms`, never twice at a time; gives how to stop that, which waits for what is under way. */
export function again(
  name: string,
  ms: number,
  work: () => Promise<unknown>,
  log: Logger,
): () => Promise<void> {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .catch((error: unknown) => log.warn({ error, name }, 'not done, tried again later'))
      .finally(() => {
        running = undefined;
      });
  }, ms);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
