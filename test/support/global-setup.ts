import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's URL of the cluster that all test files of one run share. */
    postgresUrl: string;
  }
}

/** Starts one PostgreSQL cluster for the whole run and removes it afterwards; `testDatabase` makes databases in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-tests-'));
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  };
  const cluster = await startEmbeddedPostgres({ dir, settings });
  project.provide('postgresUrl', cluster.url);
  return async () => {
    await cluster.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
