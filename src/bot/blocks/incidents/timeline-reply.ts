import type { Entry } from '../../../incidents/entries/entry.ts';
import type { Incident } from '../../../incidents/incident.ts';
import { clip, escaped, mention, mentioned } from '../escape.ts';
import { moment } from '../moment.ts';
import { type Reply, reply } from '../reply.ts';
import { headline } from './status-card.ts';

/** As many of the newest entries are shown; the whole is a file. */
export const mostEntries = 20;

/** The newest entries of an incident's timeline, for the asker alone; `isFileSent` when the whole follows as a file. */
export function timelineReply(incident: Incident, entries: readonly Entry[], isFileSent: boolean): Reply {
  const newest = entries.slice(-mostEntries);
  const left = entries.length - newest.length;
  const where = isFileSent ? 'the whole timeline is sent to you as a file' : `${left} earlier`;
  return reply(
    `*${clip(escaped(`#${incident.number} ${incident.title}`), 200)}*`,
    ...(left > 0 ? [`The newest ${newest.length} entries; ${where}`] : []),
    ...newest.map(entryLine),
    ...(entries.length === 0 ? [`Nothing has happened yet: ${headline(incident)}`] : []),
  );
}

function entryLine({ at, by, what, whom = [], kind }: Entry): string {
  const who = by === undefined ? '' : `${mention(by)}: `;
  const about = whom.length === 0 ? '' : ` (${mentioned(whom)})`;
  const pin = kind === 'message' ? '📌 ' : '';
  return `${moment(at)}  ${pin}${who}${clip(escaped(what), 300)}${about}`;
}

/** The whole timeline as a text file: a line each, times in UTC to the second. */
export function timelineFile(incident: Incident, entries: readonly Entry[]): string {
  const lines = entries.map(({ at, by, what, whom = [] }) =>
    [new Date(at).toISOString().slice(0, 19).concat('Z'), by ?? '', what, whom.join(' ')]
      .join('\t')
      .trimEnd(),
  );
  return [`#${incident.number} ${incident.title}`, '', 'time\tby\twhat\twhom', ...lines, ''].join('\n');
}
