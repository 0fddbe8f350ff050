import type { Surface } from '../surface.ts';
import { actionsMessage } from './actions-message.ts';
import { changeMessages } from './change-messages.ts';
import type { IncidentView } from './incident-view.ts';
import { noticeMessages } from './notice-messages.ts';
import { reminderMessages } from './reminder-messages.ts';
import { reviewMessages } from './review-message.ts';
import { headline, statusBlocks, toldBlocks } from './status-card.ts';

/**
 * Every message of an incident. With a channel of its own the card and everything else stand there, and one message follows it
 * where it was declared; before that, and when Slack refuses one, everything stands in the thread where it was declared.
 */
export function incidentSurfaces(view: IncidentView): readonly Surface[] {
  const { incident, announce } = view;
  const { room, from } = incident;
  const text = headline(incident);
  const told = { place: 'channel', urgent: false, text, blocks: toldBlocks(view) } as const;
  const isElsewhere = announce !== undefined && (announce !== from.channel || from.thread !== undefined);
  const announced: Surface[] = isElsewhere
    ? [{ key: 'announced', ...told, elsewhere: { channel: announce } }]
    : [];
  const others = [
    ...changeMessages(view),
    ...noticeMessages(incident),
    ...actionsMessage(view),
    ...reminderMessages(view),
    ...reviewMessages(view),
  ];
  if (room.channel !== undefined) {
    const card: Surface = { key: 'card', place: 'channel', urgent: true, text, blocks: statusBlocks(view) };
    const declared: Surface = { key: 'declared', ...told, elsewhere: from };
    return [card, declared, ...announced, ...others.map((one): Surface => ({ ...one, place: 'channel' }))];
  }
  // While the channel is on its way two lines are enough; without one the whole stands here.
  const blocks = room.because === undefined ? toldBlocks(view) : statusBlocks(view);
  const declared: Surface = { key: 'declared', place: 'channel', urgent: true, text, blocks };
  if (from.thread === undefined) return [declared, ...announced, ...others];
  const there = [declared, ...others].map((one): Surface => ({ ...one, elsewhere: from }));
  return [...there, ...announced];
}
