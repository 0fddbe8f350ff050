import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { compileSlipway, type Ending, type SlipwayProcess, startProcess } from '../support/processes.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { type CrashWorld, startCrashWorld } from './crash-world.ts';

/** A place for crashes: a workspace with a channel for each environment, a world, and the processes that are killed. */
export interface CrashSite {
  readonly slipway: Slipway;
  readonly world: CrashWorld;
  /** Names of the environments; each has a channel of the same name. */
  readonly environments: readonly string[];
  /** The channels' ids, in the order of the environments. */
  readonly channels: readonly string[];
  readonly processes: readonly Keeper[];
  readonly stop: () => Promise<void>;
}

/** Keeps one process of the installation going: what is killed here is started again at once. */
export interface Keeper {
  readonly name: string;
  readonly current: () => SlipwayProcess;
  /** Kills it, starts it again, and returns how the old one ended. */
  readonly restart: (signal: NodeJS.Signals) => Promise<Ending>;
  /** Endings that no test asked for, with what was said last. */
  readonly crashes: readonly string[];
}

/** How many runs go on at the same time in the long ordeals, each in an environment of its own. */
export const atOnce = 5;

export interface CrashSiteOptions {
  readonly environments?: number;
  readonly redisUrl?: string;
  /** Where Slipway keeps its record and its queue; a database of the shared cluster unless given. */
  readonly databaseUrl?: string;
  readonly plan: (world: CrashWorld) => unknown;
  /** Whether phases are also run by a second process. */
  readonly workers?: boolean;
}

/** Compiles Slipway and starts everything around it, then the processes. */
export async function startCrashSite(options: CrashSiteOptions): Promise<CrashSite> {
  const { redisUrl, databaseUrl, workers = true } = options;
  const environments = Array.from({ length: options.environments ?? 1 }, (_, index) => `site-${index + 1}`);
  const members = ['U0SLIPWAY', 'U0ALICE', 'U0BOB', 'U0CAROL'];
  const channels = environments.map((name, index) => ({ id: channelId(index), name, members }));
  const slipway = await startSlipway({
    plan: {},
    inProcess: false,
    workspace: { channels },
    ...(redisUrl === undefined ? {} : { redisUrl }),
  });
  const world = await startCrashWorld(slipway.dir, slipway.database.url);
  await slipway.writePlan(options.plan(world));
  await writeFile(join(slipway.dir, 'slipway.yaml'), stringify(configOf(environments, world)));
  const main = await compileSlipway(slipway.dir);
  const env = {
    ...slipway.env,
    TEST_SSH_KEY: world.privateKey,
    TEST_WORLD_URL: world.postgresUrl,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  };
  const bot = keep('bot', () => startProcess(main, env));
  await bot.current().ready;
  const more = workers ? [keep('workers', () => startProcess(main, env, ['--workers-only']))] : [];
  const processes = [bot, ...more];
  // What goes wrong from here on is to strike processes that run, not one that is still starting.
  await Promise.all(more.map((keeper) => keeper.current().ready));
  return {
    slipway,
    world,
    environments,
    channels: channels.map(({ id }) => id),
    processes,
    stop: async () => {
      await Promise.all(processes.map((keeper) => keeper.current().kill('SIGKILL')));
      await world.stop();
      await slipway.stop();
    },
  };
}

function channelId(index: number): string {
  return `C0SITE${index + 1}`;
}

function keep(name: string, start: () => SlipwayProcess): Keeper {
  const crashes: string[] = [];
  const watched = (): SlipwayProcess => {
    const started = start();
    void started.ended.then(({ wanted, code, signal }) => {
      if (!wanted) crashes.push(`${name} ended by itself (${code ?? signal}): ${started.said()}`);
    });
    return started;
  };
  let current = watched();
  return {
    name,
    crashes,
    current: () => current,
    restart: async (signal) => {
      const ending = await current.kill(signal);
      current = watched();
      return ending;
    },
  };
}

function configOf(environments: readonly string[], { host }: CrashWorld): unknown {
  const { address, port, user, hostKey } = host;
  const production = {
    plan: 'test',
    may: { deploy: ['deployers'], rollback: ['deployers'], lock: ['deployers'] },
    secrets: { WORLD_URL: { env: 'TEST_WORLD_URL' } },
    hosts: { app: { address, port, user, hostKey, privateKey: { env: 'TEST_SSH_KEY' } } },
  };
  return {
    groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0CAROL'] },
    workers: { concurrency: 10, lease: '1s' },
    environments: Object.fromEntries(
      environments.map((name, index) => [name, { ...production, channel: channelId(index) }]),
    ),
  };
}
