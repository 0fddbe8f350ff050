import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { migrate } from '../../src/store/migrate.ts';
import { formatProblems } from '../../src/yaml-file.ts';
import { startWorkspace, type Workspace } from '../slack/workspace.ts';
import { startWorld, type World } from '../world/world.ts';
import { forgetMessages } from './forget-messages.ts';
import { writeInstallation } from './installation.ts';
import { missingParts, type Part } from './parts.ts';
import { startReleaseServer } from './release-server.ts';
import { secretsOf, variablesOf } from './surroundings.ts';

/** A whole Slipway with everything around it, on this machine alone. */
export interface Demo {
  readonly workspace: Workspace;
  readonly world: World;
  /** Slipway's own database. */
  readonly pool: pg.Pool;
  /** What this machine lacks, so that its steps are left out. */
  readonly missing: readonly Part[];
  readonly stop: () => Promise<void>;
}

interface DemoOptions {
  /** Where everything is kept for the next start. */
  readonly dir: string;
  /** The port of Slack's page; any free one when left out. */
  readonly port?: number;
  /** How to start the local Slack where it is not installed for this platform. */
  readonly slackCommand?: readonly string[];
  readonly log: Logger;
}

/**
 * Starts PostgreSQL, the target system, the local Slack behind its strict gateway and the bot, in this order; when one fails,
 * what was started is stopped. Throws LocalSlackMissing, and a Failure as `openApp` does.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { port, slackCommand, log } = options;
  const dir = resolve(options.dir);
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) {
      await close().catch((error: unknown) => log.error({ error }, 'not closed'));
    }
  };
  try {
    await mkdir(dir, { recursive: true });
    const postgres = await startEmbeddedPostgres({
      dir: join(dir, 'postgres'),
      databases: ['slipway', 'softfactory'],
    });
    closers.push(() => postgres.stop());
    const pool = new pg.Pool({ connectionString: postgres.urlOf('slipway'), max: 2 });
    closers.push(() => pool.end());
    pool.on('error', (error) => log.warn({ error: error.message }, 'database connection lost'));
    await migrate(pool);

    const world = await startWorld({ dir: join(dir, 'world'), postgresUrl: postgres.urlOf('softfactory') });
    closers.push(() => world.stop());
    const releases = await startReleaseServer(world, join(dir, 'world/release.json'));
    closers.push(() => releases.stop());

    const workspace = await startWorkspace({
      dir: join(dir, 'slack'),
      limits: 'slack',
      isWatched: true,
      ...(port === undefined ? {} : { port }),
      ...(slackCommand === undefined ? {} : { command: slackCommand }),
    });
    closers.push(() => workspace.stop());
    await forgetMessages(pool);

    const missing = missingParts(world);
    const variables = { ...variablesOf(world), RELEASES_URL: releases.url };
    const file = await writeInstallation({ dir, variables, host: world.ssh.host, missing });
    const loaded = await loadConfig({
      file,
      env: {
        ...workspace.env,
        ...secretsOf(world, postgres.url),
        DATABASE_URL: postgres.url,
        SLIPWAY_DATA_DIR: dir,
      },
    });
    if ('problems' in loaded) throw new Error(formatProblems(loaded.problems));
    const app = await openApp(loaded.config, { bot: true }, log);
    closers.push(() => app.close());
    return { workspace, world, pool, missing, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
