import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { answering, siteFor } from './answers.ts';
import { listens, quit } from './messages.ts';
import { readSites, type Site } from './sites.ts';

/**
 * Plays nginx's worker process: reads the configuration, listens where its sites say, shakes hands with the certificate of the one
 * that is asked for, and redirects or passes requests on; `quit` lets it finish what it has begun.
 */
process.title = 'nginx: worker process';

const [root = '', path = ''] = process.argv.slice(2);
const servers: Server[] = [];

process.on('message', (message) => {
  if (message === quit) end();
});
process.on('disconnect', () => process.exit());
try {
  await listen(readSites(root, path).sites);
  process.send?.(listens);
} catch (error) {
  const said = error instanceof Error ? error.message : String(error);
  process.send?.(said, () => process.exit(1));
}

async function listen(sites: readonly Site[]): Promise<void> {
  const places = sites
    .flatMap((site) => site.listens)
    .map((one) => [`${one.address}:${one.port}`, one] as const);
  for (const { address, port } of new Map(places).values()) {
    const here = sites.filter((site) =>
      site.listens.some((one) => one.address === address && one.port === port),
    );
    const server = serverFor(here);
    server.listen(port, address);
    await once(server, 'listening');
    servers.push(server);
  }
}

function serverFor(here: readonly Site[]): Server {
  const [first] = here.flatMap(({ tls }) => tls ?? []);
  if (!first) return createServer(answering(here));
  const contexts = new Map(here.map((site) => [site, createSecureContext(site.tls ?? first)]));
  const server = createTlsServer(
    {
      ...first,
      SNICallback: (name, done) => {
        const site = siteFor(here, name);
        done(null, site && contexts.get(site));
      },
    },
    answering(here),
  );
  return server.on('tlsClientError', () => {});
}

function end(): void {
  let left = servers.length;
  if (left === 0) process.exit();
  for (const server of servers) {
    server.close(() => {
      left -= 1;
      if (left === 0) process.exit();
    });
    server.closeIdleConnections();
  }
  // Clients that keep their connections busy are cut after a while.
  setTimeout(() => process.exit(), 2_000).unref();
}
