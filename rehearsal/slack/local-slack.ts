import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SlackWorkspace } from './slack-workspace.ts';

export type LocalSlack = {
  /** The page that people open in a browser, `http://localhost:PORT`. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
};

export type LocalSlackOptions = {
  readonly workspace: SlackWorkspace;
  /** An existing or new directory for the generated configuration and the uploaded files. */
  readonly dir: string;
  readonly port?: number;
  /** What the response URLs, the socket URL and the upload URLs name instead of `localhost`. */
  readonly baseHost?: string;
  /** How to start the emulator where the prebuilt binary is not for this platform. */
  readonly command?: readonly string[];
};

/** Thrown when there is no emulator to start; the message says what to install. */
export class LocalSlackMissing extends Error {
  override readonly name = 'LocalSlackMissing';
}

const startLimitMs = 20_000;

// Bun listens on every interface unless the program names a host, and this program names none. Bun reads bunfig.toml
// from the working directory, so the host is named there. A closed stdin means that the parent is gone: a killed test
// must not leave a server behind.
const preload = `const serve = Bun.serve;
Bun.serve = (options) => serve({ ...options, hostname: '127.0.0.1' });
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
`;

/**
 * Starts the local Slack on 127.0.0.1 and resolves when it answers; throws LocalSlackMissing without an emulator for this
 * platform, and an Error with the emulator's own words when it does not start within 20 seconds.
 * Source: the `--help` of local-slack 0.1.8.
 */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const command = options.command ?? [await prebuiltBinary()];
  await mkdir(join(options.dir, 'files'), { recursive: true });
  const config = join(options.dir, 'workspace.json');
  await writeFile(config, JSON.stringify(options.workspace, null, 2));
  await writeFile(join(options.dir, 'bunfig.toml'), 'preload = ["./listen-on-loopback.js"]\n');
  await writeFile(join(options.dir, 'listen-on-loopback.js'), preload);

  const [program = '', ...first] = command;
  const rest = ['--config', config, '--port', String(options.port ?? 0)];
  rest.push('--files-dir', join(options.dir, 'files'));
  if (options.baseHost !== undefined) rest.push('--base-host', options.baseHost);
  const child = spawn(program, [...first, ...rest], { cwd: options.dir, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);

  const port = await readPort(child);
  return {
    url: `http://localhost:${port}`,
    port,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      // A command such as npx does not pass the signal on; the emulator behind it goes with its stdin.
      child.stdin.end();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function readPort(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`local-slack was not ready within ${startLimitMs / 1000} s. It said: ${said}`));
    }, startLimitMs);
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-4000);
      const port = /_control/.test(said)
        ? /Control API:\s+http:\/\/\S*:(\d+)\/_control/.exec(said)?.[1]
        : undefined;
      if (port === undefined) return;
      clearTimeout(limit);
      resolve(Number(port));
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(new LocalSlackMissing(`${missing(child.spawnfile)} (${error.message})`));
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      reject(new Error(`local-slack stopped at its start with code ${code}. It said: ${said}`));
    });
  });
}

async function prebuiltBinary(): Promise<string> {
  const name = `local-slack-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = join(dirname(manifest), 'bin', 'local-slack');
    await access(binary, constants.X_OK);
    return binary;
  } catch {
    throw new LocalSlackMissing(missing(name));
  }
}

function missing(what: string): string {
  return (
    `There is no local Slack to start: ${what} is not installed. ` +
    'On Linux x64 `npm ci` installs it; elsewhere run `npm install --no-save local-slack`.'
  );
}
