import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { startNameServer } from '../dns/name-server.ts';
import { type Elasticsearch, startElasticsearch } from '../elasticsearch/elasticsearch.ts';
import { makeDemoRepository } from '../git/demo-repository.ts';
import { type GitServer, startGitServer } from '../git/git-server.ts';
import { freePort } from './free-port.ts';
import { type OwnCertificate, ownCertificate, runs } from './own-certificate.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { type SoftFactoryApp, softFactoryApp } from './softfactory-app.ts';
import { type SshHost, startSshHost } from './ssh-host.ts';

interface WorldOptions {
  /** Where ports and Redis' data are kept, so that a later start is found at the same addresses. */
  readonly dir: string;
  /** A database of the application's own on any PostgreSQL server. */
  readonly postgresUrl: string;
  readonly version?: string;
  /** Where the rehearsal lies as JavaScript, when it is not run from there. */
  readonly compiled?: string;
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
  /** The address of the application's repository; undefined on a machine without git. */
  readonly repository: string | undefined;
  readonly site: WebSite;
  /** Host and port of the name server that knows the site's names. */
  readonly nameServer: string;
  /** Lets the site's names lead to another IPv4 address. */
  readonly pointNames: (address: string) => void;
  /** What the application signs with. */
  readonly secretKey: string;
  readonly stop: () => Promise<void>;
}

/** The web site that is to run on the host, with the ports of loopback that it gets there in place of 80 and 443. */
interface WebSite {
  readonly domain: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Undefined on a machine without openssl. */
  readonly own: OwnCertificate | undefined;
}

/** A name that nobody has (RFC 2606). */
const domain = 'softfactory.example';
const names = [domain, `www.${domain}`];

const Kept = z.object({
  appPort: z.int().default(0),
  n8nPort: z.int().default(0),
  redisPort: z.int().default(0),
  redisPassword: z.string().default(() => randomBytes(16).toString('hex')),
  elasticsearchPort: z.int().default(0),
  elasticsearchPassword: z.string().default(() => randomBytes(16).toString('hex')),
  gitPort: z.int().default(0),
  namePort: z.int().default(0),
  httpPort: z.int().default(0),
  httpsPort: z.int().default(0),
  secretKey: z.string().default(() => randomBytes(32).toString('hex')),
});

/** Starts everything on loopback, at the addresses of the last time where they are free. */
export async function startWorld({
  dir,
  postgresUrl,
  version = '1.0.0',
  ...options
}: WorldOptions): Promise<World> {
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
  const git = await repositoryServer(join(folder, 'git'), kept.gitPort);
  const addresses = Object.fromEntries(names.map((name) => [name, '127.0.0.1']));
  const dns = await startNameServer(addresses, kept.namePort);
  // Before the host boots, whose web server listens there again when the site is set up already.
  const httpPort = await freePort(kept.httpPort);
  const httpsPort = await freePort(kept.httpsPort);
  const own = await ownCertificate(join(folder, 'tls'), names);
  const ssh = await startSshHost({ dir: join(folder, 'host'), ...options });
  const now = {
    ...kept,
    appPort,
    n8nPort,
    httpPort,
    httpsPort,
    gitPort: git === undefined ? kept.gitPort : Number(new URL(git.url).port),
    namePort: Number(dns.address.split(':')[1]),
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
    repository: git && `${git.url}/softfactory.git`,
    site: { domain, httpPort, httpsPort, own },
    nameServer: dns.address,
    pointNames: (address) => {
      for (const name of names) addresses[name] = address;
    },
    secretKey: kept.secretKey,
    fail: app.fail,
    slow: app.slow,
    clear: app.clear,
    deployVersion: app.deployVersion,
    stop: async () => {
      await ssh.stop();
      await dns.stop();
      await git?.stop();
      await elasticsearch.stop();
      await redis?.stop();
      n8n.closeAllConnections();
      await new Promise((settle) => n8n.close(settle));
      await app.close();
    },
  };
}

/** Serves the application's repository; undefined where there is no git that can. */
async function repositoryServer(folder: string, port: number): Promise<GitServer | undefined> {
  if (!(await runs('git', 'version'))) return undefined;
  await makeDemoRepository(join(folder, 'softfactory.git'));
  return startGitServer({ folder, port: await freePort(port) });
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
