import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** How a process ended: its exit code, or the signal that ended it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether the test ended it; anything else is a crash of its own. */
  readonly wanted: boolean;
}

/** A running `slipway start`; each of its functions waits for what it causes. */
export interface SlipwayProcess {
  readonly pid: number | undefined;
  readonly ended: Promise<Ending>;
  /** Resolves when it says that it is ready; rejects with what it said when it ends before. */
  readonly ready: Promise<void>;
  readonly isAlive: () => boolean;
  readonly kill: (signal: NodeJS.Signals) => Promise<Ending>;
  /** The last part of what it wrote, for a failed test. */
  readonly said: () => string;
}

/** Compiles the program into `dir` as `npm run build` would, and returns the path of its main file. */
export async function compileSlipway(dir: string): Promise<string> {
  const out = join(dir, 'dist');
  const tsc = join(root, 'node_modules/.bin/tsc');
  // Types have a check of their own, which takes longer than this.
  const flags = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', out];
  await promisify(execFile)(tsc, flags, { cwd: root });
  await cp(join(root, 'src/store/migrations'), join(out, 'src/store/migrations'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }\n');
  return join(out, 'src/main.js');
}

/** Starts the compiled program with these environment variables and nothing else of the test's own. */
export function startProcess(
  main: string,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): SlipwayProcess {
  const child = spawn(process.execPath, [main, 'start', ...flags], {
    env: { PATH: process.env.PATH ?? '', ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let said = '';
  let wanted = false;
  let isOver = false;
  const hear = (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-20_000);
  };
  const ended = ending(child).then((how): Ending => {
    isOver = true;
    process.off('exit', killAtExit);
    return { ...how, wanted };
  });
  const ready = new Promise<void>((settle, fail) => {
    child.stdout.on('data', (chunk: Buffer) => {
      hear(chunk);
      if (said.includes('"msg":"ready"')) settle();
    });
    child.stderr.on('data', hear);
    void ended.then(() => fail(new Error(`Slipway ended before it was ready. It said: ${said}`)));
  });
  // Most callers kill it at a moment of their own choice.
  ready.catch(() => undefined);
  return {
    pid: child.pid,
    ended,
    ready,
    isAlive: () => !isOver,
    kill: (signal) => {
      wanted = true;
      child.kill(signal);
      return ended;
    },
    said: () => said,
  };
}

function ending(child: ChildProcess): Promise<Omit<Ending, 'wanted'>> {
  return new Promise((settle) => {
    child.once('close', (code, signal) => settle({ code, signal }));
  });
}
