import { NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';
import { unitFaults } from '../units.ts';

/** systemd-analyze(1): `verify` of one unit file. */
await runProgram('systemd-analyze', (all) => {
  const words = wordsOf(all, { options: ['--man', '--recursive-errors'] });
  const [verb, file, ...more] = words.others;
  if (verb !== 'verify' || file === undefined || more.length > 0) throw new NotPlayed('anything but verify');
  const faults = unitFaults(rootOfHost(), file);
  return { code: faults.length === 0 ? 0 : 1, error: faults.join('\n') };
});
