import { connect, createServer, type Socket } from 'node:net';

/** A line between Slipway and a server that can be cut and mended again. */
export interface Relay {
  /** The address with the relay's port instead of the server's. */
  readonly url: string;
  readonly cut: () => void;
  readonly mend: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts a relay on loopback before the server of this address. */
export async function startRelay(url: string): Promise<Relay> {
  const to = new URL(url);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(to.port), to.hostname);
    for (const [from, onto] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.pipe(onto);
      from.on('error', () => onto.destroy());
      from.on('close', () => {
        open.delete(from);
        onto.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const through = new URL(url);
  through.port = String(typeof address === 'object' ? address?.port : '');
  through.hostname = '127.0.0.1';
  const breakAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url: through.href,
    cut: () => {
      isCut = true;
      breakAll();
    },
    mend: () => {
      isCut = false;
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      breakAll();
      await closed;
    },
  };
}
