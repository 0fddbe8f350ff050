import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';
import { startTimer } from '../systemd.ts';

const options = ['--unit', '--on-active', '--timer-property'];

/** systemd-run(1): a program after so many seconds, under a name by which it can be called off. */
await runProgram('systemd-run', (all) => {
  // The words from the program on are its own.
  const at = all.findIndex((word) => !word.startsWith('-'));
  const words = wordsOf(all.slice(0, at), { flags: ['--quiet', '--collect'], options });
  const [name, seconds] = [words.value('--unit'), Number(words.value('--on-active'))];
  if (name === undefined || !Number.isInteger(seconds)) throw new NotPlayed('anything but a named timer');
  startTimer(rootOfHost(), `${name}.timer`, seconds, all.slice(at));
  return {};
});
