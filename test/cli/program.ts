import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { compileSlipway } from '../support/processes.ts';

/** How a command ended and what it said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The compiled program in a folder of its own, run as people run it. */
export interface Program {
  readonly dir: string;
  readonly write: (path: string, content: unknown) => Promise<string>;
  /** Runs `slipway` with these arguments and environment variables in the folder; ends it after 55 seconds, as only a command that hangs needs. */
  readonly slipway: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Said>;
  readonly remove: () => Promise<void>;
}

/** Compiles the program into a new folder. */
export async function program(): Promise<Program> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  const main = await compileSlipway(dir);
  return {
    dir,
    write: async (path, content) => {
      const file = join(dir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : stringify(content));
      return file;
    },
    slipway: (args, env = {}) =>
      new Promise((settle) => {
        const options = { cwd: dir, timeout: 55_000, env: { PATH: process.env.PATH ?? '', ...env } };
        const child = execFile(process.execPath, [main, ...args], options, (_, out, err) =>
          settle({ code: child.exitCode ?? -1, out, err }),
        );
      }),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A slipway.yaml for one environment, with whatever a test wants to differ. */
export function config(more: Readonly<Record<string, unknown>> = {}) {
  return {
    groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'] },
    environments: {
      production: {
        channel: 'C0PRODUCTION',
        plan: 'test',
        may: { deploy: ['deployers'], rollback: ['deployers'], lock: ['deployers'] },
        ...more,
      },
    },
  };
}
