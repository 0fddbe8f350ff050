import { readAccounts, withMember, writeAccounts } from '../accounts.ts';
import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();

/** usermod(8): first group, home, shell and other groups of an account; 6 says that it or a group does not exist. */
await runProgram('usermod', (all) => {
  const words = wordsOf(all, { options: ['-g', '-d', '-s', '-G'] });
  const [name, ...more] = words.others;
  if (name === undefined || more.length > 0) throw new NotPlayed('these words');
  const { users, groups } = readAccounts(root);
  const user = users.find(([one]) => one === name);
  const group = words.value('-g');
  const first = group === undefined ? user?.[3] : groups.find(([one]) => one === group)?.[2];
  const others = words
    .value('-G')
    ?.split(',')
    .filter((one) => one !== '');
  const unknown = others?.find((other) => !groups.some(([one]) => one === other));
  if (!user || first === undefined || unknown) {
    return {
      code: 6,
      error: `usermod: ${user ? `group '${unknown ?? group}'` : `user '${name}'`} does not exist`,
    };
  }
  const [, password = '', number = '', , about = '', home = '', shell = ''] = user;
  const changed = [
    name,
    password,
    number,
    first,
    about,
    words.value('-d') ?? home,
    words.value('-s') ?? shell,
  ];
  writeAccounts(root, {
    users: users.map((one) => (one === user ? changed : one)),
    groups: others ? withMember(groups, name, others) : groups,
  });
  return {};
});
