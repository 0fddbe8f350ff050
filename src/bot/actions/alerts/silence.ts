import type { GroupMetadata } from '../../blocks/alerts/group-reference.ts';
import type { SilenceAnswers } from '../../blocks/alerts/silence-answers.ts';
import { matchersOf } from '../../blocks/alerts/silence-scope.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Answered, Listener } from '../../listen.ts';
import { mostEpisodes } from './ask-silence.ts';
import { alertsOf, commandGroup } from './group-command.ts';
import { silenceUntil } from './silence-span.ts';

/** What is wrong with the answers, by field, before anything is asked of Alertmanager. */
export function faultsOfSilence(
  { now }: Pick<BotParts, 'now'>,
  { zone }: GroupMetadata,
  answers: SilenceAnswers,
): Readonly<Record<string, string>> | undefined {
  const span = silenceUntil(answers, zone, now());
  const wrong = {
    ...(answers.scope === undefined ? { scope: 'Choose what.' } : {}),
    ...('wrong' in span ? span.wrong : {}),
    ...(answers.comment === undefined ? { comment: 'Say why, for whoever wonders why it is quiet.' } : {}),
  };
  return Object.keys(wrong).length > 0 ? wrong : undefined;
}

/** The dialogue was sent: the silence is asked for. */
export function silence(bot: BotParts): Listener<Answered<GroupMetadata, SilenceAnswers>> {
  return async ({ user, about, answers }) => {
    const { scope = '', comment = '' } = answers;
    const span = silenceUntil(answers, about.zone, bot.now());
    const alerts = alertsOf(bot);
    const group = await alerts.find(about.group);
    if (group === undefined) return refused({ code: 'group-unknown', detail: '' });
    const episodes = scope === 'group' ? [] : await alerts.episodes(group, mostEpisodes);
    const matchers = matchersOf(group, episodes, scope);
    if (matchers === undefined || 'wrong' in span) {
      return refused({ code: 'alerts-resolved', detail: 'Nothing was silenced.' });
    }
    const { round } = about;
    const { until } = span;
    return commandGroup(bot, about.group, user, (by) => ({
      type: 'Silence',
      scope,
      matchers,
      until,
      comment,
      round,
      by,
    }));
  };
}
