import type { WebClient } from '@slack/web-api';
import type { Environment } from '../config.ts';
import type { Person, Right } from '../deploy/deployment.ts';
import { Failure } from '../errors.ts';

/** How long the members of a Slack user group are believed, in milliseconds. */
const fresh = 60_000;

/** Who is in which configured group; Slack user groups (ids that begin with S) are looked up and kept for a minute. */
export interface Groups {
  readonly members: (group: string) => Promise<readonly string[]>;
  /** The members of every configured group. */
  readonly all: () => Promise<Readonly<Record<string, readonly string[]>>>;
  /** A Slack user with the groups they are in and what they may do in an environment. */
  readonly person: (user: string, environment: Environment) => Promise<Person>;
}

export function slackGroups(
  configured: Readonly<Record<string, readonly string[]>>,
  client: WebClient,
  now: () => number,
): Groups {
  const known = new Map<string, { readonly users: readonly string[]; readonly at: number }>();
  const usersOf = async (userGroup: string): Promise<readonly string[]> => {
    const cached = known.get(userGroup);
    if (cached !== undefined && now() - cached.at < fresh) return cached.users;
    try {
      const { users = [] } = await client.usergroups.users.list({ usergroup: userGroup });
      known.set(userGroup, { users, at: now() });
      return users;
    } catch (error) {
      throw new Failure(
        'slack-unreachable',
        `Slack did not tell who is in the user group ${userGroup}, so nobody's rights can be checked. Try again in a minute.`,
        { cause: error },
      );
    }
  };
  const members = async (group: string): Promise<readonly string[]> => {
    const ids = configured[group] ?? [];
    const found = await Promise.all(ids.map((id) => (id.startsWith('S') ? usersOf(id) : [id])));
    return [...new Set(found.flat())];
  };
  const all = async () =>
    Object.fromEntries(
      await Promise.all(Object.keys(configured).map(async (group) => [group, await members(group)] as const)),
    );
  return {
    members,
    all,
    person: async (id, { may }) => {
      const everybody = await all();
      const groups = Object.keys(everybody).filter((group) => everybody[group]?.includes(id));
      const isIn = (allowed: readonly string[]) => allowed.some((group) => groups.includes(group));
      const rights: readonly Right[] = ['deploy', 'rollback', 'lock'];
      return { id, groups, may: rights.filter((right) => isIn(may[right])) };
    },
  };
}
