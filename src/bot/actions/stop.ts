import type { Deployment } from '../../deploy/deployment.ts';
import { previewRollback, rollBack as startRollback } from '../../engine/roll-back.ts';
import type { Metadata } from '../blocks/action.ts';
import { abortModal, continueModal } from '../blocks/modals.ts';
import { rollBackModal } from '../blocks/roll-back-modal.ts';
import { versionText } from '../blocks/titles.ts';
import type { BotParts } from '../bot-parts.ts';
import { refused, runAndPerson, says } from '../bot-parts.ts';
import type { Listener, Pressed, Submitted } from '../listen.ts';
import { openModal } from './open-modal.ts';

/** **Abort**: asks for the reason first. */
export function askAbort(bot: BotParts): Listener<Pressed> {
  return async (pressed) =>
    openModal(bot, pressed, (metadata) => abortModal({ metadata, title: pressed.about.run }));
}

/** The reason for an abort was given. */
export function abort(bot: BotParts): Listener<Submitted> {
  return async ({ user, about: { run = '' }, given }) => {
    const { by } = await runAndPerson(bot, run, user);
    const handled = await bot.runs.handle(run, { type: 'Abort', reason: given.reason ?? '', by });
    return handled.ok ? undefined : refused(handled.refusal);
  };
}

/** **Continue**: asks what came of the alerts first. */
export function askContinue(bot: BotParts): Listener<Pressed> {
  return async (pressed) =>
    openModal(bot, pressed, (metadata) => continueModal({ metadata, title: pressed.about.run }));
}

/** Why a held run may go on was given. */
export function goOn(bot: BotParts): Listener<Submitted> {
  return async ({ user, about: { run = '' }, given }) => {
    const { by } = await runAndPerson(bot, run, user);
    const handled = await bot.runs.handle(run, { type: 'Continue', reason: given.reason ?? '', by });
    return handled.ok ? undefined : refused(handled.refusal);
  };
}

/** **Roll back**: shows what will be undone and what cannot be, and asks how bad it is and why. */
export function askRollBack(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const run = await bot.runs.find(pressed.about.run);
    if (run === undefined) return refused({ code: 'run-not-found', detail: pressed.about.run });
    return openRollBack(bot, pressed, run);
  };
}

/** Opens the roll back dialogue for a run. */
export async function openRollBack(
  bot: BotParts,
  pressed: Pick<Pressed, 'about' | 'channel' | 'trigger'>,
  run: Deployment,
): Promise<undefined> {
  const plan = await bot.runs.planOf(run);
  const preview = await previewRollback(bot.runs, run);
  const view = (metadata: Metadata) =>
    rollBackModal({
      metadata,
      environment: run.environment,
      version: versionText(run),
      ...(run.previous === undefined ? {} : { previous: run.previous }),
      severities: preview.severities.map((severity) => ({
        severity,
        phases: plan.rollback[severity]?.phases.map(({ title }) => title) ?? [],
      })),
      willUndo: preview.steps.map(({ title, id }) => title ?? id),
      cannotUndo: preview.cannot,
    });
  return openModal(bot, pressed, view);
}

/** Severity and reason of a rollback were given. */
export function rollBack(bot: BotParts): Listener<Submitted> {
  return async ({ user, about: { run = '' }, given }) => {
    const { severity, reason = '' } = given;
    if (severity === undefined) return says('Choose how bad it is.');
    const { by } = await runAndPerson(bot, run, user);
    const started = await startRollback(bot.runs, { by, run, severity, reason });
    return started.ok ? undefined : refused(started.refusal);
  };
}
