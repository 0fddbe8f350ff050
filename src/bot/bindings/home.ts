import type { Homes } from '../home/home.ts';
import type { Listening } from '../listen.ts';

/** Slack tells of a home tab that is opened; what stands in it is pressed like in a message. */
export function bindHome(on: Listening, homes: Pick<Homes, 'opened'>): void {
  on.event('app_home_opened', async ({ user, tab }) => {
    if (tab === 'home') await homes.opened(user);
  });
}
