import { existsSync, readFileSync } from 'node:fs';
import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';
import { journalOf } from '../systemd.ts';

/** journalctl(1): the last lines that a unit has written; the moment since which is not kept, so all count. */
await runProgram('journalctl', (all) => {
  const flags = ['--quiet', '--no-pager'];
  const words = wordsOf(all, { flags, options: ['--output', '--lines', '--since', '--unit'] });
  const [match = ''] = words.others;
  const unit = words.value('--unit') ?? match.replace(/^_SYSTEMD_UNIT=/, '');
  if (unit === '' || words.value('--output') !== 'cat')
    throw new NotPlayed('anything but the words of a unit');
  const file = journalOf(rootOfHost(), unit);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const last = lines.slice(-Number(words.value('--lines') ?? 10)).filter((line) => line !== '');
  return { out: last.map((line) => `${line}\n`).join('') };
});
