import { z } from 'zod';
import { oneLine } from '../../alerts/one-line.ts';
import { plainMessage } from './plain-message.ts';
import { because, Count, earlier, Line, Person, Short, type Teller, type Telling, teller } from './tell.ts';

const By = z.object({ by: Person });
const Said = By.extend({ text: Line });
const OfNotice = By.extend({ number: Count });
const ProposedNotice = z.object({ notice: OfNotice.extend({ text: Line }) });
const PinnedMessage = z.object({
  pin: z.object({ ts: z.string(), at: z.number(), author: Person, text: z.string() }),
});

/** How each event of an incident is told; of those left out, reminders of the review and invitations, nobody learns from later. */
export const incidentTellers: Readonly<Record<string, Teller>> = {
  IncidentDeclared: teller(By.extend({ title: Short, severity: Short }), ({ by, title, severity }) => ({
    by,
    what: `Incident declared as ${severity}${because(title)}`,
  })),
  Updated: teller(Said.extend({ status: Short.optional() }), ({ by, text, status }) => ({
    by,
    what: status === undefined ? `Update: ${text}` : `Update, now ${status}: ${text}`,
  })),
  SeverityChanged: teller(By.extend({ severity: Short }), ({ by, severity }) => ({
    by,
    what: `Severity changed to ${severity}`,
  })),
  Renamed: teller(By.extend({ title: Short }), ({ by, title }) => ({
    by,
    what: `Title changed to: ${title}`,
  })),
  RoleAssigned: teller(By.extend({ role: Short, person: Person }), ({ by, role, person }) => ({
    by,
    what: `Role of ${role} given to`,
    whom: [person],
  })),
  GroupLinked: teller(By.extend({ group: Short }), ({ by, group }, { nameOf }) => ({
    by,
    what: `Alert linked: ${nameOf(group)}`,
  })),
  RunLinked: teller(By.extend({ run: Short }), ({ by, run }, { nameOf }) => ({
    by,
    what: `Deployment linked: ${nameOf(run)}`,
  })),
  Mitigated: teller(By, ({ by }) => ({ by, what: 'Mitigated' })),
  IncidentResolved: teller(Said, ({ by, text }) => ({ by, what: `Resolved: ${text}` })),
  IncidentReopened: teller(Said, ({ by, text }) => ({ by, what: `Reopened: ${text}` })),
  MessagePinned: teller(PinnedMessage, ({ pin }, telling) => {
    if (isOutdated(pin.ts, telling)) return undefined;
    const what = oneLine(plainMessage(pin.text), 500) || 'A message without text';
    return { at: pin.at, by: pin.author, what, kind: 'message' };
  }),
  ActionAdded: teller(
    z.object({ action: By.extend({ number: Count, title: Short, owner: Person, due: Short }) }),
    ({ action: { by, number, title, owner, due } }) => ({
      by,
      what: `Action ${number}, due ${due}: ${title}, for`,
      whom: [owner],
    }),
  ),
  ActionDone: teller(By.extend({ number: Count }), ({ by, number }) => ({
    by,
    what: `Action ${number} done`,
  })),
  ReviewDone: teller(By.extend({ where: Short.optional() }), ({ by, where }) => ({
    by,
    what: `Review done${because(where)}`,
  })),
  NoticeProposed: teller(ProposedNotice, ({ notice: { by, text } }) => ({
    by,
    what: `Text for the status page proposed: ${text}`,
  })),
  NoticeApproved: teller(OfNotice, ({ by, number }) => ({
    by,
    what: `Text ${number} for the status page approved`,
  })),
  NoticeDeclined: teller(OfNotice, ({ by, number }) => ({
    by,
    what: `Text ${number} for the status page declined`,
  })),
  NoticeSent: teller(z.object({ number: Count }), ({ number }, telling) => ({
    what: `Told on the status page${because(noticeText(number, telling))}`,
  })),
  NoticeFailed: teller(z.object({ number: Count, because: Line }), ({ number, because: why }) => ({
    what: `Text ${number} for the status page could not be sent${because(why)}`,
  })),
  UpdateReminded: teller(z.object({}), () => ({
    what: 'No update had come when one was owed; people were reminded',
  })),
  RoomMade: teller(z.object({ name: Short }), ({ name }) => ({ what: `Channel ${name} made` })),
  RoomFailed: teller(z.object({ because: Line }), ({ because: why }) => ({
    what: `The channel could not be made or filled${because(why)}`,
  })),
};

function noticeText(number: number, telling: Telling): string | undefined {
  return earlier(telling, 'NoticeProposed', ProposedNotice, ({ notice }) => notice.number === number)?.notice
    .text;
}

/** Whether the pin was taken off later, or put on again. */
function isOutdated(ts: string, { happening, story }: Telling): boolean {
  const OfMessage = z.object({ ts: z.string() });
  return story.some(({ type, version, data }) => {
    if (version <= happening.version) return false;
    if (type === 'MessageUnpinned') return OfMessage.safeParse(data).data?.ts === ts;
    return type === 'MessagePinned' && PinnedMessage.safeParse(data).data?.pin.ts === ts;
  });
}
