import type { ModalView } from '@slack/types';
import { Failure } from '../../../errors.ts';
import type { BotParts } from '../../bot-parts.ts';

/** Opens a dialogue for whoever pressed a button; throws `slack-unreachable`. */
export async function openView(
  { client }: Pick<BotParts, 'client'>,
  trigger: string,
  view: ModalView,
): Promise<undefined> {
  await client.views.open({ trigger_id: trigger, view }).catch((cause: unknown) => {
    throw new Failure('slack-unreachable', 'The dialogue could not be opened. Press the button again.', {
      cause,
    });
  });
  return undefined;
}
