import { remarkModal } from '../../blocks/runbooks/remark-modal.ts';
import type { RemarkAnswers } from '../../blocks/runbooks/walk-answers.ts';
import type { WalkMetadata, WalkReference } from '../../blocks/runbooks/walk-reference.ts';
import type { BotParts } from '../../bot-parts.ts';
import { says } from '../../bot-parts.ts';
import type { Answered, Listener, Pressed } from '../../listen.ts';
import { openView } from './open-view.ts';
import { commandWalk, openedRunbook } from './walk-command.ts';

/** **This step was wrong**: asks what, for whoever owns the runbook. */
export function askRemark(bot: BotParts): Listener<Pressed<WalkReference>> {
  return async ({ about: { walk, part }, channel, trigger }) => {
    const { runbook } = await openedRunbook(bot, walk);
    const metadata = { walk, ...(part !== undefined && { part }), ...(channel !== '' && { channel }) };
    return openView(bot, trigger, remarkModal({ metadata, runbook }));
  };
}

/** The dialogue about a remark was sent. */
export function addRemark(bot: BotParts): Listener<Answered<WalkMetadata, RemarkAnswers>> {
  return async ({ user, about: { walk }, answers: { part, text = '' } }) => {
    const about = part === undefined ? {} : { part };
    const refusal = await commandWalk(bot, walk, { type: 'Remark', ...about, text, by: user });
    return refusal ?? says('It is noted for the owner of the runbook. Thank you.');
  };
}
