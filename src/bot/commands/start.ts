import { z } from 'zod';
import { requestRun, usualVersion } from '../../engine/request-run.ts';
import { busyReply, refusalReply } from '../blocks/answers.ts';
import { escaped } from '../blocks/escape.ts';
import { versionText } from '../blocks/titles.ts';
import type { BotParts } from '../bot-parts.ts';
import { says } from '../bot-parts.ts';
import type { Content } from '../messages.ts';
import type { Asked } from './deploy.ts';
import { linkTo } from './link-to.ts';

/** A version as tags, branches and commits are named; it goes into commands and messages. */
const Version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/+-]{0,99}$/);

/** `/deploy production [version]`: starts the checklist; without a version, for the one that last went well there. */
export async function start(bot: BotParts, asked: Asked): Promise<Content | undefined> {
  const { runs, groups } = bot;
  const { environment, user } = asked;
  const version = Version.safeParse(asked.rest === '' ? await usualVersion(runs, environment) : asked.rest);
  if (!version.success) {
    return says('A version is letters, digits and `. _ / + -`, at most 100: `/deploy production v2.4.1`.');
  }
  const by = await groups.person(user, runs.environment(environment));
  const members = await groups.all();
  const requested = await requestRun(runs, { by, environment, version: version.data, members });
  if (requested.ok) {
    const { run, revised, notes } = requested;
    const { channel } = runs.environment(environment);
    const told = revised
      ? [`Your waiting deployment now runs ${versionText(run)}; approvals so far are void.`]
      : channel === asked.channel
        ? []
        : [`It has begun: see <#${channel}>.`];
    const all = [...told, ...notes.map(escaped)];
    return all.length === 0 ? undefined : says(all.join('\n'));
  }
  const { refusal, holder } = requested;
  if (refusal.code !== 'environment-busy' || holder === undefined) return refusalReply(refusal);
  const link = await linkTo(bot, holder);
  const { requestedBy, requestedAt: since } = holder;
  return busyReply({
    environment,
    by: requestedBy,
    since,
    version: versionText(holder),
    ...(link && { link }),
  });
}
