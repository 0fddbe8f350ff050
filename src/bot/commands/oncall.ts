import { happeningsSince } from '../../alerting/happenings.ts';
import { alertStats } from '../../alerts/stats.ts';
import {
  nextReply,
  noAlertsReply,
  type OnCallWord,
  onCallHelp,
  onCallReply,
} from '../blocks/alerts/on-call-reply.ts';
import { statsReply } from '../blocks/alerts/stats-reply.ts';
import type { BotParts } from '../bot-parts.ts';
import type { Listener, Typed } from '../listen.ts';
import type { Content } from '../messages.ts';

/** `/oncall` with alerts configured: what was typed after the word, and the schedules' names. */
interface Asked extends Typed {
  readonly rest: string;
  readonly schedules: readonly string[];
}

/** What the answers are made from. */
type Parts = Pick<BotParts, 'alerts' | 'onCall' | 'now'>;

type Verb = OnCallWord & { readonly answer: (bot: Parts, asked: Asked) => Promise<Content | undefined> };

/** Each word of `/oncall`, besides `help` and the names of schedules. */
const verbs: Readonly<Record<string, Verb>> = {
  next: {
    usage: 'next',
    does: 'who is next in each schedule, and from when',
    answer: async (bot, { schedules }) => nextReply(await duties(bot, schedules)),
  },
  stats: {
    usage: 'stats [7|30]',
    does: 'how fast alerts were taken and over, pages at night, the noisiest; of 7 days or of 30',
    answer: async ({ alerts, now }, { rest }) => {
      if (alerts === undefined) return noAlertsReply();
      const days = rest === '30' ? 30 : 7;
      const { pool, config } = alerts.parts;
      const zones = Object.values(config.settings.schedules).flatMap((schedule) =>
        'timeZone' in schedule ? [schedule.timeZone] : [],
      );
      const zone = zones[0] ?? 'UTC';
      const happenings = await happeningsSince(pool, now() - days * 24 * 3_600_000);
      return statsReply(alertStats(happenings, zone), days, zone);
    },
  },
};

/** `/oncall`: who is on call now, in every schedule or in the one that is named, or one of the words that `help` lists. */
export function onCall(bot: Parts): Listener<Typed> {
  return async (typed) => {
    if (bot.alerts === undefined) return noAlertsReply();
    const schedules = Object.keys(bot.alerts.parts.config.settings.schedules);
    const [word = '', ...others] = typed.text.trim().split(/\s+/);
    if (word === '') return onCallReply(await duties(bot, schedules));
    if (word === 'help') return onCallHelp(verbs, schedules);
    const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    if (verb !== undefined) return verb.answer(bot, { ...typed, schedules, rest: others.join(' ') });
    if (schedules.includes(word)) return onCallReply(await duties(bot, [word]));
    return onCallHelp(verbs, schedules, word);
  };
}

async function duties({ onCall, now }: Parts, schedules: readonly string[]) {
  const at = now();
  return Promise.all(
    schedules.map(async (schedule) => ({ schedule, duty: (await onCall?.who(schedule, at)) ?? {} })),
  );
}
