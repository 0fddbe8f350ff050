import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { freePort } from '../world/free-port.ts';
import type { World } from '../world/world.ts';

/** What is released, for each version what ran before it, and where the server listens. */
const Releases = z.object({
  current: z.string(),
  before: z.record(z.string(), z.string()),
  port: z.int(),
});
type Releases = z.infer<typeof Releases>;

const Wanted = z.union([
  z.strictObject({ version: z.string().min(1) }),
  z.strictObject({ insteadOf: z.string().min(1) }),
]);

const first: Releases = { current: 'v1.0.0', before: {}, port: 0 };

/** The platform on which the rehearsed application runs. */
export interface ReleaseServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** The part of the world that a broken version breaks. */
const payments = '/api/payment/plans';

/**
 * Starts a server that plays a hosting platform on loopback: PUT /releases/current takes `{ version }`, or `{ insteadOf }` for
 * what ran before that version, and keeps it in `file` for the next start. A version that ends with `-flaky` has its payments
 * fail once, one that ends with `-broken` for as long as it runs. Another port would void approvals, so it is kept too.
 */
export async function startReleaseServer(world: World, file: string): Promise<ReleaseServer> {
  let releases = existsSync(file) ? Releases.parse(JSON.parse(await readFile(file, 'utf8'))) : first;
  let troubled = false;
  const run = (version: string): void => {
    world.deployVersion(version);
    if (troubled) world.clear(payments);
    troubled = version.endsWith('-flaky') || version.endsWith('-broken');
    if (troubled) world.fail(payments, version.endsWith('-flaky') ? 1 : Number.POSITIVE_INFINITY);
  };
  run(releases.current);

  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method !== 'PUT' || request.url !== '/releases/current') {
      return answer(404, { error: 'not found' });
    }
    const wanted = Wanted.safeParse(parsed(await text(request)));
    if (!wanted.success) return answer(400, { error: 'a version, or insteadOf, is needed' });
    releases = after(releases, wanted.data);
    await writeFile(file, JSON.stringify(releases));
    run(releases.current);
    answer(200, { version: releases.current });
  });
  const port = await freePort(releases.port);
  await new Promise<void>((settle, fail) => {
    server.once('error', fail).listen(port, '127.0.0.1', settle);
  });
  releases = { ...releases, port };
  await writeFile(file, JSON.stringify(releases));
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}

/** What is released after a wish; the same wish again changes nothing. */
function after(releases: Releases, wanted: z.infer<typeof Wanted>): Releases {
  const { current, before } = releases;
  if ('insteadOf' in wanted) {
    const isStill = wanted.insteadOf === current;
    return { ...releases, current: isStill ? (before[current] ?? first.current) : current };
  }
  const { version } = wanted;
  return version === current
    ? releases
    : { ...releases, current: version, before: { ...before, [version]: current } };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
