import { createServer } from 'node:net';

/** A port on loopback that was free a moment ago: the wanted one, else any; for servers that cannot be asked to choose one. */
export async function freePort(wanted = 0): Promise<number> {
  return (await probe(wanted)) ?? (await probe(0)) ?? wanted;
}

function probe(port: number): Promise<number | undefined> {
  return new Promise((settle) => {
    const server = createServer().once('error', () => settle(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(address && typeof address === 'object' ? address.port : undefined));
    });
  });
}
