import type { ModalView } from '@slack/types';
import { Failure } from '../../errors.ts';
import type { Metadata, Reference } from '../blocks/action.ts';
import { rawStepTitle } from '../blocks/titles.ts';
import type { BotParts } from '../bot-parts.ts';
import type { Pressed } from '../listen.ts';

/** Opens a modal for a button; what the button is about goes along in the modal. */
export async function openModal(
  { client }: BotParts,
  { about, channel, trigger }: Pick<Pressed, 'about' | 'channel' | 'trigger'>,
  view: (metadata: Metadata) => ModalView,
): Promise<undefined> {
  await client.views
    .open({ trigger_id: trigger, view: view({ ...about, ...(channel === '' ? {} : { channel }) }) })
    .catch((error: unknown) => {
      throw new Failure(
        'slack-unreachable',
        `The dialogue could not be opened: ${(error as Error).message}. Press the button again.`,
        {
          cause: error,
        },
      );
    });
  return undefined;
}

/** The title of the step, phase or run that a button is about, as the run's own plan has it. */
export async function titleOf({ runs }: BotParts, { run: id, phase, step }: Reference): Promise<string> {
  const run = await runs.find(id);
  if (run === undefined || run.planHash === '' || phase === undefined) return id;
  const plan = await runs.planOf(run);
  if (step !== undefined) return rawStepTitle(run, plan, phase, step);
  return plan.phases.find((one) => one.id === phase)?.title ?? phase;
}
