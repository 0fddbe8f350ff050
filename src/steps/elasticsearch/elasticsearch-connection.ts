import { Agent, type AgentOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { Client, errors, HttpConnection } from '@elastic/elasticsearch';
import { z } from 'zod';
import { Failure, type ReasonCode } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { asFailure } from '../failures.ts';
import { Text } from '../step.ts';
import { heeding } from '../waits.ts';

/** The parameters by which every step here reaches its cluster. */
export const clusterAddress = {
  url: Text.meta({ description: 'https://user:password@host:9200' }),
  ca: Text.optional().meta({
    description: "the CA's certificate in PEM form, when the system does not know it",
  }),
} as const;

/** Where a cluster is and by whose certificate it is known. */
export interface ClusterAddress {
  readonly url: string | Secret;
  readonly ca?: string | Secret | undefined;
}

/** The official client for one step; `where` is `user@host:port`. */
export interface ElasticsearchConnection {
  readonly where: string;
  readonly client: Client;
}

type Told = readonly [code: ReasonCode, sentence: string];

/** What an answer's status means, https://www.elastic.co/docs/reference/elasticsearch/rest-apis */
const statuses: Readonly<Record<number, Told>> = {
  401: ['authentication-failed', 'refused the user name or password; correct it in the environment'],
  403: ['permission-denied', 'says that the account lacks a right; give its role the privilege'],
  404: ['not-found', 'does not have what was asked for; create it or correct the name'],
  408: ['timed-out', 'did not finish in time; look at its load and its health'],
  429: ['unavailable', 'has too much to do and took nothing on; wait until its queues are empty'],
  502: ['unavailable', 'is not reached by the proxy before it; start it'],
  503: ['unavailable', 'has no elected master or is still starting; wait for it or look at its log'],
  504: ['timed-out', 'did not answer the proxy before it in time'],
};

/** What a status means with one exception in particular. */
const exceptions: Readonly<Record<string, Told>> = {
  '429 cluster_block_exception': [
    'disk-full',
    'takes no writes because a disk is nearly full; make room, and it takes the block away itself',
  ],
  '403 cluster_block_exception': [
    'permission-denied',
    'has a block on this index that somebody has set; take it away in its settings',
  ],
};

/** Opens a client without retries, hands it over and always closes it; the signal cuts its connections. Throws Failures only. */
export async function withElasticsearch<T>(
  address: ClusterAddress,
  signal: AbortSignal,
  use: (connection: ElasticsearchConnection) => Promise<T>,
): Promise<T> {
  const { node, auth, where, ca } = parsed(address);
  let first: unknown;
  const agent = listenedTo(node.protocol === 'https:', ca, (error) => {
    first = error;
  });
  const client = new Client({
    node: { url: node },
    ...(auth ? { auth } : {}),
    agent: () => agent,
    Connection: HttpConnection,
    maxRetries: 0,
    requestTimeout: 60_000,
  });
  try {
    return await heeding(signal, use({ where, client }), () => {});
  } catch (error) {
    throw failureOf(error, `Elasticsearch at ${where}`, first, signal);
  } finally {
    // Cuts what is still under way; closing the client would wait for answers that no longer come.
    agent.destroy();
  }
}

/** Whether an answer says that there is no such index or document. */
export function isNotFound(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.statusCode === 404;
}

/** The exception's name in an error answer, such as `index_not_found_exception`; empty when it has none. */
export function exceptionOf(error: unknown): string {
  return answeredError(error).type;
}

function parsed({ url, ca }: ClusterAddress) {
  const text = reveal(url);
  // The parser's own error would repeat the address, and with it the password.
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Failure(
      'config-invalid',
      'The address is not that of an Elasticsearch; write it as https://user:password@host:9200.',
    );
  }
  const pem = ca === undefined ? undefined : reveal(ca);
  if (pem !== undefined && !pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Failure(
      'config-invalid',
      "`ca` is no certificate; give the whole text of the CA's file in PEM form.",
    );
  }
  const node = new URL(text);
  const [username, password] = [node.username, node.password].map(decodeURIComponent);
  node.username = '';
  node.password = '';
  const port = node.port === '' ? (node.protocol === 'https:' ? '443' : '80') : node.port;
  return {
    node,
    ca: pem,
    where: `${username ? `${username}@` : ''}${node.hostname}:${port}`,
    auth: username ? { username, password: password ?? '' } : undefined,
  };
}

/** The client keeps of a lost connection only the message; the code is on the socket's own error. */
function listenedTo(isTls: boolean, ca: string | undefined, onError: (error: Error) => void): Agent {
  const options: AgentOptions = { keepAlive: true, maxSockets: 8 };
  const agent = isTls ? new TlsAgent({ ...options, ...(ca ? { ca } : {}) }) : new Agent(options);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...given) => {
    const socket = create(...given);
    socket?.on('error', onError);
    return socket;
  };
  return agent;
}

function failureOf(error: unknown, where: string, first: unknown, signal: AbortSignal): Failure {
  if (error instanceof Failure || signal.aborted) return asFailure(error, where, signal);
  if (
    error instanceof errors.ProductNotSupportedError ||
    error instanceof errors.DeserializationError ||
    (error instanceof errors.ResponseError && isOther(error))
  ) {
    const sentence = `${where} answers, but is no Elasticsearch; correct the address.`;
    return new Failure('config-invalid', sentence, { cause: error });
  }
  if (error instanceof errors.ResponseError) {
    const { type, reason } = answeredError(error);
    const told = exceptions[`${error.statusCode} ${type}`] ?? statuses[error.statusCode ?? 0];
    const said = type === '' ? '' : `: ${type}: ${reason}`;
    if (told) return new Failure(told[0], `${where} ${told[1]}${said}.`, { cause: error });
    const refused: Told =
      (error.statusCode ?? 0) < 500
        ? ['config-refused', 'refused the request']
        : ['command-failed', 'failed to do what was asked; look at its log'];
    const sentence = `${where} ${refused[1]} (status ${error.statusCode})${said}`;
    return new Failure(refused[0], sentence, { cause: error });
  }
  if (error instanceof errors.ConnectionError) {
    const cause =
      first ?? Object.assign(new Error('closed the connection', { cause: error }), { code: 'ECONNRESET' });
    return asFailure(cause, where, signal);
  }
  return asFailure(error, where, signal);
}

/** Every answer of an Elasticsearch carries its header; a proxy's own refusals do not. */
function isOther({ headers, statusCode = 0 }: errors.ResponseError): boolean {
  return (
    headers?.['x-elastic-product'] !== 'Elasticsearch' && ![401, 403, 429, 502, 503, 504].includes(statusCode)
  );
}

const ErrorBody = z.object({
  error: z.object({ type: z.string(), reason: z.string().nullish(), root_cause: z.unknown() }),
});

function answeredError(error: unknown): { readonly type: string; readonly reason: string } {
  const body: unknown = error instanceof errors.ResponseError ? error.body : undefined;
  const answered = ErrorBody.safeParse(body);
  if (!answered.success) return { type: '', reason: '' };
  const { type, reason } = answered.data.error;
  return { type, reason: (reason ?? '').slice(0, 500) };
}
