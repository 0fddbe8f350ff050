import type { KnownBlock } from '@slack/types';
import type { AlertSeverity } from '../../../alerts/alert.ts';
import type { FoldedGroup, Instant } from '../../../alerts/group.ts';
import { action } from '../action.ts';
import { button, context, header, section } from '../block.ts';
import { characters } from '../fit.ts';
import { limits } from '../limits.ts';
import { ago } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { encodeGroup } from './group-reference.ts';
import { actorName, alertSign, brief, nameOf, severitySign, severityWord, summaryOf } from './group-words.ts';

/** Groups that wait for a message of their own, how many had to wait since it was last calm, and the moment. */
export interface Digest {
  readonly folded: readonly FoldedGroup[];
  readonly calm: number;
  readonly now: Instant;
}

const worstFirst: readonly AlertSeverity[] = ['critical', 'error', 'warning', 'info'];

/** One message for the groups that Slack has no room for yet, the worst first, each with a button as far as they fit. */
export function digestMessage({ folded, calm }: Digest): Surface {
  const firing = folded.filter(({ status }) => status === 'firing');
  const surface = { key: 'digest', place: 'channel', urgent: folded.length > 0 } as const;
  if (folded.length === 0) {
    const text = `Calm again: ${counted(calm, 'group')} had been folded here, each now has its own message`;
    return { ...surface, text: `${sign.done} ${text}`, blocks: [section(`${sign.done} ${text}.`)] };
  }
  const worst = worstOf(firing);
  const mark = worst === undefined ? sign.done : severitySign[worst];
  const head = `${counted(firing.length, 'alert group')} ${firing.length === 1 ? 'is' : 'are'} firing`;
  const bySeverity = tally(firing);
  const opening: KnownBlock[] = [
    header(`${mark} ${head}`),
    section(`Shown one by one as Slack allows, the worst first.${bySeverity && ` ${bySeverity}.`}`),
  ];
  const { rows, left } = rowsWithin([...firing].sort(bySeverityThenAge), opening);
  const resolved = folded.length - firing.length;
  const rest = [
    ...(left.length > 0 ? [`… and ${left.length} more: ${tally(left)}`] : []),
    ...(resolved > 0
      ? [`${sign.done} ${counted(resolved, 'group')} here ${resolved === 1 ? 'has' : 'have'} resolved`]
      : []),
  ];
  return {
    ...surface,
    text: `${mark} ${head}: ${bySeverity || 'all resolved'}`,
    blocks: [...opening, ...rows, ...(rest.length > 0 ? [context(...rest)] : [])],
  };
}

/** As many rows as fit beside what stands above and the line that counts the rest. */
function rowsWithin(groups: readonly FoldedGroup[], opening: readonly KnownBlock[]) {
  const rows: KnownBlock[] = [];
  let room = limits.messageTotal - characters(opening) - 300;
  for (const group of groups) {
    const row = rowOf(group);
    room -= characters(row);
    if (room < 0 || opening.length + rows.length + 1 >= limits.blocks) break;
    rows.push(row);
  }
  return { rows, left: groups.slice(rows.length) };
}

function rowOf(group: FoldedGroup): KnownBlock {
  const { routing, acknowledged, firing } = group;
  const name = `${severitySign[routing.severity]} *${brief(nameOf(group), 60)}*`;
  const place = routing.environment === undefined ? '' : ` · ${brief(routing.environment, 30)}`;
  const seen =
    acknowledged === undefined ? '' : `\n${alertSign.seen} Acknowledged by ${actorName(acknowledged.by)}`;
  const text = `${name}${place} · ${firing} firing · ${ago(group.openedAt)}\n${brief(summaryOf(group), 90)}${seen}`;
  if (acknowledged !== undefined) return section(text);
  const value = encodeGroup({ group: group.id, round: group.round });
  return {
    ...section(text),
    accessory: button({ text: 'Acknowledge', action: action.acknowledge, value }),
  };
}

function bySeverityThenAge(one: FoldedGroup, other: FoldedGroup): number {
  const rank = ({ routing, acknowledged }: FoldedGroup) =>
    worstFirst.indexOf(routing.severity) * 2 + (acknowledged === undefined ? 0 : 1);
  return rank(one) - rank(other) || one.openedAt - other.openedAt || (one.id < other.id ? -1 : 1);
}

function worstOf(groups: readonly FoldedGroup[]): AlertSeverity | undefined {
  return worstFirst.find((severity) => groups.some(({ routing }) => routing.severity === severity));
}

function tally(groups: readonly FoldedGroup[]): string {
  return worstFirst
    .map((severity) => ({
      severity,
      count: groups.filter(({ routing }) => routing.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severityWord[severity].toLowerCase()}`)
    .join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
