import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Takes a name for this process among all processes of the machine; gives the way to give it back, or undefined when another
 * has it. The kernel gives it back when the process ends, however it ends: the name is that of an abstract socket (unix(7)).
 */
export async function claim(name: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(`\0slipway-${name}`);
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  server.unref();
  return () => new Promise((settle) => server.close(() => settle()));
}
