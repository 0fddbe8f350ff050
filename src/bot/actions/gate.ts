import { reviseRun } from '../../engine/request-run.ts';
import { rejectModal } from '../blocks/modals.ts';
import type { BotParts } from '../bot-parts.ts';
import { refused, runAndPerson } from '../bot-parts.ts';
import type { Listener, Pressed, Submitted } from '../listen.ts';
import { openModal, titleOf } from './open-modal.ts';

/** **Approve**: counts for what the card showed, and only while that is still what would run. */
export function approve(bot: BotParts): Listener<Pressed> {
  return async ({ user, about }) => {
    const { by } = await runAndPerson(bot, about.run, user);
    await reviseRun(bot.runs, about.run);
    const { phase = '', digest = '' } = about;
    const handled = await bot.runs.handle(about.run, { type: 'Approve', phase, digest, by });
    return handled.ok ? undefined : refused(handled.refusal);
  };
}

/** **Reject**: asks for the reason first. */
export function askRejection(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const title = await titleOf(bot, pressed.about);
    return openModal(bot, pressed, (metadata) => rejectModal({ metadata, title }));
  };
}

/** The reason for a rejection was given. */
export function reject(bot: BotParts): Listener<Submitted> {
  return async ({ user, about, given }) => {
    const { run = '', phase = '', digest = '' } = about;
    const { by } = await runAndPerson(bot, run, user);
    const reason = given.reason ?? '';
    const handled = await bot.runs.handle(run, { type: 'Reject', phase, digest, reason, by });
    return handled.ok ? undefined : refused(handled.refusal);
  };
}

/** **Ask again**: opens an expired gate anew. */
export function reopen(bot: BotParts): Listener<Pressed> {
  return async ({ user, about }) => {
    const { by } = await runAndPerson(bot, about.run, user);
    const handled = await bot.runs.handle(about.run, { type: 'Reopen', phase: about.phase ?? '', by });
    return handled.ok ? undefined : refused(handled.refusal);
  };
}
