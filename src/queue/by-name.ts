import type { Process } from './queues.ts';

/** Works on a queue that several parts share: each job goes to the work that has its name, all others to `rest`, or are a bug without it. */
export function byName(
  works: Readonly<Record<string, (data: Record<string, unknown>) => Promise<void>>>,
  rest?: Process,
): Process {
  return async (job) => {
    const work = Object.hasOwn(works, job.name) ? works[job.name] : undefined;
    if (work !== undefined) return work(job.data);
    if (rest === undefined) throw new RangeError(`nobody works on ${job.name}`);
    return rest(job);
  };
}
