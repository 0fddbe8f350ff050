import { readAccounts, withMember, writeAccounts } from '../accounts.ts';
import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();

/** userdel(8): an account with the group of its name when nobody else is in it, as USERGROUPS_ENAB of login.defs(5) says. */
await runProgram('userdel', (all) => {
  const [name, ...more] = wordsOf(all, {}).others;
  if (name === undefined || more.length > 0) throw new NotPlayed('these words');
  const { users, groups } = readAccounts(root);
  const user = users.find(([one]) => one === name);
  if (!user) return { code: 6, error: `userdel: user '${name}' does not exist` };
  const left = users.filter((one) => one !== user);
  const isOwn = ([one, , number, members]: readonly string[]) =>
    one === name && (members === '' || members === name) && !left.some((other) => other[3] === number);
  writeAccounts(root, {
    users: left,
    groups: withMember(
      groups.filter((one) => !isOwn(one)),
      name,
      [],
    ),
  });
  return {};
});
