import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { pathIn } from '../played-root.ts';
import { type Directive, Emergency, readDirectives, type Source } from './directives.ts';

type Header = readonly [name: string, value: string];

/** One `server` of the configuration, as far as it is played. */
export interface Site {
  readonly listens: readonly { readonly address: string; readonly port: number; readonly isTls: boolean }[];
  readonly names: readonly string[];
  /** The texts of its certificate and key and what else its handshakes need. */
  readonly tls?: SecureContextOptions;
  readonly headers: readonly Header[];
  readonly redirect?: { readonly status: number; readonly to: string };
  readonly locations: readonly {
    readonly prefix: string;
    readonly upstream: string;
    readonly headers: readonly Header[];
  }[];
}

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** What may stand where (https://nginx.org/en/docs/dirindex.html), no more than is played. */
const known: Readonly<Record<string, readonly string[]>> = {
  main: ['user', 'worker_processes', 'pid', 'error_log', 'events', 'http'],
  events: ['worker_connections'],
  http: ['access_log', 'server'],
  server: [
    ...['listen', 'server_name', 'return', 'location', 'add_header', 'server_tokens', 'client_max_body_size'],
    ...[
      'ssl_certificate',
      'ssl_certificate_key',
      'ssl_protocols',
      'ssl_ciphers',
      'ssl_prefer_server_ciphers',
    ],
    ...['ssl_session_timeout', 'ssl_session_tickets'],
  ],
  location: ['proxy_pass', 'proxy_http_version', 'proxy_set_header', 'proxy_redirect', 'proxy_read_timeout'],
};

/** The sites of a configuration, with its files. Throws Emergency, as `nginx -t` refuses. */
export function readSites(
  root: string,
  path: string,
): { readonly sites: readonly Site[]; readonly sources: readonly Source[] } {
  const { directives, sources } = readDirectives(root, path);
  requireKnown(directives, 'main');
  const http = directives.filter(({ words }) => words[0] === 'http').flatMap(({ block = [] }) => block);
  const servers = http.filter(({ words }) => words[0] === 'server');
  return { sites: servers.map(({ block = [] }) => siteOf(root, block)), sources };
}

function requireKnown(directives: readonly Directive[], context: string): void {
  for (const { words, block, place } of directives) {
    const [name = ''] = words;
    if (!Object.values(known).some((names) => names.includes(name))) {
      throw new Emergency(`unknown directive "${name}" in ${place}`);
    }
    if (!known[context]?.includes(name))
      throw new Emergency(`"${name}" directive is not allowed here in ${place}`);
    const isBlock = known[name] !== undefined;
    if (isBlock !== (block !== undefined)) {
      throw new Emergency(
        `directive "${name}" has ${isBlock ? 'no opening "{"' : 'an unexpected "{"'} in ${place}`,
      );
    }
    if (block) requireKnown(block, name);
  }
}

function siteOf(root: string, block: readonly Directive[]): Site {
  const all = (name: string) => block.filter(({ words }) => words[0] === name);
  const one = (name: string) => all(name)[0]?.words.slice(1).join(' ');
  const listens = all('listen').map(listenOf);
  const [status, to] = one('return')?.split(' ') ?? [];
  return {
    listens,
    names: all('server_name').flatMap(({ words }) => words.slice(1)),
    ...(listens.some(({ isTls }) => isTls) ? { tls: tlsOf(root, one, all('listen')[0]?.place ?? '') } : {}),
    headers: all('add_header').map(headerOf),
    ...(status === undefined || to === undefined ? {} : { redirect: { status: Number(status), to } }),
    locations: all('location').map(({ words, block: inside = [], place }) => {
      const upstream = inside.find(({ words: [name] }) => name === 'proxy_pass')?.words[1] ?? '';
      if (!URL.canParse(upstream)) throw new Emergency(`invalid URL prefix in ${place}`);
      const headers = inside.filter(({ words: [name] }) => name === 'proxy_set_header');
      return {
        prefix: words[1] ?? '/',
        upstream,
        headers: headers.map(headerOf),
      };
    }),
  };
}

function headerOf({ words: [, name = '', value = ''] }: Directive): Header {
  return [name, value];
}

function listenOf({ words, place }: Directive): Site['listens'][number] {
  const [, where = '', ...parameters] = words;
  const [, address = '127.0.0.1', port = ''] = /^(?:([\d.]+):)?(\d+)$/.exec(where) ?? [];
  const other = parameters.find((word) => word !== 'ssl');
  if (port === '') throw new Emergency(`invalid port in "${where}" of the "listen" directive in ${place}`);
  if (other !== undefined) throw new Emergency(`invalid parameter "${other}" in ${place}`);
  // Whatever it says: what is played on this machine is for this machine alone.
  if (!address.startsWith('127.')) throw new Emergency(`bind() to ${where} failed (13: Permission denied)`);
  return { address, port: Number(port), isTls: parameters.includes('ssl') };
}

function tlsOf(root: string, one: (name: string) => string | undefined, place: string): SecureContextOptions {
  const [certificate, key] = [one('ssl_certificate'), one('ssl_certificate_key')];
  if (certificate === undefined || key === undefined) {
    throw new Emergency(`no "ssl_certificate" is defined for the "listen ... ssl" directive in ${place}`);
  }
  const said = (one('ssl_protocols') ?? 'TLSv1.2 TLSv1.3').split(' ');
  const wanted = versions.filter((version) => said.includes(version));
  const [minVersion, maxVersion] = [wanted[0], wanted.at(-1)];
  if (wanted.length < said.length || minVersion === undefined || maxVersion === undefined) {
    throw new Emergency(`invalid value "${said.join(' ')}" in ${place}`);
  }
  const ciphers = one('ssl_ciphers');
  const tls = {
    cert: readPem(root, certificate, 'certificate'),
    key: readPem(root, key, 'certificate key'),
    minVersion,
    maxVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
  };
  requireUsable(tls, key);
  return tls;
}

function readPem(root: string, path: string, what: string): string {
  try {
    return readFileSync(pathIn(root, path), 'utf8');
  } catch {
    throw new Emergency(`cannot load ${what} "${path}": BIO_new_file() failed (No such file or directory)`);
  }
}

function requireUsable(options: SecureContextOptions, key: string): void {
  try {
    createSecureContext(options);
  } catch (error) {
    const code = error instanceof Error ? String(Reflect.get(error, 'code') ?? error.message) : 'unknown';
    throw new Emergency(`SSL_CTX_use_PrivateKey("${key}") failed (SSL: ${code})`);
  }
}
