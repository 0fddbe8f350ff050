import { readAccounts, writeAccounts } from '../accounts.ts';
import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();

/** groupdel(8): 6 says that there is no such group, 8 that it is the first one of an account. */
await runProgram('groupdel', (all) => {
  const [name, ...more] = wordsOf(all, {}).others;
  if (name === undefined || more.length > 0) throw new NotPlayed('these words');
  const { users, groups } = readAccounts(root);
  const group = groups.find(([one]) => one === name);
  if (!group) return { code: 6, error: `groupdel: group '${name}' does not exist` };
  if (users.some((user) => user[3] === group[2])) {
    return { code: 8, error: `groupdel: cannot remove the primary group '${name}' of a user` };
  }
  writeAccounts(root, { users, groups: groups.filter((one) => one !== group) });
  return {};
});
