import { freeNumber, readAccounts, writeAccounts } from '../accounts.ts';
import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();

/** groupadd(8): 9 says that the name is taken. */
await runProgram('groupadd', (all) => {
  const words = wordsOf(all, { flags: ['--system'], options: ['--gid'] });
  const [name, ...more] = words.others;
  if (name === undefined || more.length > 0) throw new NotPlayed('these words');
  const { users, groups } = readAccounts(root);
  if (groups.some(([one]) => one === name))
    return { code: 9, error: `groupadd: group '${name}' already exists` };
  const number = words.value('--gid') ?? freeNumber(groups, words.has('--system'));
  writeAccounts(root, { users, groups: [...groups, [name, 'x', number, '']] });
  return {};
});
