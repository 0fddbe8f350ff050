import type { IncomingHttpHeaders } from 'node:http';

/** One call of the Web API with its arguments decoded; `unreadable` names the arguments that should be JSON and are not. */
export type WebApiCall = {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
  readonly unreadable: readonly string[];
};

const jsonArguments = new Set(['blocks', 'attachments', 'view', 'metadata', 'files']);

/**
 * Decodes a call sent as a form or as JSON, where structured arguments may be JSON strings; never throws, a body that
 * cannot be read is named in `unreadable`. Source: docs.slack.dev/apis/web-api#basics
 */
export function readWebApiCall(
  method: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
  body: Buffer,
): WebApiCall {
  const args: Record<string, unknown> = Object.fromEntries(query);
  const unreadable: string[] = [];
  if (headers['content-type']?.includes('application/json') === true) {
    const parsed = parseJson(body.toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) Object.assign(args, parsed);
    else unreadable.push('body');
  } else {
    Object.assign(args, Object.fromEntries(new URLSearchParams(body.toString('utf8'))));
  }
  for (const name of jsonArguments) {
    const value = args[name];
    if (typeof value !== 'string') continue;
    const parsed = parseJson(value);
    if (parsed === undefined) unreadable.push(name);
    else args[name] = parsed;
  }
  const { token: inBody, ...rest } = args;
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  const token = bearer ?? (typeof inBody === 'string' ? inBody : undefined);
  return { method, args: rest, token, unreadable };
}

/** Parses JSON and answers undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
