import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../rehearsal/slack/workspace.ts';
import { type App, openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

/** A whole Slipway for a test: a workspace behind the strict gateway, a database, and the bot in this process. */
export interface Slipway {
  readonly workspace: Workspace;
  readonly people: Workspace['people'];
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
  readonly dir: string;
  /** The environment variables with which another process would be the same installation. */
  readonly env: Readonly<Record<string, string>>;
  readonly writePlan: (plan: unknown) => Promise<void>;
  /** Stops the bot and starts it again, as after a restart; `change` edits its environment variables. */
  readonly restart: (change?: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface SlipwayOptions {
  readonly plan: unknown;
  readonly variables?: Readonly<Record<string, string>>;
  /** Names of secrets to their values. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly hosts?: unknown;
  /** Where the environment's versions are kept. */
  readonly source?: unknown;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** The section `alerts` of slipway.yaml. */
  readonly alerts?: unknown;
  /** The section `incidents` of slipway.yaml. */
  readonly incidents?: unknown;
  /** The texts of runbooks by their names. */
  readonly runbooks?: Readonly<Record<string, string>>;
  readonly selfApproval?: boolean;
  readonly redisUrl?: string;
  readonly lease?: string;
  readonly workspace?: Partial<WorkspaceOptions>;
  /** Whether the bot runs in this process; a test that kills it starts its own. */
  readonly inProcess?: boolean;
}

/** The rehearsal workspace's channel in which the environment production is shown. */
export const channel = 'production';

/** Starts everything and waits until the bot is connected. */
export async function startSlipway(options: SlipwayOptions): Promise<Slipway> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
  const database = await testDatabase();
  const workspace = await startWorkspace({ dir: join(dir, 'slack'), ...options.workspace });
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  pool.on('error', () => undefined);
  const writePlan = async (plan: unknown) =>
    writeFile(join(dir, 'runbooks/deploy/test.yaml'), stringify(plan));
  await mkdir(join(dir, 'runbooks/deploy'), { recursive: true });
  await writePlan(options.plan);
  await mkdir(join(dir, 'runbooks/incidents'), { recursive: true });
  for (const [name, text] of Object.entries(options.runbooks ?? {})) {
    await writeFile(join(dir, `runbooks/incidents/${name}.md`), text);
  }
  await writeFile(join(dir, 'slipway.yaml'), stringify(configOf(options)));
  const secrets = Object.entries(options.secrets ?? {}).map(([name, value]) => [`TEST_${name}`, value]);
  const env: Record<string, string> = {
    ...workspace.env,
    ...Object.fromEntries(secrets),
    DATABASE_URL: database.url,
    SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
    SLIPWAY_DATA_DIR: join(dir, 'data'),
    LOG_LEVEL: process.env.TEST_LOG ?? 'fatal',
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  };
  let app: App | undefined;
  const open = async () => {
    const loaded = await loadConfig({ env });
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    app = await openApp(loaded.config, { bot: true }, pino({ level: env.LOG_LEVEL ?? 'fatal' }));
  };
  if (options.inProcess ?? true) await open();
  return {
    workspace,
    people: workspace.people,
    database,
    pool,
    dir,
    env,
    writePlan,
    restart: async (change = {}) => {
      await app?.close();
      Object.assign(env, change);
      await open();
    },
    stop: async () => {
      await app?.close();
      await workspace.stop();
      await pool.end();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function configOf(options: SlipwayOptions): unknown {
  const secrets = Object.keys(options.secrets ?? {}).map((name) => [name, { env: `TEST_${name}` }]);
  return {
    groups: options.groups ?? {
      deployers: ['U0ALICE'],
      approvers: ['U0BOB', 'U0ALICE'],
      oncall: ['U0CAROL'],
    },
    workers: { concurrency: 4, lease: options.lease ?? '5s' },
    ...(options.alerts === undefined ? {} : { alerts: options.alerts }),
    ...(options.incidents === undefined ? {} : { incidents: options.incidents }),
    environments: {
      production: {
        channel: 'C0PRODUCTION',
        plan: 'test',
        may: {
          deploy: ['deployers'],
          rollback: ['deployers', 'oncall'],
          lock: ['deployers', 'oncall', 'approvers'],
        },
        selfApproval: options.selfApproval ?? false,
        variables: options.variables ?? {},
        secrets: Object.fromEntries(secrets),
        ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
        ...(options.source === undefined ? {} : { source: options.source }),
      },
    },
  };
}
