import { createServer } from 'node:net';

/** A port on loopback that was free a moment ago, for servers that cannot be asked to choose one. */
export function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? settle(address.port) : fail()));
    });
  });
}
