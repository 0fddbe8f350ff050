import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Contract } from './contract.ts';
import { homeClick } from './home-clicks.ts';
import { frameReader, textFrame } from './socket-frames.ts';
import type { Upstream } from './upstream.ts';
import { parseJson, type WebApiCall } from './web-api-call.ts';

type Refuse = (call: WebApiCall) => ReturnType<Contract['check']>;

const headEnd = Buffer.from('\r\n\r\n');
const rememberedEnvelopes = 1000;

/**
 * Relays Socket Mode connections to the local Slack. Each envelope reaches one of the open connections, in turn, where the
 * emulator would send it to all; an acknowledgement whose content `refuse` refuses is not delivered, so that the person
 * sees a failure as in Slack. Source: docs.slack.dev/apis/events-api/using-socket-mode#connections
 */
export function socketModeRelay(upstream: Upstream, refuse: Refuse) {
  const open: Socket[] = [];
  const chosen = new Map<string, Socket | undefined>();
  let turn = 0;

  function isFor(envelope: string, connection: Socket): boolean {
    if (!chosen.has(envelope)) {
      chosen.set(envelope, open[turn % open.length]);
      turn += 1;
      const [oldest] = chosen.keys();
      if (chosen.size > rememberedEnvelopes && oldest !== undefined) chosen.delete(oldest);
    }
    return chosen.get(envelope) === connection;
  }

  function close(connection: Socket): void {
    const index = open.indexOf(connection);
    if (index >= 0) open.splice(index, 1);
  }

  return function relay(message: IncomingMessage, path: string, client: Socket, head: Buffer): void {
    const server = connect(upstream.port, '127.0.0.1');
    client.on('error', () => server.destroy());
    // A server's sockets stay half open by default, and a killed client would be chosen for ever.
    client.on('end', () => client.destroy());
    client.on('close', () => {
      close(client);
      server.destroy();
    });
    server.on('error', () => client.destroy());
    // The last frame, which says goodbye, is still on its way to the client.
    server.on('close', () => client.end());
    server.write(requestHead(message, path));

    const fromClient = frameReader();
    const onClientBytes = (bytes: Buffer): void => {
      for (const { raw, text } of fromClient(bytes)) {
        const sent = read(text);
        const args = typeof sent.payload === 'string' ? { text: sent.payload } : sent.payload;
        const isAck = typeof sent.envelope_id === 'string' && typeof args === 'object' && args !== null;
        if (isAck && refuse({ method: 'ack', args: { ...args }, token: undefined, unreadable: [] })) continue;
        server.write(raw);
      }
    };

    const fromServer = frameReader();
    let beforeFrames: Buffer | undefined = Buffer.alloc(0);
    const onServerBytes = (bytes: Buffer): void => {
      let frames = bytes;
      if (beforeFrames !== undefined) {
        beforeFrames = Buffer.concat([beforeFrames, bytes]);
        const end = beforeFrames.indexOf(headEnd);
        if (end < 0) return;
        client.write(beforeFrames.subarray(0, end + headEnd.length));
        frames = beforeFrames.subarray(end + headEnd.length);
        beforeFrames = undefined;
      }
      for (const { raw, text } of fromServer(frames)) {
        const sent = read(text);
        // A client that was killed while it connected has already been closed.
        if (sent.type === 'hello' && !client.destroyed) open.push(client);
        if (typeof sent.envelope_id === 'string' && !isFor(sent.envelope_id, client)) continue;
        const click = homeClick(sent);
        client.write(click === undefined ? raw : textFrame(JSON.stringify(click)));
      }
    };

    client.on('data', onClientBytes);
    server.on('data', onServerBytes);
    if (head.length > 0) onClientBytes(head);
  };
}

function read(text: string | undefined): Record<string, unknown> {
  const parsed = text === undefined ? undefined : parseJson(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

function requestHead(message: IncomingMessage, path: string): string {
  const lines = [`${message.method ?? 'GET'} ${path} HTTP/1.1`];
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index] ?? '';
    // A compressed frame could not be read here.
    if (name.toLowerCase() === 'sec-websocket-extensions') continue;
    lines.push(`${name}: ${message.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
