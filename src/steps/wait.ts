import { z } from 'zod';
import { Duration } from '../duration.ts';
import { defineStep, satisfied } from './step.ts';

/** Some time has passed since this step was first looked at in the run. */
export const waitFor = defineStep({
  uses: 'wait/for',
  summary: 'Some time has passed.',
  with: z.strictObject({ duration: Duration }),
  timeout: '10s',
  check: async ({ duration }, { now, firstSeenAt }) => {
    const until = firstSeenAt + duration;
    if (now() < until) return { is: 'waiting', until };
    const asked = `${duration} ms since ${new Date(firstSeenAt).toISOString()}`;
    return satisfied({ asked, of: 'the clock', answered: new Date(now()).toISOString() });
  },
});
