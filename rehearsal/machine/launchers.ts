import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programsIn } from './played-root.ts';

/**
 * Puts a stand-in written for Node into the host's PATH. It runs from the compiled rehearsal, as `dist/rehearsal/machine`; the
 * root that it plays in is the one of whoever starts it, which is another one in a private view of the host.
 */
export function writeLauncher(root: string, name: string): void {
  const main = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  writeProgram(
    root,
    name,
    `PLAYED_ROOT=\${PLAYED_ROOT:-${quoted(root)}} exec ${quoted(process.execPath)} ${quoted(main)} "$@"\n`,
  );
}

/** Puts a stand-in written in shell into the host's PATH. */
export function writeProgram(root: string, name: string, script: string): void {
  const file = join(programsIn(root), name);
  writeFileSync(`${file}.new`, `#!/bin/sh\n${script}`);
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
