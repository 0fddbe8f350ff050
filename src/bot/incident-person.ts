import type { IncidentPerson } from '../incidents/commands.ts';
import type { IncidentSettings } from '../incidents/settings.ts';
import type { Groups } from './groups.ts';

const rights = ['declare', 'respond', 'publish'] as const;

/** A Slack user with what they may do about incidents: whatever a group that they are in may. */
export async function incidentPerson(
  groups: Pick<Groups, 'members'>,
  { may }: Pick<IncidentSettings, 'may'>,
  user: string,
): Promise<IncidentPerson> {
  const isIn = async (allowed: readonly string[]) =>
    (await Promise.all(allowed.map((group) => groups.members(group)))).some((users) => users.includes(user));
  const has = await Promise.all(rights.map((right) => isIn(may[right])));
  return { id: user, may: rights.filter((_, index) => has[index]) };
}
