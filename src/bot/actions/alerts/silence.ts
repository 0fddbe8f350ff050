import { setTimeout as delay } from 'node:timers/promises';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Episode } from '../../../alerts/alert.ts';
import type { AlertGroup } from '../../../alerts/group.ts';
import { Failure } from '../../../errors.ts';
import type { GroupMetadata, GroupReference } from '../../blocks/alerts/group-reference.ts';
import type { Preview, SilenceAnswers } from '../../blocks/alerts/silence-modal.ts';
import { firstScope, matchersOf, silenceModal } from '../../blocks/alerts/silence-modal.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Chosen, Listener, Pressed, SubmittedSilence } from '../../listen.ts';
import { responder } from '../../responder.ts';
import { alertsOf, commandGroup } from './group-command.ts';
import { knownZone, nextWorkingHours, silenceUntil } from './silence-span.ts';

/** How long Slack may take to say in which time zone somebody is, in milliseconds: the dialogue must be open within three seconds. */
const zonePatience = 1_000;
/** Enough to tell which matched alerts belong to the group; a select has room for fewer. */
const mostEpisodes = 2_000;

/** **Silence**: asks what, for how long and why; what that matches is shown as soon as Alertmanager has told. */
export function askSilence(bot: BotParts): Listener<Pressed<GroupReference>> {
  return async ({ user, about, channel, trigger }) => {
    const alerts = alertsOf(bot);
    const [by, group, zone] = await Promise.all([
      responder(bot.groups, alerts.parts.config.settings, user),
      alerts.find(about.group),
      zoneOf(bot, user),
    ]);
    if (group === undefined) return refused({ code: 'group-unknown', detail: '' });
    if (!by.may.includes('silence')) return refused({ code: 'not-allowed', detail: allowed(bot) });
    if (group.status === 'resolved' || group.round !== about.round) {
      return refused({ code: 'alerts-resolved', detail: 'Look at the newest message.' });
    }
    const episodes = await alerts.episodes(group, mostEpisodes);
    const scope = firstScope(group, episodes);
    const metadata: GroupMetadata = {
      group: group.id,
      round: group.round,
      zone: zone ?? 'UTC',
      isZoneKnown: zone !== undefined,
      ...(channel === '' ? {} : { channel }),
    };
    const form = (preview: Preview) => viewOf(bot, { metadata, group, episodes, scope }, preview);
    const opened = await bot.client.views
      .open({ trigger_id: trigger, view: form({ kind: 'looking' }) })
      .catch((cause: unknown) => {
        throw new Failure('slack-unreachable', 'The dialogue could not be opened. Press the button again.', {
          cause,
        });
      });
    const preview = await previewOf(bot, group, episodes, scope);
    await update(bot, opened.view?.id, opened.view?.hash, form(preview));
    return undefined;
  };
}

/** Another scope was chosen: what that matches is shown. */
export function chooseScope(bot: BotParts): Listener<Chosen> {
  return async ({ about: metadata, view, hash, answers }) => {
    const alerts = alertsOf(bot);
    const group = await alerts.find(metadata.group);
    if (group === undefined) return undefined;
    const episodes = await alerts.episodes(group, mostEpisodes);
    const { scope } = answers;
    const preview = await previewOf(bot, group, episodes, scope);
    await update(bot, view, hash, viewOf(bot, { metadata, group, episodes, scope }, preview));
    return undefined;
  };
}

/** What is wrong with the answers, by field, before anything is asked of Alertmanager. */
export function faultsOfSilence(
  { now }: Pick<BotParts, 'now'>,
  { zone }: GroupMetadata,
  answers: SilenceAnswers,
): Readonly<Record<string, string>> | undefined {
  const span = silenceUntil(answers, zone, now());
  const wrong = {
    ...('wrong' in span ? span.wrong : {}),
    ...(answers.comment === undefined ? { comment: 'Say why, for whoever wonders why it is quiet.' } : {}),
  };
  return Object.keys(wrong).length > 0 ? wrong : undefined;
}

/** The dialogue was sent: the silence is asked for. */
export function silence(bot: BotParts): Listener<SubmittedSilence> {
  return async ({ user, about, answers }) => {
    const { scope, comment = '' } = answers;
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

function viewOf(
  { now }: BotParts,
  form: {
    readonly metadata: GroupMetadata;
    readonly group: AlertGroup;
    readonly episodes: readonly Episode[];
    readonly scope: string;
  },
  preview: Preview,
) {
  return silenceModal({ ...form, preview, workingHours: nextWorkingHours(form.metadata.zone, now()) });
}

async function previewOf(
  { silences }: BotParts,
  group: AlertGroup,
  episodes: readonly Episode[],
  scope: string,
): Promise<Preview> {
  const matchers = matchersOf(group, episodes, scope);
  if (matchers === undefined) return { kind: 'unknown', because: 'That alert no longer fires.' };
  if (silences === undefined) {
    return { kind: 'unknown', because: 'This Slipway knows no address of an Alertmanager.' };
  }
  try {
    const { matched } = await silences.preview(group.source, matchers);
    const own = new Set(episodes.map(({ fingerprint }) => fingerprint));
    const outside = matched.filter(({ fingerprint }) => !own.has(fingerprint)).map(({ labels }) => labels);
    return { kind: 'known', matched: matched.length, outside };
  } catch (error) {
    if (error instanceof Failure) return { kind: 'unknown', because: error.message };
    throw error;
  }
}

/** The time zone of somebody's Slack account, or undefined when Slack does not tell it in time. */
async function zoneOf({ client, log }: BotParts, user: string): Promise<string | undefined> {
  const asked = client.users.info({ user }).then(
    (answer) => knownZone(answer.user?.tz),
    (error: unknown) => {
      log.warn({ error, user }, 'time zone not known');
      return undefined;
    },
  );
  return Promise.race([asked, delay(zonePatience, undefined)]);
}

/** Shows a newer view, unless the dialogue was closed or shows something newer still. */
async function update(
  { client, log }: BotParts,
  id: string | undefined,
  hash: string | undefined,
  view: ReturnType<typeof silenceModal>,
): Promise<void> {
  if (id === undefined) return;
  try {
    await client.views.update({ view_id: id, view, ...(hash === undefined ? {} : { hash }) });
  } catch (error) {
    const isLate =
      error instanceof WebAPIPlatformError && ['hash_conflict', 'not_found'].includes(error.data.error);
    if (!isLate) log.warn({ error }, 'preview of a silence not shown');
  }
}

function allowed(bot: BotParts): string {
  const { silence: groups } = alertsOf(bot).parts.config.settings.may;
  return `Who may silence: ${groups.join(', ') || 'nobody'}.`;
}
