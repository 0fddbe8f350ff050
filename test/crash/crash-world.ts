import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startSshd } from '../../rehearsal/world/sshd.ts';
import type { Host } from '../../src/steps/step.ts';

/** A world that remembers every change made to it: marks on a real host, and databases of a real server. */
export interface CrashWorld {
  readonly host: Host;
  readonly privateKey: string;
  /** The superuser's URL of the server on which steps make databases. */
  readonly postgresUrl: string;
  /** A step that makes a mark by running a slow script; without `check` only a person can tell whether it ran. */
  readonly mark: (name: string, options?: { readonly check?: boolean; readonly seconds?: number }) => unknown;
  /** What is wrong with these marks, as sentences: missing, changed twice, or begun again after the change. */
  readonly faultsOf: (names: readonly string[]) => Promise<readonly string[]>;
  /** What the script of a mark did, oldest first: `begun`, then `changed`, or `found` when it was there already. */
  readonly historyOf: (name: string) => Promise<readonly string[]>;
  /** Ends the script of a mark on the host, as a reboot of the host would. */
  readonly cutOff: (name: string) => Promise<void>;
  /** What the names of databases that steps make begin with; no other test's do. */
  readonly databasePrefix: string;
  readonly databases: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

// The second of two scripts that overlap finds the folder there, so it changes nothing; the log tells all of it.
const script = `#!/bin/sh
echo $$ >"$1.pid"
echo begun >>"$1.log"
sleep "$2"
if mkdir "$1" 2>/dev/null; then echo changed >>"$1.log"; else echo found >>"$1.log"; fi
`;

/** Starts the host; marks are made in `dir`. */
export async function startCrashWorld(dir: string, postgresUrl: string): Promise<CrashWorld> {
  const marks = join(dir, 'marks');
  const program = join(dir, 'mark.sh');
  await mkdir(marks, { recursive: true });
  await writeFile(program, script);
  await chmod(program, 0o755);
  const sshd = await startSshd({ dir: join(dir, 'sshd') });
  if (sshd === undefined) throw new Error('sshd is missing');
  const databasePrefix = `crash_${randomBytes(4).toString('hex')}_`;
  const historyOf = async (name: string) =>
    (await readFile(join(marks, `${name}.log`), 'utf8').catch(() => '')).split('\n').filter((line) => line);
  return {
    host: sshd.host,
    privateKey: sshd.host.privateKey.reveal(),
    postgresUrl,
    mark: (name, { check = true, seconds = 0.3 } = {}) => {
      const path = join(marks, name);
      return {
        uses: 'ssh/command',
        with: {
          host: 'app',
          run: [program, path, String(seconds)],
          ...(check ? { check: ['test', '-d', path] } : {}),
        },
      };
    },
    historyOf,
    cutOff: async (name) => {
      process.kill(Number(await readFile(join(marks, `${name}.pid`), 'utf8')), 'SIGKILL');
    },
    databasePrefix,
    faultsOf: async (names) => {
      const made = new Set(await readdir(marks));
      const faults: string[] = [];
      for (const name of names) {
        const lines = await historyOf(name);
        const changes = lines.filter((line) => line === 'changed').length;
        const late = lines.slice(lines.indexOf('changed')).includes('begun');
        if (!made.has(name)) faults.push(`${name} was not made: ${lines.join(', ')}`);
        else if (changes !== 1) faults.push(`${name} was changed ${changes} times: ${lines.join(', ')}`);
        else if (late) faults.push(`${name} was begun again after its change: ${lines.join(', ')}`);
      }
      return faults;
    },
    databases: () => databasesOf(postgresUrl, databasePrefix),
    stop: async () => {
      await sshd.stop();
      for (const name of await databasesOf(postgresUrl, databasePrefix)) {
        await query(postgresUrl, `drop database if exists ${name} with (force)`);
      }
    },
  };
}

async function databasesOf(url: string, prefix: string): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(
    url,
    'select datname as name from pg_database where starts_with(datname, $1::text) order by datname',
    [prefix],
  );
  return rows.map(({ name }) => name);
}

async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
