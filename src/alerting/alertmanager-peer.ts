import { z } from 'zod';
import type { Instant, Matcher } from '../alerts/group.ts';
import { formatMatcher } from '../alerts/matcher.ts';
import { oneLine } from '../alerts/one-line.ts';
import type { Credential } from '../alerts/surroundings.ts';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import { KeptSilence, PostedSilence, ShownAlert, ShownStatus } from './alertmanager-answers.ts';

/** How long one call may take, in milliseconds, and how much of an answer is read, in bytes. */
export interface CallLimits {
  readonly time: number;
  readonly bytes: number;
}

/** A list of fifty thousand alerts has some tens of megabytes. */
const usual: CallLimits = { time: 5_000, bytes: 64 * 1_048_576 };

/** A silence to be made, or to be changed when it has an id; times are by Alertmanager's clock. */
export type WantedSilence = Pick<KeptSilence, 'startsAt' | 'endsAt' | 'createdBy' | 'comment'> & {
  readonly id?: string;
  readonly matchers: readonly Matcher[];
};

/**
 * One Alertmanager's API v2 (https://github.com/prometheus/alertmanager, api/v2/openapi.yaml). Everything throws
 * `alertmanager-unreachable` when no answer came or its own trouble was answered, and `alertmanager-refused` for what asking
 * again would not help.
 */
export interface Peer {
  readonly address: string;
  /** Alerts that fire now, silenced and inhibited ones too; those that match all of `filter`. */
  readonly alerts: (filter?: readonly Matcher[]) => Promise<readonly ShownAlert[]>;
  readonly silences: () => Promise<readonly KeptSilence[]>;
  /** Undefined when it is unknown, or was forgotten some days after its end. */
  readonly silence: (id: string) => Promise<KeptSilence | undefined>;
  /**
   * Gives the id, which is a new one when the silence could not be changed in place. Throws `timed-out` where it may have been
   * made although no answer came.
   */
  readonly postSilence: (silence: WantedSilence) => Promise<string>;
  /** Ends a silence; one that has ended or is not known is fine. */
  readonly deleteSilence: (id: string) => Promise<void>;
  readonly status: () => Promise<ShownStatus>;
  /** How far its clock was ahead of ours when it last answered, in milliseconds, to the second; 0 where they hardly differ. */
  readonly ahead: () => number;
}

interface PeerParts {
  readonly address: string;
  readonly credential?: Credential | undefined;
  readonly now: () => number;
  readonly limits?: Partial<CallLimits> | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A client of one Alertmanager below a base address, which may have a path. */
export function alertmanagerPeer({ address, credential, now, limits }: PeerParts): Peer {
  const { time, bytes } = { ...usual, ...limits };
  const base = `${address.replace(/\/+$/, '')}/api/v2`;
  const authorization = credential === undefined ? {} : { authorization: authorizationOf(credential) };
  let ahead = 0;
  const send = async (method: string, path: string, json?: unknown): Promise<Answer> => {
    const signal = AbortSignal.timeout(time);
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const sentAt = now();
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        signal,
        // A redirect leads to a page to log in at, more often than to an API.
        redirect: 'manual',
        headers: { accept: 'application/json', ...type, ...authorization },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      const body = await bounded(response, bytes);
      ahead = aheadOf(response.headers.get('date'), sentAt, now());
      return { status: response.status, body };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const because = signal.aborted ? `no answer within ${time / 1_000} s` : reasonOf(error);
      // Where no connection was made, nothing can have happened.
      const isSure = method !== 'POST' || neverSent.has(codeOf(error));
      const code = isSure ? 'alertmanager-unreachable' : 'timed-out';
      throw new Failure(code, `Alertmanager at ${address} does not answer (${because}).`, { cause: error });
    }
  };
  const read = <T>(answered: z.ZodType<T>, answer: Answer): T => {
    if (answer.status !== 200) throw refusalOf(address, answer);
    const parsed = answered.safeParse(parsedJson(answer.body));
    if (parsed.success) return parsed.data;
    throw new Failure(
      'alertmanager-refused',
      `${address} does not answer as Alertmanager's API v2 does. Check the address; a path before /api/v2 belongs to it.`,
      { cause: parsed.error },
    );
  };
  const get = async <T>(answered: z.ZodType<T>, path: string): Promise<T> =>
    read(answered, await send('GET', path));
  const silence = async (id: string): Promise<KeptSilence | undefined> => {
    const answer = await send('GET', `/silence/${encodeURIComponent(id)}`);
    return answer.status === 404 ? undefined : read(KeptSilence, answer);
  };
  return {
    address,
    alerts: (filter = []) => get(z.array(ShownAlert), `/alerts${queryOf(filter)}`),
    silences: () => get(z.array(KeptSilence), '/silences'),
    silence,
    postSilence: async ({ startsAt, endsAt, ...rest }) => {
      const times = { startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
      return read(PostedSilence, await send('POST', '/silences', { ...rest, ...times })).silenceID;
    },
    deleteSilence: async (id) => {
      const answer = await send('DELETE', `/silence/${encodeURIComponent(id)}`);
      if (answer.status === 200 || answer.status === 404) return;
      // Versions before 0.28 answer 500 when it is not known, or has ended.
      const kept = await silence(id);
      if (kept === undefined || kept.state === 'expired') return;
      throw refusalOf(address, answer);
    },
    status: () => get(ShownStatus, '/status'),
    ahead: () => ahead,
  };
}

/** Faults of a connection that was never made. */
const neverSent: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function authorizationOf(credential: Credential): string {
  if ('bearer' in credential) return `Bearer ${credential.bearer.reveal()}`;
  const pair = `${credential.user}:${credential.password.reveal()}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function queryOf(filter: readonly Matcher[]): string {
  const query = new URLSearchParams(
    filter.map((matcher): [string, string] => ['filter', formatMatcher(matcher)]),
  );
  return filter.length === 0 ? '' : `?${query}`;
}

async function bounded(response: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > most) {
      throw new Failure('alertmanager-refused', `Alertmanager answers with more than ${most} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** No difference is seen where the answer's time, cut to whole seconds, lies between question and answer, give or take a second. */
function aheadOf(date: string | null, sentAt: Instant, heardAt: Instant): number {
  const at = Date.parse(date ?? '');
  if (at < sentAt - 2_000) return at - sentAt;
  return at > heardAt + 1_000 ? at - heardAt : 0;
}

function refusalOf(address: string, { status, body }: Answer): Failure {
  const own = status >= 500 || status === 429;
  const said = saidIn(body);
  return new Failure(
    own ? 'alertmanager-unreachable' : 'alertmanager-refused',
    `Alertmanager at ${address} answered ${status}${said === '' ? '' : `: ${said}`}.${hintOf(status)}`,
  );
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) return ' Check the credential of its API in slipway.yaml.';
  return status >= 300 && status < 400 ? ' Write the address that it redirects to.' : '';
}

/** Errors are texts, or objects with a message where the request did not fit the description of the API. */
function saidIn(body: string): string {
  const parsed = z.union([z.string(), z.object({ message: z.string() })]).safeParse(parsedJson(body));
  if (!parsed.success) return '';
  const said = typeof parsed.data === 'string' ? parsed.data : parsed.data.message;
  return oneLine(said, 300).replace(/\.$/, '');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
