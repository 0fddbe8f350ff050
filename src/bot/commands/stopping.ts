import type { Deployment } from '../../deploy/deployment.ts';
import { heldBy } from '../../engine/run-rules.ts';
import { holderOf, newestStreams } from '../../store/record.ts';
import { openModal } from '../actions/open-modal.ts';
import { openRollBack } from '../actions/stop.ts';
import { abortModal } from '../blocks/modals.ts';
import type { BotParts } from '../bot-parts.ts';
import { says } from '../bot-parts.ts';
import type { Content } from '../messages.ts';
import type { Asked } from './deploy.ts';

/** `/deploy abort [production]`: asks why, then stops the active run. */
export async function abort(
  bot: BotParts,
  { environment, channel, trigger }: Asked,
): Promise<Content | undefined> {
  const run = await holderOf<Deployment>(bot.runs.parts.pool, heldBy(environment));
  if (run === undefined) return says(`Nothing is being deployed to ${environment}.`);
  const pressed = { about: { run: run.id }, channel, trigger };
  return openModal(bot, pressed, (metadata) => abortModal({ metadata, title: run.id }));
}

/** `/deploy rollback [production]`: asks how, then takes the newest deployment back. */
export async function rollback(
  bot: BotParts,
  { environment, channel, trigger }: Asked,
): Promise<Content | undefined> {
  const newest = await newestStreams<Deployment>(bot.runs.parts.pool, 'run', environment, 50);
  const run = newest.find(({ kind }) => kind === 'deployment');
  if (run === undefined) return says(`Nothing was ever deployed to ${environment}.`);
  const back = newest.find(({ of }) => of === run.id);
  if (back !== undefined)
    return says(`${run.id} is taken back already, by <@${back.requestedBy}> as ${back.id}.`);
  return openRollBack(bot, { about: { run: run.id }, channel, trigger }, run);
}
