import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** Where the local Slack listens on 127.0.0.1; read for every connection, so it may be set after the gateway has started. */
export type Upstream = { readonly port: number };

export type UpstreamAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** Sends one request on to the local Slack and resolves with its whole answer; rejects when the connection breaks. */
export function forward(
  upstream: Upstream,
  from: { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders },
  body: Buffer,
): Promise<UpstreamAnswer> {
  const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = from.headers;
  const sized = { ...headers, host: `127.0.0.1:${upstream.port}`, 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: upstream.port,
        method: from.method,
        path: from.path,
        headers: sized,
        agent: false,
      },
      (answer) => {
        readBody(answer).then(
          (read) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: read }),
          reject,
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Reads a message's whole body. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
