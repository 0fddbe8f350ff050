import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { NotPlayed, runProgram, wordsOf } from '../program.ts';

/** mount(8) of an empty tmpfs over a folder, in a private view only: what lay there is set aside, where who is in it still sees it. */
await runProgram('mount', (all) => {
  const words = wordsOf(all, { options: ['-t', '-o'] });
  const [source, folder, ...more] = words.others;
  const view = process.env.PLAYED_PRIVATE;
  const isTmpfs = words.value('-t') === 'tmpfs' && words.value('-o') === 'mode=0755';
  if (!isTmpfs || source === undefined || folder === undefined || more.length > 0)
    throw new NotPlayed('these words');
  if (view === undefined || !folder.startsWith(`${view}/`)) {
    return { code: 32, error: `mount: ${folder}: permission denied.` };
  }
  renameSync(folder, `${folder}.beneath`);
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  return {};
});
