import { setTimeout as delay } from 'node:timers/promises';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Episode } from '../../../alerts/alert.ts';
import type { AlertGroup } from '../../../alerts/group.ts';
import { Failure } from '../../../errors.ts';
import type { GroupMetadata, GroupReference } from '../../blocks/alerts/group-reference.ts';
import type { Preview } from '../../blocks/alerts/silence-modal.ts';
import { silenceModal } from '../../blocks/alerts/silence-modal.ts';
import { firstScope, matchersOf } from '../../blocks/alerts/silence-scope.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Chosen, Listener, Pressed } from '../../listen.ts';
import { responder } from '../../responder.ts';
import { alertsOf } from './group-command.ts';
import { knownZone, nextWorkingHours } from './silence-span.ts';

/** How long Slack may take to say in which time zone somebody is, in milliseconds: the dialogue must be open within three seconds. */
const zonePatience = 1_000;
/** Enough to tell which matched alerts belong to the group; a select has room for fewer. */
export const mostEpisodes = 2_000;

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
    const { scope = firstScope(group, episodes) } = answers;
    const preview = await previewOf(bot, group, episodes, scope);
    await update(bot, view, hash, viewOf(bot, { metadata, group, episodes, scope }, preview));
    return undefined;
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
