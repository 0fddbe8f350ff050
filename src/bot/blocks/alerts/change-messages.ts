import type { AlertGroup, Change, Told } from '../../../alerts/group.ts';
import { action } from '../action.ts';
import { actions, lines } from '../block.ts';
import { clip, mention } from '../escape.ts';
import { foldLines } from '../fit.ts';
import { unformatted } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { toldOf } from './calling-lines.ts';
import { encodeGroup } from './group-reference.ts';
import type { GroupView } from './group-view.ts';
import {
  actorName,
  alertSign,
  brief,
  chips,
  nameOf,
  severitySign,
  severityWord,
  summaryOf,
} from './group-words.ts';

/** A message in the thread for each change that the channel's message does not say itself, and one to everybody who was told. */
export function changeMessages({ group, episodes }: GroupView): Surface[] {
  return group.changes
    .filter((change) => isShown(change, group))
    .flatMap((change) => {
      const told = toldAt(group, change);
      if (isStep(change) && told === undefined) return [];
      return [
        threadMessage(group, change, told),
        ...(told?.people ?? []).map((person) => directMessage({ group, episodes }, change, person)),
      ];
    });
}

/** What comes and goes with every round of a group that flaps, which its message counts. */
const comings: ReadonlySet<Change['what']> = new Set(['fired', 'resolved', 'closed']);

function isShown(change: Change, { round, flapping, changes }: AlertGroup): boolean {
  if (change.round !== round) return false;
  if (change.what === 'reopened' || change.what === 'related') return false;
  if (flapping && comings.has(change.what)) return false;
  // The last alerts to end close the group at the same moment.
  const isClosing = changes.some(({ what, at }) => what === 'closed' && at === change.at);
  return !(change.what === 'resolved' && isClosing);
}

/** Whether a step of the policy was taken; when somebody only asked for it to be taken sooner, nobody was told yet. */
function isStep({ what, by }: Change): boolean {
  return what === 'escalated' && by === undefined;
}

function threadMessage(group: AlertGroup, change: Change, told: Told | undefined): Surface {
  const head = headOf(group, change, told);
  const some = foldLines(
    (change.some ?? []).map((labels) => `• ${chips(labels, 260)}`),
    10,
  );
  const left = (change.count ?? 0) - (change.some?.length ?? 0);
  const rest = some.length > 0 && left > 0 ? [`… and ${left} more`] : [];
  return {
    key: `change-${change.number}`,
    place: 'thread',
    urgent: false,
    text: clip(unformatted(head), 400),
    blocks: lines([head, ...some, ...rest]),
  };
}

/** What happened in one line. Nothing of it may depend on the moment or on what happens later: it is posted once. */
function headOf(
  { routing }: AlertGroup,
  { what, by, count = 0, detail }: Change,
  told: Told | undefined,
): string {
  const who = by === undefined ? 'Slipway' : actorName(by);
  const said = detail === undefined || detail.trim() === '' ? '' : `: ${brief(detail, 300)}`;
  const alerts = `${count} alert${count === 1 ? '' : 's'}`;
  switch (what) {
    case 'fired':
      return `${severitySign[routing.severity]} ${alerts} more ${count === 1 ? 'fires' : 'fire'}${said}`;
    case 'resolved':
      return `${sign.done} ${alerts} resolved${said}`;
    case 'acknowledged':
      return `${alertSign.seen} Acknowledged by ${who}${said}`;
    case 'unacknowledged':
      return `${severitySign[routing.severity]} No longer acknowledged, by ${who}${said}`;
    case 'silenced':
      return `${alertSign.silenced} Silenced by ${who}${said}`;
    case 'silence-ended':
      return `${alertSign.silenced} A silence has ended${by === undefined ? '' : `, by ${who}`}${said}`;
    case 'silence-failed':
      return `${sign.warning} A silence could not be made${said}`;
    case 'escalated':
      return told === undefined
        ? `${sign.clock} Escalated by ${who}${said}`
        : `${sign.clock} Escalated to ${toldOf(told) || 'nobody'}${said}`;
    case 'paged':
      return `${alertSign.page} PagerDuty was paged${said}`;
    case 'page-refused':
      return `${sign.warning} PagerDuty refused the page${said}`;
    case 'reassigned':
      return `${alertSign.page} Reassigned in PagerDuty by ${who}${said}`;
    case 'page-closed':
      return `${sign.stopped} The page was closed by ${who}${said}`;
    case 'reopened':
      return `${severitySign[routing.severity]} It fires again${said}`;
    case 'closed':
      return `${sign.done} Resolved${said}`;
    case 'related':
      return `${sign.back} A deployment is near this${said}`;
  }
}

function toldAt({ escalation }: AlertGroup, change: Change): Told | undefined {
  return isStep(change) ? escalation?.told.find(({ at }) => at === change.at) : undefined;
}

/** What somebody reads who is called: what is wrong, where it is worked on, and the button that says so. */
function directMessage(
  { group, episodes }: Pick<GroupView, 'group' | 'episodes'>,
  { number }: Change,
  person: string,
): Surface {
  const { routing, acknowledged, status } = group;
  const name = brief(nameOf(group, episodes), 100);
  const summary = brief(summaryOf(group, episodes), 400);
  const place = routing.environment === undefined ? '' : ` on *${brief(routing.environment, 60)}*`;
  const mark = severitySign[routing.severity];
  const head = `${mark} *${name}*${place} needs you, ${mention(person)}`;
  const isOpen = status === 'firing' && acknowledged === undefined;
  const value = encodeGroup({ group: group.id, round: group.round });
  return {
    key: `told-${number}-${person}`,
    place: 'channel',
    to: person,
    urgent: true,
    text: clip(`${mark} ${name} needs you${summary && `: ${summary}`}`, 400),
    blocks: [
      ...lines([
        head,
        ...(summary === '' ? [] : [summary]),
        `${severityWord[routing.severity]} · it is worked on in ${channelLink(routing.channel)}`,
        ...(status === 'resolved' ? [`${sign.done} Resolved`] : []),
        ...(acknowledged === undefined
          ? []
          : [`${alertSign.seen} Acknowledged by ${actorName(acknowledged.by)}`]),
      ]),
      ...actions(
        isOpen ? [{ text: 'Acknowledge', action: action.acknowledge, value, style: 'primary' }] : [],
      ),
    ],
  };
}

function channelLink(channel: string): string {
  return /^[CG][A-Z0-9]{1,30}$/.test(channel) ? `<#${channel}>` : brief(channel, 80);
}
