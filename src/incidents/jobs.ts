import type { Job } from '../deploy/jobs.ts';
import type { Incident, Room } from './incident.ts';

/** Whether Slack has yet to answer to what is wanted of the channel. */
export function isRoomDue({ wanted, because }: Room): boolean {
  return wanted.length > 0 && because === undefined;
}

/**
 * Every job that should exist for an incident as it stands: `room` on `calls` with incident and turn; `notice` on `calls` with
 * incident, number and turn; `remind-update` on `timers` with incident and dueAt; `remind-review` on `timers` with incident and remindAt.
 */
export function incidentJobs({ id, room, notices, updateDueAt, review }: Incident): readonly Job[] {
  const jobs: Job[] = [];
  if (isRoomDue(room)) {
    const data = { incident: id, turn: room.turn };
    jobs.push({ id: `${id}.room.${room.turn}`, queue: 'calls', name: 'room', data });
  }
  for (const { number, turn } of notices.filter(({ state }) => state === 'approved')) {
    const data = { incident: id, number, turn };
    jobs.push({ id: `${id}.notice.${number}.${turn}`, queue: 'calls', name: 'notice', data });
  }
  if (updateDueAt !== undefined) {
    const data = { incident: id, dueAt: updateDueAt };
    jobs.push({
      id: `${id}.update.${updateDueAt}`,
      queue: 'timers',
      name: 'remind-update',
      data,
      at: updateDueAt,
    });
  }
  if (review !== undefined && review.done === undefined) {
    const { remindAt } = review;
    const data = { incident: id, remindAt };
    jobs.push({ id: `${id}.review.${remindAt}`, queue: 'timers', name: 'remind-review', data, at: remindAt });
  }
  return jobs;
}

/** The jobs that a change makes due: those due after it that were not due before. */
export function reactIncident(before: Incident | undefined, after: Incident): readonly Job[] {
  const known = new Set(before === undefined ? [] : incidentJobs(before).map(({ id }) => id));
  return incidentJobs(after).filter(({ id }) => !known.has(id));
}
