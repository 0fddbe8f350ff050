import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal, Secret } from '../../secret.ts';
import { asFailure } from '../failures.ts';
import { hidden, revealed, secretsIn } from '../hidden.ts';
import { defineStep, type Evidence, type StepContext, satisfied, Text, unsatisfied } from '../step.ts';
import { type HttpAnswer, HttpExpectation, mismatches } from './http-expectation.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const With = z.strictObject({
  method: z.enum(methods).default('GET'),
  url: Text,
  headers: z.record(z.string(), Text).default({}),
  address: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .meta({ description: 'the IP address to connect to, whatever the name resolves to' }),
  json: z.unknown().optional(),
  text: Text.optional(),
  expect: HttpExpectation.prefault({}),
  follow: z.boolean().default(false).meta({ description: 'whether redirects are followed' }),
  ca: Text.optional().meta({ description: 'the PEM certificates to trust instead of the public ones' }),
  safe: z
    .boolean()
    .default(false)
    .meta({ description: 'whether a method other than GET and HEAD changes nothing and so may be a check' }),
});
type With = z.output<typeof With>;

/** More than this of a body is not read. */
const readAtMost = 1_048_576;
const shownAtMost = 2_048;

/**
 * An HTTP request is answered as expected. What may change something (any method but GET and HEAD, unless it is said to be `safe`)
 * is never sent by a check: `apply` sends it, and its expectation is judged there.
 */
export const httpRequest = defineStep({
  uses: 'http/request',
  summary: 'An HTTP request is answered as expected.',
  with: With,
  timeout: '30s',
  canApply: mayChange,
  check: async (wanted, context) => {
    if (mayChange(wanted)) {
      return { is: 'unknown', because: `Only sending the ${wanted.method} can tell.`, evidence: [] };
    }
    const { because, evidence } = await asked(wanted, context);
    return because === undefined ? satisfied(evidence) : unsatisfied(because, evidence);
  },
  apply: async (wanted, context) => {
    const { because, evidence } = await asked(wanted, context);
    if (because !== undefined) throw new Failure('not-satisfied', because);
    return { evidence: [evidence] };
  },
});

function mayChange({ method, safe }: With): boolean {
  return !safe && method !== 'GET' && method !== 'HEAD';
}

async function asked(
  wanted: With,
  { signal }: StepContext,
): Promise<{ because?: string; evidence: Evidence }> {
  const url = parsed(wanted.url);
  const secrets = secretsIn(wanted);
  const shownUrl = hidden(wanted.url instanceof Secret ? `${url.origin}/…` : shown(url), secrets);
  const where = `${wanted.method} ${shownUrl}`;
  let answer: HttpAnswer;
  try {
    answer = await send(wanted, url, signal);
  } catch (error) {
    throw asFailure(error, where, signal);
  }
  const evidence = {
    asked: where,
    of: wanted.address === undefined ? url.host : `${url.host} at ${wanted.address}`,
    answered: hidden(`${answer.status}, ${answer.latency} ms\n${answer.body.slice(0, shownAtMost)}`, secrets),
  };
  const wrong = mismatches(wanted.expect, answer);
  if (wrong.length === 0) return { evidence };
  return { because: hidden(`${where} gave ${wrong.join(', ')}.`, secrets), evidence };
}

async function send(wanted: With, first: URL, signal: AbortSignal): Promise<HttpAnswer> {
  const began = performance.now();
  let url = first;
  let headers = headersOf(wanted);
  let body =
    wanted.json === undefined ? wanted.text && reveal(wanted.text) : JSON.stringify(revealed(wanted.json));
  let method: string = wanted.method;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await exchange({
      method,
      url,
      headers,
      body,
      ca: wanted.ca && reveal(wanted.ca),
      // A redirect to somewhere else is not answered by the same machine.
      address: url.hostname === first.hostname ? wanted.address : undefined,
      signal,
    });
    const location = answer.headers.location;
    const redirected =
      wanted.follow && [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
    if (!redirected || redirects === 5) return { ...answer, latency: Math.round(performance.now() - began) };
    const next = new URL(location, url);
    // The rules of https://fetch.spec.whatwg.org/#http-redirect-fetch: no body after 303, no credentials to another origin.
    if (answer.status === 303 || (answer.status < 303 && method === 'POST'))
      [method, body] = ['GET', undefined];
    if (next.origin !== url.origin) headers = { accept: headers.accept ?? '*/*' };
    url = next;
  }
}

function headersOf({ headers, json }: With): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), reveal(value)]);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  return { accept: '*/*', 'user-agent': 'slipway', ...type, ...Object.fromEntries(given) };
}

interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly ca: string | undefined;
  readonly address: string | undefined;
  readonly signal: AbortSignal;
}

function exchange({
  method,
  url,
  headers,
  body,
  ca,
  address,
  signal,
}: Exchange): Promise<Omit<HttpAnswer, 'latency'>> {
  return new Promise((settle, fail) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const credentials =
      url.username === ''
        ? {}
        : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` };
    const lookup = address === undefined ? {} : { lookup: alwaysTo(address) };
    const options = {
      method,
      signal,
      agent: false,
      headers: { ...headers, ...length },
      ...credentials,
      ...lookup,
    };
    const request =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, ...(ca && { ca }) })
        : plainRequest(url, options);
    request.once('error', fail);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = () => {
        const names = Object.entries(response.headers).map(([name, value]) => [
          name,
          [value].flat().join(', '),
        ]);
        settle({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(names),
          body: Buffer.concat(chunks).subarray(0, readAtMost).toString('utf8'),
        });
        response.destroy();
      };
      response.once('error', fail);
      response.once('end', finish);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= readAtMost) finish();
      });
    });
    request.end(body);
  });
}

/** Answers every name with one address, in both forms in which Node asks (https://nodejs.org/docs/latest-v20.x/api/dns.html#dnslookuphostname-options-callback). */
function alwaysTo(address: string): LookupFunction {
  const family = isIPv6(address) ? 6 : 4;
  return (_name, { all }, answer) =>
    all ? answer(null, [{ address, family }]) : answer(null, address, family);
}

function parsed(url: With['url']): URL {
  const text = reveal(url);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Failure('config-invalid', 'The address is not a URL; write it as https://host/path.');
  }
  return new URL(text);
}

function shown(url: URL): string {
  return `${url.origin}${url.pathname}${url.search}`;
}
