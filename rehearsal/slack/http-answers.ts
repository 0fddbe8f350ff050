import type { ServerResponse } from 'node:http';
import type { Refusal } from './contract.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** Sends JSON and gives back the error that it tells of, if any. */
export function sendJson(response: ServerResponse, status: number, body: unknown): string | undefined {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return error === undefined ? undefined : String(error);
}

/** Refuses as Slack does: HTTP 200 with `ok: false` for a method, HTTP 400 for a response address. */
export function sendRefusal(response: ServerResponse, method: string, { error, messages }: Refusal): string {
  const details = messages.length === 0 ? {} : { response_metadata: { messages } };
  sendJson(response, method === 'response_url' ? 400 : 200, { ok: false, error, ...details });
  return error;
}

/** Answers HTTP 429 with whole seconds in Retry-After (docs.slack.dev/apis/web-api/rate-limits). */
export function sendRateLimited(response: ServerResponse, seconds: number): string {
  response.setHeader('retry-after', String(seconds));
  sendJson(response, 429, { ok: false, error: 'ratelimited' });
  return 'ratelimited';
}

/** Passes an answer on as it came. */
export function sendRaw(response: ServerResponse, answer: UpstreamAnswer): void {
  const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = answer.headers;
  response.writeHead(answer.status, headers).end(answer.body);
}
