import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Process } from '../queue/queues.ts';
import { holdRun } from './hold-run.ts';
import { prepareRollback } from './roll-back.ts';
import type { Runs } from './runs.ts';
import { beginWatch, lookAgain } from './watch.ts';

const Timer = z.discriminatedUnion('name', [
  z.object({ name: z.literal('prepare'), data: z.object({ run: z.string() }) }),
  z.object({
    name: z.literal('hold'),
    data: z.object({ environment: z.string(), group: z.string(), name: z.string() }),
  }),
  z.object({ name: z.literal('watch'), data: z.object({ run: z.string() }) }),
  z.object({ name: z.literal('look'), data: z.object({ watch: z.string(), due: z.number() }) }),
  z.object({ name: z.literal('wake'), data: z.object({ run: z.string(), phase: z.string() }) }),
  z.object({
    name: z.literal('expire'),
    data: z.object({ run: z.string(), phase: z.string(), openedAt: z.number() }),
  }),
]);

/** Works on timers and small errands: each only brings a command, which the rules ignore when it is stale. */
export function timerProcess(runs: Runs): Process {
  return async (job) => {
    const { name, data } = Timer.parse(job);
    // The queue's clock may run ahead of ours, and a timer that comes too early is taken for a stale one.
    await delay(Math.max(0, job.at - runs.parts.now()));
    switch (name) {
      case 'prepare':
        return prepareRollback(runs, data.run);
      case 'hold':
        return holdRun(runs, data);
      case 'watch':
        return beginWatch(runs, data.run);
      case 'look':
        return lookAgain(runs, data.watch, data.due);
      case 'wake':
        await runs.handle(data.run, { type: 'Wake', phase: data.phase });
        return;
      case 'expire':
        await runs.handle(data.run, { type: 'Expire', phase: data.phase, openedAt: data.openedAt });
    }
  };
}
