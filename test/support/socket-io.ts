import { once } from 'node:events';
import { WebSocket } from 'undici';

/** A socket.io client over a WebSocket of its own, connected to one namespace. */
export interface SocketIoClient {
  /** Waits for an event of that name, now or before; gives its first argument. */
  readonly event: (name: string) => Promise<unknown>;
  readonly emit: (name: string, data: unknown) => void;
  readonly close: () => Promise<void>;
}

interface SocketIoOptions {
  /** The origin that a browser would name. */
  readonly origin?: string;
  /** Whether it begins by polling and then changes over, as browsers do. */
  readonly polls?: boolean;
}

/**
 * Connects to a namespace of a socket.io server by its protocol of version 5 over engine.io 4
 * (socket.io/docs/v4/socket-io-protocol); rejects with what the server says when it refuses.
 */
export async function connectSocketIo(
  url: string,
  namespace: string,
  { origin, polls = false }: SocketIoOptions = {},
): Promise<SocketIoClient> {
  const address = new URL('/socket.io/?EIO=4', url);
  const headers = origin === undefined ? {} : { origin };
  if (polls) {
    const answer = await fetch(`${address}&transport=polling`, { headers });
    const open = await answer.text();
    if (!answer.ok) throw new Error(`polling was answered with ${answer.status}: ${open}`);
    address.searchParams.set('sid', JSON.parse(open.slice(1)).sid);
  }
  address.searchParams.set('transport', 'websocket');
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address, { headers });
  const packets: string[] = [];
  const arrivals = new EventTarget();
  let ended: string | undefined;
  const arrived = () => void arrivals.dispatchEvent(new Event('packet'));
  socket.addEventListener('message', ({ data }) => {
    // A ping of engine.io, which wants a pong.
    if (data === '2') return socket.send('3');
    packets.push(String(data));
    arrived();
  });
  socket.addEventListener('error', ({ error }) => {
    ended ??= String(error);
    arrived();
  });
  socket.addEventListener('close', ({ code }) => {
    ended ??= `closed with ${code}`;
    arrived();
  });
  const packet = async (...starts: readonly string[]): Promise<string> => {
    for (const limit = AbortSignal.timeout(10_000); ; ) {
      const found = packets.find((one) => starts.some((start) => one.startsWith(start)));
      if (found !== undefined) return found;
      if (ended !== undefined) throw new Error(ended);
      await once(arrivals, 'packet', { signal: limit });
    }
  };
  const prefix = `${namespace},`;
  try {
    if (polls) {
      await once(socket, 'open', { signal: AbortSignal.timeout(10_000) });
      socket.send('2probe');
      await packet('3probe');
      socket.send('5');
    } else {
      await packet('0');
    }
    socket.send(`40${prefix}`);
    const answer = await packet(`40${prefix}`, `44${prefix}`);
    if (answer.startsWith('44')) throw new Error(answer.slice(2 + prefix.length));
  } catch (error) {
    socket.close();
    throw error;
  }
  return {
    event: async (name) => {
      const start = `42${prefix}["${name}"`;
      const [, data] = JSON.parse((await packet(start)).slice(2 + prefix.length));
      return data;
    },
    emit: (name, data) => socket.send(`42${prefix}${JSON.stringify([name, data])}`),
    close: async () => {
      if (ended !== undefined) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
