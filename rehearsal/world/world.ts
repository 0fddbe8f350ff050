import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Elasticsearch, startElasticsearch } from '../elasticsearch/elasticsearch.ts';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { type SoftFactoryApp, softFactoryApp } from './softfactory-app.ts';
import { type SshHost, startSshHost } from './ssh-host.ts';

interface WorldOptions {
  /** Where ports and Redis' data are kept, so that a later start is found at the same addresses. */
  readonly dir: string;
  /** A database of the application's own on any PostgreSQL server. */
  readonly postgresUrl: string;
  readonly version?: string;
}

/** The target system of a rehearsal: its addresses, and switches for what may go wrong. */
export interface World extends Pick<SoftFactoryApp, 'fail' | 'slow' | 'clear' | 'deployVersion'> {
  /** Without a slash at the end, as are the other addresses. */
  readonly appUrl: string;
  readonly n8nUrl: string;
  readonly postgresUrl: string;
  /** Undefined on a machine without redis-server. */
  readonly redis: RedisServer | undefined;
  readonly elasticsearch: Elasticsearch;
  readonly ssh: SshHost;
  /** What the application signs with. */
  readonly secretKey: string;
  readonly stop: () => Promise<void>;
}

const Kept = z.object({
  appPort: z.int().default(0),
  n8nPort: z.int().default(0),
  redisPort: z.int().default(0),
  redisPassword: z.string().default(() => randomBytes(16).toString('hex')),
  elasticsearchPort: z.int().default(0),
  elasticsearchPassword: z.string().default(() => randomBytes(16).toString('hex')),
  secretKey: z.string().default(() => randomBytes(32).toString('hex')),
});

/** Starts everything on loopback, at the addresses of the last time where they are free. */
export async function startWorld({ dir, postgresUrl, version = '1.0.0' }: WorldOptions): Promise<World> {
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'world.json');
  const kept = Kept.parse(existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {});
  const app = await softFactoryApp(postgresUrl, version);
  const n8n = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      '<!DOCTYPE html>\n<html lang="en"><head><title>n8n.io - Workflow Automation</title></head></html>\n',
    );
  });
  const appPort = await listen(app.server, kept.appPort);
  const n8nPort = await listen(n8n, kept.n8nPort);
  const redis = await startRedis({
    dir: join(folder, 'redis'),
    password: kept.redisPassword,
    port: kept.redisPort,
  });
  const plugins = join(folder, 'elasticsearch-plugins');
  await mkdir(join(plugins, 'analysis-nori'), { recursive: true });
  const elasticsearch = await startElasticsearch({
    password: kept.elasticsearchPassword,
    port: await freePort(kept.elasticsearchPort),
    pluginFolder: plugins,
  });
  const ssh = await startSshHost({ dir: join(folder, 'host') });
  const now = {
    ...kept,
    appPort,
    n8nPort,
    redisPort: redis?.port ?? kept.redisPort,
    elasticsearchPort: elasticsearch.port,
  };
  await writeFile(file, JSON.stringify(now), { mode: 0o600 });
  return {
    appUrl: `http://127.0.0.1:${appPort}`,
    n8nUrl: `http://127.0.0.1:${n8nPort}`,
    postgresUrl,
    redis,
    elasticsearch,
    ssh,
    secretKey: kept.secretKey,
    fail: app.fail,
    slow: app.slow,
    clear: app.clear,
    deployVersion: app.deployVersion,
    stop: async () => {
      await ssh.stop();
      await elasticsearch.stop();
      await redis?.stop();
      n8n.closeAllConnections();
      await new Promise((settle) => n8n.close(settle));
      await app.close();
    },
  };
}

async function listen(server: Server, wanted: number): Promise<number> {
  try {
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if (wanted === 0) throw error;
    return listen(server, 0);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}
