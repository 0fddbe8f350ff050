import { z } from 'zod';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import type { Secret } from '../secret.ts';

/** Who asks a registry; without it only what anybody may see is seen. */
export interface RegistryAccount {
  readonly user: string;
  readonly password: Secret;
}

/** Asks a registry for a path below `/v2/`; gives whatever it answers, other than a demand to log in that could be met. */
export type AskRegistry = (
  method: 'GET' | 'HEAD',
  path: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Response>;

interface Where {
  /** Host and port. */
  readonly registry: string;
  /** The repository within the registry. */
  readonly name: string;
  readonly account?: RegistryAccount | undefined;
  /** Milliseconds for all requests together. */
  readonly limit: number;
}

/**
 * A client of one repository of a registry (OCI distribution specification 1.1), which logs in as the registry demands: by
 * Basic, or by a token of the service that it names (https://distribution.github.io/distribution/spec/auth/token/). Throws
 * `source-unreachable` and `authentication-failed`.
 */
export function registryClient({ registry, name, account, limit }: Where): AskRegistry {
  const signal = AbortSignal.timeout(limit);
  const base = `${isLoopback(registry) ? 'http' : 'https'}://${registry}/v2/`;
  const basic = account && `Basic ${base64(`${account.user}:${account.password.reveal()}`)}`;
  let authorization: string | undefined;
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(url, { ...init, signal });
    } catch (error) {
      const because = signal.aborted ? `no answer within ${limit / 1000} s` : reasonOf(error);
      const told = `The registry ${registry} does not answer (${because}). Check source.image in slipway.yaml and the network.`;
      throw new Failure('source-unreachable', told, { cause: error });
    }
  };
  const refused = (what: string) =>
    new Failure(
      'authentication-failed',
      `The registry ${registry} ${what} for ${name}. Check source.registry in slipway.yaml and the rights of that account.`,
    );
  const logIn = async (response: Response): Promise<string> => {
    const { scheme, parameters } = challengeOf(response.headers.get('www-authenticate') ?? '');
    if (scheme === 'basic') {
      if (basic === undefined) throw refused('wants a user and a password');
      return basic;
    }
    const realm = realmOf(parameters.realm, base);
    if (scheme !== 'bearer' || realm === undefined) throw refused('wants a login that Slipway does not know');
    if (parameters.service !== undefined) realm.searchParams.set('service', parameters.service);
    realm.searchParams.set('scope', parameters.scope ?? `repository:${name}:pull`);
    const answer = await send(realm.href, { headers: basic === undefined ? {} : { authorization: basic } });
    const token = answer.ok ? Token.safeParse(await json(answer)).data : undefined;
    if (token === undefined) throw refused(`gave no token (its login answered ${answer.status})`);
    return `Bearer ${token}`;
  };
  return async (method, path, headers = {}) => {
    const ask = () =>
      send(`${base}${path}`, {
        method,
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      });
    let response = await ask();
    if (response.status === 401 && authorization === undefined) {
      authorization = await logIn(response);
      response = await ask();
    }
    if (response.status === 401 || response.status === 403) throw refused(`answered ${response.status}`);
    return response;
  };
}

/** Older services call it `access_token`. */
const Token = z
  .object({ token: z.string().optional(), access_token: z.string().optional() })
  .transform(({ token, access_token }) => token ?? access_token)
  .pipe(z.string());

async function json(response: Response): Promise<unknown> {
  return await response.json().catch(() => undefined);
}

/** A registry on the own machine speaks plain HTTP, as Docker takes it too (dockerd, --insecure-registry). */
function isLoopback(registry: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
}

/** The first challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1). */
function challengeOf(header: string): { scheme: string; parameters: Readonly<Record<string, string>> } {
  const [scheme = ''] = header.split(' ', 1);
  const pairs = header.slice(scheme.length).matchAll(/([a-z_]+)=(?:"([^"]*)"|([^\s,"]+))/gi);
  const parameters = Object.fromEntries(
    [...pairs].map(([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? '']),
  );
  return { scheme: scheme.toLowerCase(), parameters };
}

/** The password goes nowhere in the clear because a header says so. */
function realmOf(realm: string | undefined, base: string): URL | undefined {
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  return url.protocol === 'https:' || base.startsWith('http:') ? url : undefined;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
