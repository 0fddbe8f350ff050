import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { programsIn } from '../played-root.ts';
import { NotPlayed, rootOfHost, runProgram } from '../program.ts';

const root = rootOfHost();

/**
 * unshare(1) with `--mount`: a command in a view of its own of the host's files. A private mount needs rights, so the command gets
 * a copy of /etc to work in, which is removed afterwards.
 */
await runProgram('unshare', ([option, ...words]) => {
  if (option !== '--mount' || words.length === 0) throw new NotPlayed('anything but --mount');
  mkdirSync(join(root, 'tmp'), { recursive: true });
  const view = mkdtempSync(join(root, 'tmp/view-'));
  try {
    cpSync(join(root, 'etc'), join(view, 'etc'), { recursive: true, verbatimSymlinks: true });
    const [program = '', ...rest] = words.map((word) => word.replaceAll(`${root}/etc`, `${view}/etc`));
    const { status, stdout, stderr } = spawnSync(program, rest, {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${programsIn(root)}:${process.env.PATH}`,
        PLAYED_ROOT: view,
        PLAYED_PRIVATE: view,
      },
    });
    // Whoever asked knows the files by their own names.
    const told = (text: string) => text.replaceAll(view, root);
    return { code: status ?? 1, out: told(stdout), error: told(stderr).trimEnd() };
  } finally {
    rmSync(view, { recursive: true, force: true });
  }
});
