import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Compiles the stand-in programs into a folder, as a build would; returns where they lie. */
export async function compiledMachine(folder: string): Promise<string> {
  const root = resolve(import.meta.dirname, '../../..');
  const settings = {
    extends: join(root, 'tsconfig.json'),
    include: [join(root, 'rehearsal/machine')],
    compilerOptions: {
      rootDir: join(root, 'rehearsal'),
      outDir: folder,
      sourceMap: false,
      typeRoots: [join(root, 'node_modules/@types')],
    },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  return join(folder, 'machine');
}
