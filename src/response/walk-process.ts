import { runWalkStep, type WalkWorker } from './run-walk-step.ts';

/** Works on steps of opened runbooks; `stop` aborts those in flight, which the next worker settles by looking. */
export function walkProcess(worker: Omit<WalkWorker, 'closing'>): {
  readonly process: (data: unknown) => Promise<void>;
  readonly stop: () => Promise<void>;
} {
  const closing = new AbortController();
  return {
    process: (data) => runWalkStep(data, { ...worker, closing: closing.signal }),
    stop: async () => closing.abort(),
  };
}
