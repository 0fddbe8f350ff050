import { z } from 'zod';
import { Failure, reasons } from '../errors.ts';
import type { Incident, Notice } from '../incidents/incident.ts';
import type { Incidents } from './incidents.ts';

/** Where news of incidents goes outside; throws `status-page-unreachable` or `status-page-refused`. */
export interface Publisher {
  /** Tells of a notice once, however often it is asked to; returns the page's own id of the incident, where it gives one. */
  readonly publish: (incident: Incident, notice: Notice) => Promise<string | undefined>;
}

/** What telling outside needs of the rest. */
export interface NoticeParts {
  readonly incidents: Pick<Incidents, 'find' | 'handle'>;
  readonly publisher: Publisher;
}

const NoticeJob = z.object({ incident: z.string(), number: z.number(), turn: z.number() });

/**
 * Works on a job `notice` of the queue `calls`: brings an approved text to the status page, and tells the incident whether it was
 * taken or refused for good. A turn that is over does nothing. Throws what trying again may help.
 */
export function noticeWork({ incidents, publisher }: NoticeParts): (data: unknown) => Promise<void> {
  return async (data) => {
    const { incident: id, number, turn } = NoticeJob.parse(data);
    const incident = await incidents.find(id);
    const notice = incident?.notices.find((one) => one.number === number);
    if (incident === undefined || notice?.state !== 'approved' || notice.turn !== turn) return;
    try {
      const page = await publisher.publish(incident, notice);
      await incidents.handle(id, {
        type: 'NoticeSent',
        number,
        turn,
        ...(page !== undefined && { page }),
      });
    } catch (error) {
      if (!(error instanceof Failure) || reasons[error.code].retry) throw error;
      await incidents.handle(id, { type: 'NoticeFailed', number, turn, because: error.message });
    }
  };
}
