import type { IncidentEvent } from './events.ts';
import type { Incident, Notice } from './incident.ts';
import { most } from './written.ts';

type OfNotice = Extract<
  IncidentEvent,
  { type: 'NoticeProposed' | 'NoticeApproved' | 'NoticeDeclined' | 'NoticeSent' | 'NoticeFailed' }
>;

/** What is told outside after an event, and the status page's own id of the incident. */
export function evolveNotices(incident: Incident, event: OfNotice): Incident {
  switch (event.type) {
    case 'NoticeProposed': {
      const { notice } = event;
      const notices = [...incident.notices, notice].slice(-most.notices);
      return { ...incident, notices, noticesSoFar: notice.number };
    }
    case 'NoticeApproved': {
      const { number, turn, by } = event;
      return withNotice(incident, number, ({ because: _, ...notice }) => ({
        ...notice,
        state: 'approved',
        decidedBy: by,
        turn,
      }));
    }
    case 'NoticeDeclined':
      return withNotice(incident, event.number, (notice) => ({
        ...notice,
        state: 'declined',
        decidedBy: event.by,
      }));
    case 'NoticeSent': {
      const after = withNotice(incident, event.number, (notice) => ({ ...notice, state: 'sent' }));
      return event.page === undefined ? after : { ...after, page: event.page };
    }
    case 'NoticeFailed':
      return withNotice(incident, event.number, (notice) => ({
        ...notice,
        state: 'failed',
        because: event.because,
      }));
  }
}

function withNotice(incident: Incident, number: number, change: (notice: Notice) => Notice): Incident {
  const notices = incident.notices.map((notice) => (notice.number === number ? change(notice) : notice));
  return { ...incident, notices };
}
