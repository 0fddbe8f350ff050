import { join } from 'node:path';
import { Emergency } from '../nginx/directives.ts';
import { readSites } from '../nginx/sites.ts';
import { intoRoot } from '../played-root.ts';
import { type Ending, NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();

/** nginx(8): `-t` tests the configuration, `-T` prints it too, and without them it runs in the foreground, as its unit wants it. */
await runProgram('nginx', async (all) => {
  const words = wordsOf(all, { flags: ['-t', '-T', '-q'], options: ['-c', '-g'] });
  const path = words.value('-c') ?? join(root, 'etc/nginx/nginx.conf');
  if (words.others.length > 0) throw new NotPlayed('these words');
  if (words.has('-t') || words.has('-T')) return tested(path, words.has('-T'), words.has('-q'));
  if (words.value('-g') !== 'daemon off;') throw new NotPlayed('a start in the background');
  // Only a test of the configuration is asked for often, and it needs none of this.
  const { runMaster } = await import('../nginx/master.ts');
  return runMaster(root, path);
});

/** The files are printed with the places that the paths in them stand for, since who reads them looks there. */
function tested(path: string, isPrinted: boolean, isQuiet: boolean): Ending {
  try {
    const { sources } = readSites(root, path);
    const printed = sources.map((one) => `# configuration file ${one.path}:\n${intoRoot(root, one.text)}\n`);
    const error = isQuiet ? '' : `nginx: configuration file ${path} test is successful`;
    return { out: isPrinted ? printed.join('') : '', error };
  } catch (error) {
    if (!(error instanceof Emergency)) throw error;
    return {
      code: 1,
      error: `nginx: [emerg] ${error.message}\nnginx: configuration file ${path} test failed`,
    };
  }
}
