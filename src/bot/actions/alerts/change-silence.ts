import type { Silence } from '../../../alerts/group.ts';
import type { GroupReference } from '../../blocks/alerts/group-reference.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Listener, Pressed } from '../../listen.ts';
import { alertsOf, commandGroup } from './group-command.ts';

const twoHours = 2 * 3_600_000;

/** **Extend 2 h**: a silence ends two hours later than it would have. */
export function extendSilence(bot: BotParts): Listener<Pressed<GroupReference>> {
  return async (pressed) => changeSilence(bot, pressed, ({ until }) => until + twoHours);
}

/** **End silence now**. */
export function endSilence(bot: BotParts): Listener<Pressed<GroupReference>> {
  return async (pressed) => changeSilence(bot, pressed, () => bot.now());
}

async function changeSilence(
  bot: BotParts,
  { user, about: { group, round, silence: number = -1 } }: Pressed<GroupReference>,
  untilOf: (silence: Silence) => number,
) {
  const state = await alertsOf(bot).find(group);
  const silence = state?.silences.find((one) => one.number === number);
  if (silence === undefined) return refused({ code: 'nothing-waiting', detail: 'The silence is over.' });
  const until = untilOf(silence);
  return commandGroup(bot, group, user, (by) => ({ type: 'ChangeSilence', number, until, round, by }));
}
