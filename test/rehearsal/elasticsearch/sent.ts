import type { Elasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';

/** Sends a request as it is and gives status, headers and body. */
export async function sent(
  server: Elasticsearch,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const { origin, username, password } = new URL(server.url);
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  const answer: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, answer };
}
