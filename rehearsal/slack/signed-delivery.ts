import type { IncomingHttpHeaders } from 'node:http';
import { parseJson, type WebApiCall } from './web-api-call.ts';

export type SignedAnswer = { readonly status: number; readonly body: string };

const signedHeaders = ['content-type', 'x-slack-signature', 'x-slack-request-timestamp'];

/**
 * Passes a signed request on to the bot unchanged and resolves with its answer; rejects when nobody listens there.
 * Source: docs.slack.dev/authentication/verifying-requests-from-slack
 */
export async function deliverSigned(
  address: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<SignedAnswer> {
  const kept = signedHeaders.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const answer = await fetch(address, {
    method: 'POST',
    headers: Object.fromEntries(kept),
    body: new Uint8Array(body),
  });
  return { status: answer.status, body: await answer.text() };
}

/** The acknowledgement in the body of a bot's answer, as a call for the contract to check; undefined for an empty one. */
export function acknowledgement({ body }: SignedAnswer): WebApiCall | undefined {
  if (body === '') return undefined;
  const parsed = parseJson(body);
  const args = typeof parsed === 'object' && parsed !== null ? { ...parsed } : { text: body };
  return { method: 'ack', args, token: undefined, unreadable: [] };
}
