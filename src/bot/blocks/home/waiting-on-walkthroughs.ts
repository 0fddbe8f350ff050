import { action } from '../action.ts';
import { link, mention } from '../escape.ts';
import { encodeWalk } from '../runbooks/walk-reference.ts';
import { sign } from '../signs.ts';
import { shown } from '../titles.ts';
import type { HomeFacts, HomePerson } from './home-facts.ts';
import type { Waiting } from './waiting.ts';

/** Steps of opened runbooks that somebody else wants to run and that this person may agree to. */
export function waitingOnWalkthroughs(
  { id, may }: HomePerson,
  { walkthroughs }: Pick<HomeFacts, 'walkthroughs'>,
): readonly Waiting[] {
  if (!may.includes('run')) return [];
  return walkthroughs.flatMap(({ walkthrough, link: address }) =>
    Object.entries(walkthrough.runs)
      .filter(([, { status, by }]) => status === 'asked' && by !== id)
      .map(([part, { by, number }]): Waiting => {
        const title = shown(walkthrough.runbook.title);
        const words = address === undefined ? title : link(address, walkthrough.runbook.title);
        const value = encodeWalk({ walk: walkthrough.id, part, number });
        return {
          line: `${sign.person} ${mention(by)} asks to run a step of *${words}* that may change something; read it there first`,
          press: [
            { text: 'Approve', action: action.approveStep, value, style: 'primary' },
            { text: 'Decline', action: action.declineStep, value, style: 'danger' },
          ],
        };
      }),
  );
}
