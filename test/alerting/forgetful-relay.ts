import { once } from 'node:events';
import { createServer } from 'node:http';

/** A line to a server over HTTP that can lose answers: what was asked is done, and nobody hears of it. */
export interface ForgetfulRelay {
  readonly url: string;
  /** Requests so far, as `POST /api/v2/silences`. */
  readonly asked: readonly string[];
  /** Loses the answers to requests that begin so, until told otherwise. */
  readonly lose: (beginning: string | undefined) => void;
  readonly stop: () => Promise<void>;
}

/** Starts the line on loopback; `rewrite` may change what is answered to a GET of a path. */
export async function startForgetfulRelay(
  to: string,
  rewrite: (path: string, said: string) => string = (_, said) => said,
): Promise<ForgetfulRelay> {
  const asked: string[] = [];
  let lost: string | undefined;
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/' } = request;
    asked.push(`${method} ${url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const headers = { 'content-type': request.headers['content-type'] ?? 'text/plain' };
    const answer = await fetch(`${to}${url}`, { method, headers, ...body });
    const said = await answer.text();
    if (lost !== undefined && `${method} ${url}`.startsWith(lost)) {
      response.destroy();
      return;
    }
    const date = answer.headers.get('date') ?? '';
    response.writeHead(answer.status, { 'content-type': 'application/json', date });
    response.end(method === 'GET' ? rewrite(url, said) : said);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    asked,
    lose: (beginning) => {
      lost = beginning;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
