import type { KnownBlock } from '@slack/types';
import { messageKeyOf } from '../../../alerts/board.ts';
import type { AlertGroup } from '../../../alerts/group.ts';
import { action } from '../action.ts';
import type { Press } from '../block.ts';
import { actions, context, header, lines } from '../block.ts';
import { clip } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import { encodeDeclare } from '../incidents/incident-reference.ts';
import type { Surface } from '../surface.ts';
import { alertLines, hasMore } from './alert-lines.ts';
import { placesToLook, runbooks } from './alert-links.ts';
import { escalationLines, pageLines } from './calling-lines.ts';
import { encodeGroup } from './group-reference.ts';
import { stateOf } from './group-state.ts';
import type { GroupView } from './group-view.ts';
import { brief, nameOf, summaryOf } from './group-words.ts';
import { relatedBlocks } from './related-blocks.ts';
import { silenceBlocks } from './silence-blocks.ts';
import { factsLine, stateLines } from './state-lines.ts';

/** The message of an alert group in its channel: what is wrong, since when, who has seen it, and what can be done about it. */
export function channelMessage(view: GroupView): Surface {
  const { group, episodes, now } = view;
  const name = nameOf(group, episodes);
  const [mark, state] = stateOf(group, now);
  const summary = brief(summaryOf(group, episodes), 400);
  const blocks = fitBlocks([
    header(`${mark} ${clip(name, 90)} · ${state}`),
    ...lines([...(summary === '' ? [] : [`*${summary}*`]), factsLine(group), ...stateLines(view)]),
    ...silenceBlocks(group, now),
    ...relatedBlocks(group),
    ...lines(alertLines(view)),
    ...callingBlocks(group),
    ...linkBlocks(view),
    ...actions(buttons(view)),
  ]);
  const place = group.routing.environment === undefined ? '' : ` on ${brief(group.routing.environment, 60)}`;
  const text = clip(`${mark} ${brief(name, 100)}${place} · ${state}${summary && ` – ${summary}`}`, 400);
  return { key: messageKeyOf(group), place: 'channel', urgent: isUrgent(group), text, blocks };
}

/** People wait for what nobody has seen yet. */
function isUrgent({ status, acknowledged }: AlertGroup): boolean {
  return status === 'firing' && acknowledged === undefined;
}

function linkBlocks(view: GroupView): KnownBlock[] {
  const links = placesToLook(view).map(({ url, label }) => `<${url.replaceAll('&', '&amp;')}|${label}>`);
  // Prometheus puts the whole expression into its address; one that fills the message helps nobody.
  const short = links.filter((one) => one.length <= 1_500);
  return [context(...short, `from ${brief(view.group.source, 60)}`)];
}

function callingBlocks(group: AlertGroup): KnownBlock[] {
  const calling = [...pageLines(group), ...escalationLines(group)];
  return calling.length === 0 ? [] : [context(calling.join('\n'))];
}

function buttons(view: GroupView): Press[] {
  const { group } = view;
  const value = encodeGroup({ group: group.id, round: group.round });
  const toRead = runbookButtons(view, value);
  if (group.status === 'resolved') return toRead;
  const silence: Press = { text: 'Silence', action: action.silence, value };
  const all: Press[] = hasMore(view) ? [{ text: 'All as a file', action: action.alertsFile, value }] : [];
  if (group.dismissed !== undefined) return [silence, ...toRead, ...all];
  const isCalling = group.escalation?.status === 'running';
  const escalate: Press = { text: 'Escalate', action: action.escalate, value };
  return [
    group.acknowledged === undefined
      ? { text: 'Acknowledge', action: action.acknowledge, value, style: 'primary' }
      : { text: 'Unacknowledge', action: action.unacknowledge, value },
    silence,
    ...(isCalling ? [escalate] : []),
    ...toRead,
    ...declareButton(view),
    ...all,
    resolveButton(value),
  ];
}

/** Until an incident is about this opening somebody may declare one. */
function declareButton({ group: { id, round, incident }, canDeclare = false }: GroupView): Press[] {
  if (!canDeclare || incident?.round === round) return [];
  return [{ text: 'Declare incident', action: action.declare, value: encodeDeclare({ group: id, round }) }];
}

/** A runbook that is here is opened in the thread; any other is a link. */
function runbookButtons(view: GroupView, value: string): Press[] {
  if (view.hasRunbook === true) return [{ text: 'Runbook', action: action.runbook, value }];
  return runbooks(view).map(({ label, url }): Press => ({ text: label, action: action.link, url }));
}

function resolveButton(value: string): Press {
  return {
    text: 'Resolve',
    action: action.resolve,
    value,
    confirm: {
      title: 'Close the page?',
      text: 'Nobody is paged or called about this any more until it fires anew. The alerts themselves stay: Prometheus decides when they really end.',
      yes: 'Close the page',
      no: 'Not yet',
    },
  };
}
