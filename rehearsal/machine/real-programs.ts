import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The programs of this machine that a played host has too: they read, compare and move files, and change nothing of the machine. */
const names = [
  ...['awk', 'base64', 'basename', 'cat', 'chmod', 'cmp', 'cp', 'cut', 'date', 'df', 'diff', 'dirname'],
  ...['echo', 'env', 'expr', 'false', 'find', 'flock', 'getconf', 'git', 'grep', 'gzip', 'head', 'install'],
  ...['join', 'kill', 'ln', 'ls', 'mkdir', 'mktemp', 'mv', 'nproc', 'openssl', 'printf', 'readlink', 'rm'],
  ...['rmdir', 'sed', 'seq', 'sh', 'sha256sum', 'sleep', 'sort', 'stat', 'sync', 'tail', 'test', 'timeout'],
  ...['touch', 'tr', 'true', 'uname', 'uniq', 'wc', 'xargs'],
] as const;

/** The folder of a played host in which links to these programs lie. */
export function realProgramsIn(root: string): string {
  return join(root, 'usr/bin');
}

/** Links the programs into the host, from wherever they are on this machine; what is not there is not on the host either. */
export function linkRealPrograms(root: string): void {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/bin'].filter((one) => one !== '');
  mkdirSync(realProgramsIn(root), { recursive: true });
  for (const name of names) {
    const link = join(realProgramsIn(root), name);
    const real = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
    rmSync(link, { force: true });
    if (real !== undefined) symlinkSync(real, link);
  }
}
