import { Duration } from '../../duration.ts';
import { changeLock, currentLock } from '../../engine/locks.ts';
import { openModal } from '../actions/open-modal.ts';
import { lockedReply, refusalReply } from '../blocks/answers.ts';
import { unlockModal } from '../blocks/modals.ts';
import type { BotParts } from '../bot-parts.ts';
import { says } from '../bot-parts.ts';
import type { Listener, Submitted } from '../listen.ts';
import type { Content } from '../messages.ts';
import type { Asked } from './deploy.ts';

/** `/deploy lock production [2h] reason`: keeps others from deploying, for a while when a span is given. */
export async function lock(bot: BotParts, { environment, rest, user }: Asked): Promise<Content> {
  const [first = '', ...others] = rest.split(/\s+/);
  const span = Duration.safeParse(first);
  const reason = span.success ? others.join(' ') : rest;
  const until = span.success ? { until: bot.now() + span.data } : {};
  const by = await bot.groups.person(user, bot.runs.environment(environment));
  const handled = await changeLock(bot.runs, environment, {
    type: 'Lock',
    by,
    environment,
    reason,
    ...until,
  });
  if (!handled.ok) return refusalReply(handled.refusal);
  const held = handled.state.lock;
  return held === undefined ? says('It is not locked.') : lockedReply({ ...held, environment });
}

/** `/deploy unlock production [cause]`: opens it again; after a rollback the cause is asked for. */
export async function unlock(bot: BotParts, asked: Asked): Promise<Content | undefined> {
  const { environment, rest, user, channel, trigger } = asked;
  const held = await currentLock(bot.runs, environment);
  if (held?.run !== undefined && rest === '') {
    const { reason } = held;
    return openModal(bot, { about: { run: held.run }, channel, trigger }, (metadata) =>
      unlockModal({ metadata: { ...metadata, environment }, environment, reason }),
    );
  }
  return unlocked(bot, user, environment, rest);
}

/** The cause was given. */
export function cause(bot: BotParts): Listener<Submitted> {
  return async ({ user, about, given }) => unlocked(bot, user, about.environment ?? '', given.cause ?? '');
}

async function unlocked(bot: BotParts, user: string, environment: string, reason: string): Promise<Content> {
  const by = await bot.groups.person(user, bot.runs.environment(environment));
  const handled = await changeLock(bot.runs, environment, { type: 'Unlock', by, reason });
  return handled.ok ? says(`🔓 ${environment} is open again.`) : refusalReply(handled.refusal);
}
