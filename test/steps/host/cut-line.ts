import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Host } from '../../../src/steps/step.ts';

/** A line to a host's SSH server that can be cut, or made to carry nothing any more, in the middle of what it carries. */
export interface CutLine {
  /** The host as it is reached through the line. */
  readonly through: (host: Host) => Host;
  /** Mends the line; from now on it is cut when so many bytes have gone to the host, over all connections. */
  readonly cutAfter: (bytes: number) => void;
  /** As `cutAfter`, but the connections stay open and silent. */
  readonly silenceAfter: (bytes: number) => void;
  readonly cut: () => void;
  /** How many bytes have gone to the host since the line was mended. */
  readonly carried: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts a line on loopback to port 22 of an address. */
export async function startCutLine(address: string): Promise<CutLine> {
  const open = new Set<Socket>();
  let carried = 0;
  let most = Number.POSITIVE_INFINITY;
  let isSilent = false;
  const cut = () => {
    most = 0;
    for (const socket of open) socket.resetAndDestroy();
  };
  const mend = (bytes: number, silent: boolean) => {
    carried = 0;
    most = bytes;
    isSilent = silent;
  };
  const server = createServer((client) => {
    if (carried >= most && !isSilent) {
      client.resetAndDestroy();
      return;
    }
    const host = connect(22, address);
    for (const [socket, other] of [
      [client, host],
      [host, client],
    ] as const) {
      open.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          open.delete(socket);
          other.destroy();
        });
    }
    client.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, Math.max(0, most - carried));
      carried += part.length;
      if (part.length === chunk.length) host.write(chunk);
      else if (isSilent) host.write(part);
      else host.write(part, cut);
    });
    host.on('data', (chunk: Buffer) => {
      if (!isSilent || carried < most) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = server.address();
  const port = typeof own === 'object' ? (own?.port ?? 0) : 0;
  return {
    through: (host) => ({ ...host, address: '127.0.0.1', port }),
    cutAfter: (bytes) => mend(bytes, false),
    silenceAfter: (bytes) => mend(bytes, true),
    cut,
    carried: () => carried,
    stop: async () => {
      cut();
      await new Promise((settle) => server.close(settle));
    },
  };
}
