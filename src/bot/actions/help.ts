import type { Command } from '../../deploy/commands.ts';
import type { Person } from '../../deploy/deployment.ts';
import { answerModal, settleModal, skipModal } from '../blocks/modals.ts';
import type { BotParts } from '../bot-parts.ts';
import { refused, runAndPerson, says } from '../bot-parts.ts';
import type { Listener, Pressed, Submitted } from '../listen.ts';
import type { Content } from '../messages.ts';
import { openModal, titleOf } from './open-modal.ts';

/** **Retry**: the failed steps of a phase are tried again. */
export function retry(bot: BotParts): Listener<Pressed> {
  return async ({ user, about }) =>
    command(bot, user, about.run, (by) => ({ type: 'Retry', phase: about.phase ?? '', by }));
}

/** **Skip**: asks for the reason first. */
export function askSkip(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const title = await titleOf(bot, pressed.about);
    return openModal(bot, pressed, (metadata) => skipModal({ metadata, title }));
  };
}

/** The reason for a skip was given. */
export function skip(bot: BotParts): Listener<Submitted> {
  return async ({ user, about: { run = '', phase = '', step = '' }, given }) =>
    command(bot, user, run, (by) => ({ type: 'Skip', phase, step, reason: given.reason ?? '', by }));
}

/** **Confirm** or **Sign off**: asks for the answer first. */
export function askAnswer(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const { run: id, phase = '', step = '' } = pressed.about;
    const run = await bot.runs.find(id);
    const question = run?.phases[phase]?.steps[step]?.question;
    if (question === undefined) return says('Nothing is asked there any more.');
    const title = await titleOf(bot, pressed.about);
    return openModal(bot, pressed, (metadata) => answerModal({ metadata, title, question }));
  };
}

/** An answer was given. */
export function answer(bot: BotParts): Listener<Submitted> {
  return async ({ user, about: { run = '', phase = '', step = '' }, given }) =>
    command(bot, user, run, (by) => ({ type: 'Answer', phase, step, text: given.answer ?? '', by }));
}

/** **It was done** or **Run it again**: asks how that is known. */
export function askSettle(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const { run: id, phase = '', step = '' } = pressed.about;
    const because = (await bot.runs.find(id))?.phases[phase]?.steps[step]?.because;
    const title = await titleOf(bot, pressed.about);
    return openModal(bot, pressed, (metadata) =>
      settleModal({ metadata, title, ...(because === undefined ? {} : { because }) }),
    );
  };
}

/** A doubt was settled. */
export function settle(bot: BotParts): Listener<Submitted> {
  return async ({ user, about: { run = '', phase = '', step = '' }, given }) => {
    const { verdict, reason = '' } = given;
    if (verdict === undefined) return says('Choose what happened.');
    return command(bot, user, run, (by) => ({ type: 'Settle', phase, step, verdict, reason, by }));
  };
}

async function command(
  bot: BotParts,
  user: string,
  run: string,
  build: (by: Person) => Command,
): Promise<Content | undefined> {
  const { by } = await runAndPerson(bot, run, user);
  const handled = await bot.runs.handle(run, build(by));
  return handled.ok ? undefined : refused(handled.refusal);
}
