import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How a registry lets people in: everybody, by Basic, or by a token of its own login. */
export type Door = 'open' | 'basic' | 'token';

/** A registry on loopback that holds tags of one repository; it is played, after the OCI distribution specification 1.1. */
export interface Registry {
  /** Host and port, as images are named after. */
  readonly host: string;
  /** Lets a tag point at a new image and gives the digest of it. */
  readonly push: (tag: string) => string;
  /** `METHOD /path` of every request, oldest first. */
  readonly asked: readonly string[];
  /** Answers everything with this status from now on; with none as it should. */
  readonly fail: (status: number | undefined) => void;
  readonly stop: () => Promise<void>;
}

export interface RegistryOptions {
  readonly name: string;
  readonly door?: Door;
  readonly user?: string;
  readonly password?: string;
  /** Whether answers name the digest, which the specification leaves open. */
  readonly namesDigest?: boolean;
}

const indexType = 'application/vnd.oci.image.index.v1+json';

/** Starts a registry that plays what a pull needs: manifests by tag, the list of tags, errors with codes, and token login. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { name, door = 'open', user = 'robot', password = 'registry-password', namesDigest = true } = options;
  const manifests = new Map<string, Buffer>();
  const tokens = new Set<string>();
  const asked: string[] = [];
  let failure: number | undefined;
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  let host = '';

  const isIn = ({ headers }: IncomingMessage): boolean => {
    if (door === 'open') return true;
    if (door === 'basic') return headers.authorization === basic;
    return tokens.has((headers.authorization ?? '').replace(/^Bearer /, ''));
  };
  const turnAway = (response: ServerResponse): void => {
    const bearer = `Bearer realm="http://${host}/login",service="registry.test",scope="repository:${name}:pull"`;
    response.setHeader('www-authenticate', door === 'basic' ? 'Basic realm="registry"' : bearer);
    refuse(response, 401, 'UNAUTHORIZED');
  };
  // https://distribution.github.io/distribution/spec/auth/token/
  const logIn = (request: IncomingMessage, url: URL, response: ServerResponse): void => {
    const isMeant = url.searchParams.get('service') === 'registry.test';
    const isOurs = url.searchParams.get('scope') === `repository:${name}:pull`;
    if (!isMeant || !isOurs || request.headers.authorization !== basic) {
      refuse(response, 401, 'UNAUTHORIZED');
      return;
    }
    const token = randomUUID();
    tokens.add(token);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token }));
  };
  const manifest = (request: IncomingMessage, tag: string, response: ServerResponse): void => {
    const body = manifests.get(tag);
    // Who does not accept the type that it is gets none (Pulling manifests).
    if (body === undefined || !(request.headers.accept ?? '').includes(indexType)) {
      refuse(response, 404, 'MANIFEST_UNKNOWN');
      return;
    }
    const digest = namesDigest ? { 'docker-content-digest': digestOf(body) } : {};
    response.writeHead(200, { 'content-type': indexType, 'content-length': body.length, ...digest });
    response.end(request.method === 'HEAD' ? undefined : body);
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    asked.push(`${request.method} ${url.pathname}`);
    if (failure !== undefined) return refuse(response, failure, 'UNAVAILABLE');
    if (url.pathname === '/login') return logIn(request, url, response);
    if (!isIn(request)) return turnAway(response);
    const prefix = `/v2/${name}/`;
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : '';
    if (path === 'tags/list') {
      const body = JSON.stringify({ name, tags: [...manifests.keys()].sort() });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      return;
    }
    if (path.startsWith('manifests/')) return manifest(request, path.slice('manifests/'.length), response);
    refuse(response, 404, 'NAME_UNKNOWN');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    host,
    push: (tag) => {
      const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, id: randomUUID() }));
      manifests.set(tag, body);
      return digestOf(body);
    },
    asked,
    fail: (status) => {
      failure = status;
    },
    stop: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
