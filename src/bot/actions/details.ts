import { z } from 'zod';
import type { Deployment } from '../../deploy/deployment.ts';
import { outputsOf, outputTails } from '../../store/output.ts';
import { evidenceOf } from '../../store/record.ts';
import { placesOf } from '../../store/surfaces.ts';
import type { Reference } from '../blocks/action.ts';
import { detailsModal, detailsText, type Entry, longestTail, type Said } from '../blocks/details-modal.ts';
import { phaseTitle, rawStepTitle } from '../blocks/titles.ts';
import type { BotParts } from '../bot-parts.ts';
import { runAndPerson, says } from '../bot-parts.ts';
import type { Listener, Pressed } from '../listen.ts';
import { openModal } from './open-modal.ts';

const Kept = z.object({
  at: z.number(),
  ms: z.number(),
  evidence: z.array(z.object({ asked: z.string(), of: z.string(), answered: z.string() })),
  because: z.string().optional(),
});

/** **Details**: everything that was asked and answered in a phase or step. */
export function details(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const view = await detailsView(bot, pressed);
    return openModal(bot, pressed, () => view);
  };
}

/** **Previous** and **Next** in the details. */
export function turnPage(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const view = await detailsView(bot, pressed);
    if (pressed.view !== undefined) await bot.client.views.update({ view_id: pressed.view, view });
    return undefined;
  };
}

/** **All as a file**: what the dialogue had to cut, as a text file in the run's thread. */
export function sendFile(bot: BotParts): Listener<Pressed> {
  return async (pressed) => {
    const { run, title, entries, titleOf } = await detailsOf(bot, pressed);
    const { phase, step } = pressed.about;
    const said = await outputsOf(bot.runs.parts.pool, run.id, { phase, step });
    const outputs = said.map((one) => ({ step: titleOf(one.step), text: one.pieces.join('') }));
    const card = (await placesOf(bot.runs.parts.pool, run.id)).find(({ key }) => key === 'card');
    if (!card?.channel || !card.ts)
      return says('The card of this run is not in Slack; see `slipway audit show`.');
    await bot.client.filesUploadV2({
      channel_id: card.channel,
      thread_ts: card.ts,
      filename: `${[run.id, phase, step].filter(Boolean).join('-')}.txt`,
      content: detailsText({ title, entries, outputs }),
      initial_comment: `Details asked for by <@${pressed.user}>`,
    });
    return undefined;
  };
}

async function detailsView(bot: BotParts, pressed: Pressed) {
  const { title, entries } = await detailsOf(bot, pressed);
  return detailsModal({ title, about: pressed.about, entries, page: pressed.about.page ?? 1 });
}

async function detailsOf(bot: BotParts, { about, user }: Pressed) {
  const { run } = await runAndPerson(bot, about.run, user);
  const plan = await bot.runs.planOf(run);
  const { phase = '', step } = about;
  const title = step === undefined ? phaseTitle(run, plan, phase) : rawStepTitle(run, plan, phase, step);
  const ids = run.outline.find(({ id }) => id === phase)?.steps ?? [];
  const titleOf = (id: string) => rawStepTitle(run, plan, phase, id);
  const tails = await outputTails(bot.runs.parts.pool, run.id, phase, longestTail);
  const entries = await Promise.all(
    ids
      .filter((id) => step === undefined || id === step)
      .map((id) =>
        entryOf(
          bot,
          run,
          about,
          id,
          titleOf(id),
          tails.find((tail) => tail.step === id),
        ),
      ),
  );
  return { run, title, entries, titleOf };
}

async function entryOf(
  { runs }: BotParts,
  run: Deployment,
  { phase = '' }: Reference,
  step: string,
  title: string,
  said: Said | undefined,
): Promise<Entry> {
  const state = run.phases[phase]?.steps[step];
  const kept = state === undefined ? [] : await evidenceOf(runs.parts.pool, run.id, state.evidence);
  const attempts = kept.flatMap(({ hash, body }) => {
    const { at, ms, evidence, because } = Kept.parse(body);
    const all =
      because === undefined
        ? evidence
        : [...evidence, { asked: 'Verdict', of: 'Slipway', answered: because }];
    return all.map((one) => ({ ...one, ms, hash, at }));
  });
  return { step: title, status: state?.status ?? 'untouched', attempts, ...(said && { said }) };
}
