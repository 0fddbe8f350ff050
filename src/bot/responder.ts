import type { Responder } from '../alerts/commands.ts';
import type { AlertSettings } from '../alerts/settings.ts';
import type { Groups } from './groups.ts';

/** A Slack user with what they may do about alerts: whatever a group that they are in may. */
export async function responder(
  groups: Pick<Groups, 'members'>,
  { may }: Pick<AlertSettings, 'may'>,
  user: string,
): Promise<Responder> {
  const isIn = async (allowed: readonly string[]) =>
    (await Promise.all(allowed.map((group) => groups.members(group)))).some((users) => users.includes(user));
  const [respond, silence] = await Promise.all([isIn(may.respond), isIn(may.silence)]);
  return {
    id: user,
    may: [...(respond ? (['respond'] as const) : []), ...(silence ? (['silence'] as const) : [])],
  };
}
