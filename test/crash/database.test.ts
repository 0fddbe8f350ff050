import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { describeWith } from '../support/parts.ts';
import { chance, crashRuns, freshSeed } from './chance.ts';
import { crashPlan } from './crash-plan.ts';
import { atOnce, startCrashSite } from './crash-site.ts';
import { endure } from './ordeal.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-crash-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Ends the server as a lost power cord would: nothing is flushed, no session is told. */
async function killServer(dir: string): Promise<void> {
  const [pid] = (await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');
}

describeWith(['local-slack', 'sshd'], 'a record that goes away in mid-run', () => {
  test.each(['stopped', 'killed'] as const)(
    'with PostgreSQL %s and started again the same processes go on',
    { timeout: 1_200_000 },
    async (how) => {
      const seed = freshSeed();
      const random = chance(seed);
      const dir = await folder();
      let server = await startEmbeddedPostgres({ dir, databases: ['slipway'] });
      closers.push(() => server.stop());
      const { port, url } = server;
      const site = await startCrashSite({ environments: atOnce, databaseUrl: url, plan: crashPlan });
      closers.push(() => site.stop());
      const pool = new pg.Pool({ connectionString: url, max: 2 });
      pool.on('error', () => undefined);
      closers.push(() => pool.end());
      const pids = site.processes.map((keeper) => keeper.current().pid);

      const faults = await endure(site, {
        runs: Math.ceil(crashRuns() / 5),
        random,
        pool,
        troubles: [
          {
            least: 2_000,
            most: 8_000,
            strike: async () => {
              if (how === 'killed') await killServer(dir);
              await server.stop();
              await sleep(random() * 3_000);
              server = await startEmbeddedPostgres({ dir, port, databases: ['slipway'] });
            },
          },
        ],
      });

      expect(faults, `with SLIPWAY_CRASH_SEED=${seed}`).toEqual([]);
      expect(site.processes.map((keeper) => keeper.current().pid)).toEqual(pids);
    },
  );
});
