import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

/** An incident on the page, as the API shows it. */
export interface ShownIncident {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  /** The newest first. */
  readonly incident_updates: readonly {
    readonly id: string;
    readonly status: string;
    readonly body: string;
    readonly created_at: string;
  }[];
}

/** How the next calls of a method fail: an HTTP status, no answer at all, or one that is lost after the call was carried out. */
export interface StatuspageFailure {
  readonly method: string;
  readonly with: number | 'hang' | 'lose-answer';
}

/** A page of Statuspage and its API. */
export interface StatuspageServer {
  readonly url: string;
  readonly incidents: () => readonly ShownIncident[];
  /** Every call as `METHOD path status`, with 0 for one that got no answer. */
  readonly calls: readonly string[];
  readonly fail: (failure: StatuspageFailure) => void;
  /** Removes an incident, as somebody may in the page's own administration. */
  readonly remove: (id: string) => void;
  readonly stop: () => Promise<void>;
}

const statuses = ['investigating', 'identified', 'monitoring', 'resolved'] as const;

/** Top-level values of metadata must be objects themselves ("Create an incident", `metadata`). */
const Given = z.strictObject({
  name: z.string().min(1),
  status: z.enum(statuses),
  body: z.string(),
  metadata: z.record(z.string(), z.record(z.string(), z.unknown())),
});
const Creation = z.strictObject({
  incident: Given.partial({ status: true, body: true, metadata: true }),
});
const Change = z.strictObject({ incident: Given.partial() });

/**
 * Plays the incidents of Statuspage's API over HTTP, with the errors that it documents: 401 for a token that is not known, 404 for
 * a page or an incident, 422 for a body that it does not take. Source: https://developer.statuspage.io (v1, "Incidents").
 */
export async function startStatuspage(page: string, token: string): Promise<StatuspageServer> {
  const incidents: ShownIncident[] = [];
  const calls: string[] = [];
  const failures: StatuspageFailure[] = [];

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(Buffer.from(chunk));
    const { method = 'GET', url = '/' } = message;
    const { pathname, searchParams } = new URL(url, 'http://page');
    const index = failures.findIndex((failure) => failure.method === method);
    const [failure] = index === -1 ? [] : failures.splice(index, 1);
    const record = (status: number) => calls.push(`${method} ${pathname} ${status}`);
    if (failure?.with === 'hang') {
      record(0);
      return;
    }
    const [status, body] =
      typeof failure?.with === 'number'
        ? [failure.with, { error: 'out of order' }]
        : carryOut(message, method, pathname, searchParams, Buffer.concat(chunks).toString('utf8'));
    if (failure?.with === 'lose-answer') {
      record(0);
      message.socket.destroy();
      return;
    }
    record(status);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function carryOut(
    { headers }: IncomingMessage,
    method: string,
    path: string,
    query: URLSearchParams,
    text: string,
  ): readonly [status: number, body: unknown] {
    if (headers.authorization !== `OAuth ${token}`) return [401, { error: 'Could not authenticate' }];
    const base = `/v1/pages/${page}/incidents`;
    const id = path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
    if (path !== base && id === undefined) return [404, { error: 'Not found' }];
    const at = incidents.findIndex((one) => one.id === id);
    const known = incidents[at];
    if (id !== undefined && known === undefined) return [404, { error: 'Not found' }];
    if (method === 'GET' && known !== undefined) return [200, known];
    if (method === 'GET') return [200, incidents.slice(0, Math.min(100, Number(query.get('limit') ?? 100)))];
    if (headers['content-type'] !== 'application/json') return [415, { error: 'Unsupported media type' }];
    const shape = method === 'POST' ? Creation : Change;
    const given = shape.safeParse(parsed(text));
    const isKnownMethod =
      (method === 'POST' && id === undefined) || (method === 'PATCH' && known !== undefined);
    if (!isKnownMethod) return [404, { error: 'Not found' }];
    if (!given.success) return [422, { error: given.error.issues.map((issue) => issue.message) }];
    const shown = after(known, given.data.incident);
    if (known === undefined) incidents.unshift(shown);
    else incidents[at] = shown;
    return [known === undefined ? 201 : 200, shown];
  }

  const server = createServer((message, response) => {
    answer(message, response).catch(() => message.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    incidents: () => incidents,
    calls,
    fail: (failure) => failures.push(failure),
    remove: (id) => {
      incidents.splice(
        incidents.findIndex((one) => one.id === id),
        1,
      );
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function after(known: ShownIncident | undefined, given: z.infer<typeof Change>['incident']): ShownIncident {
  const now = new Date().toISOString();
  const status = given.status ?? known?.status ?? 'investigating';
  const update = { id: newId(), status, body: given.body ?? '', created_at: now };
  return {
    id: known?.id ?? newId(),
    name: given.name ?? known?.name ?? '',
    status,
    metadata: given.metadata ?? known?.metadata ?? {},
    created_at: known?.created_at ?? now,
    incident_updates: [update, ...(known?.incident_updates ?? [])],
  };
}

function newId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
