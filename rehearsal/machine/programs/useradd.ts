import { freeNumber, readAccounts, withMember, writeAccounts } from '../accounts.ts';
import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();

/** useradd(8): an account in a group that is there; 6 says that there is no such group, 9 that the name is taken. */
await runProgram('useradd', (all) => {
  const flags = ['--system', '--no-create-home'];
  const words = wordsOf(all, { flags, options: ['-g', '-d', '-s', '-G'] });
  const [name, ...more] = words.others;
  const group = words.value('-g');
  if (name === undefined || group === undefined || more.length > 0) throw new NotPlayed('these words');
  const { users, groups } = readAccounts(root);
  if (users.some(([one]) => one === name))
    return { code: 9, error: `useradd: user '${name}' already exists` };
  const first = groups.find(([one]) => one === group);
  const others = (words.value('-G') ?? '').split(',').filter((one) => one !== '');
  const unknown = others.find((other) => !groups.some(([one]) => one === other));
  if (!first || unknown) return { code: 6, error: `useradd: group '${unknown ?? group}' does not exist` };
  const number = freeNumber(users, words.has('--system'));
  const [home, shell] = [words.value('-d') ?? `/home/${name}`, words.value('-s') ?? '/bin/sh'];
  const user = [name, 'x', number, first[2] ?? '', '', home, shell];
  writeAccounts(root, { users: [...users, user], groups: withMember(groups, name, others) });
  return {};
});
