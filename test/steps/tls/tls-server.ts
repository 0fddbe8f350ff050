import { once } from 'node:events';
import { createServer, type TlsOptions } from 'node:tls';

/** A TLS server on loopback that greets and says nothing more. */
export async function startTlsServer(
  options: TlsOptions,
): Promise<{ address: string; close: () => Promise<void> }> {
  const server = createServer(options, (socket) => void socket.on('error', () => {}));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const port = at !== null && typeof at === 'object' ? at.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    close: () => new Promise((settle) => server.close(() => settle())),
  };
}
