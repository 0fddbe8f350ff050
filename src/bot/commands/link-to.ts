import type { Deployment } from '../../deploy/deployment.ts';
import { placesOf } from '../../store/surfaces.ts';
import type { BotParts } from '../bot-parts.ts';

/** The address of a run's card, when it has been drawn and Slack tells it. */
export async function linkTo({ runs, messages }: BotParts, run: Deployment): Promise<string | undefined> {
  const card = (await placesOf(runs.parts.pool, run.id)).find(({ key }) => key === 'card');
  if (!card?.channel || !card.ts) return undefined;
  return messages.link(card.channel, card.ts);
}
