import type { WebApiCall } from './web-api-call.ts';

/** Group id to the ids of its members. */
export type UserGroups = Readonly<Record<string, readonly string[]>>;

/**
 * Plays usergroups.list and usergroups.users.list, which the emulator lacks, and answers undefined for any other method.
 * Sources: docs.slack.dev/reference/methods/usergroups.list and …/usergroups.users.list.
 */
export function answerUserGroups(call: WebApiCall, groups: UserGroups): unknown {
  if (call.method === 'usergroups.list') {
    return {
      ok: true,
      usergroups: Object.entries(groups).map(([id, users]) => ({
        id,
        handle: id.toLowerCase(),
        name: id,
        is_usergroup: true,
        date_delete: 0,
        user_count: users.length,
        users,
      })),
    };
  }
  if (call.method === 'usergroups.users.list') {
    const users = groups[String(call.args.usergroup)];
    return users === undefined ? { ok: false, error: 'no_such_subteam' } : { ok: true, users };
  }
  return undefined;
}
