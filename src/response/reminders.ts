import { z } from 'zod';
import type { IncidentRuling } from '../incidents/commands.ts';
import type { JobsByName } from '../queue/queues.ts';
import type { Incidents } from './incidents.ts';

const UpdateJob = z.object({ incident: z.string(), dueAt: z.number() });
const ReviewJob = z.object({ incident: z.string(), remindAt: z.number() });

/** The jobs of the queue `timers` that bring an incident the time: whether anybody is reminded is decided there. */
export function reminderWork(incidents: Pick<Incidents, 'handle'>, ruling: IncidentRuling): JobsByName {
  return {
    'remind-update': async (data) => {
      const { incident, dueAt } = UpdateJob.parse(data);
      await incidents.handle(incident, { type: 'RemindUpdate', dueAt, ruling });
    },
    'remind-review': async (data) => {
      const { incident, remindAt } = ReviewJob.parse(data);
      await incidents.handle(incident, { type: 'RemindReview', remindAt, ruling });
    },
  };
}
