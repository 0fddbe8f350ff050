import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeRepository, type Repository } from '../../rehearsal/registry/repository.ts';
import { startSshd } from '../../rehearsal/world/sshd.ts';
import { Secret } from '../../src/secret.ts';
import { commitOf } from '../../src/source/git.ts';
import { describeWith } from '../support/parts.ts';

const options = { env: process.env, limit: 15_000 };

let dir: string;
let repository: Repository;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-source-'));
  repository = await makeRepository(join(dir, 'repository'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const found = (version: string, address = repository.url) =>
  commitOf({ repository: address }, version, options);
const failed = (version: string, address = repository.url) =>
  found(version, address).then(
    ({ commit }) => commit,
    (error: unknown) => error,
  );

describe('a version in a repository', () => {
  test.each([
    ['a tag', ['tag', 'v1']],
    ['an annotated tag', ['tag', '--annotate', '--message', 'first', 'v1']],
    ['a branch', ['branch', 'v1']],
    ['a branch with a slash in its name', ['branch', 'fix/v1']],
  ])('is the commit of %s', async (_, words) => {
    const wanted = await repository.git('rev-parse', 'HEAD');
    await repository.git(...words);
    await repository.commit();

    const { commit, notes } = await found(words.at(-1) ?? '');

    expect(commit).toBe(wanted);
    expect(notes).toEqual([]);
  });

  test('is the commit of the tag when a branch has the same name, and that is told', async () => {
    const tagged = await repository.git('rev-parse', 'HEAD');
    await repository.git('tag', 'v1');
    await repository.commit();
    await repository.git('branch', 'v1');

    const { commit, notes } = await found('v1');

    expect(commit).toBe(tagged);
    expect(notes).toEqual([`v1 is both a tag and a branch there: the tag was taken, ${tagged.slice(0, 7)}.`]);
  });

  test('is a whole commit id, of the newest commit or of one that no name points at', async () => {
    const older = await repository.git('rev-parse', 'HEAD');
    const newest = await repository.commit();

    const commits = [await found(newest), await found(older)];

    expect(commits.map(({ commit }) => commit)).toEqual([newest, older]);
  });

  test.each([
    ['nobody has', async () => '1'.repeat(40)],
    ['is of a tree', () => repository.git('rev-parse', 'HEAD^{tree}')],
    [
      'is of a tag and not of its commit',
      async () => {
        await repository.git('tag', '--annotate', '--message', 'first', 'v1');
        return repository.git('rev-parse', 'v1');
      },
    ],
  ])('is unknown when it is an id that %s', async (_, idOf) => {
    const id = await idOf();

    const failure = await failed(id);

    expect(failure).toMatchObject({ code: 'version-unknown', message: expect.stringContaining(id) });
  });

  test('is never an abbreviated id, of which the refusal says what to write', async () => {
    const newest = await repository.commit();

    const failure = await failed(newest.slice(0, 7));

    expect(failure).toMatchObject({ code: 'version-unknown' });
    expect(String(failure)).toContain('proven only by its whole id, so write all 40 digits');
    expect(String(failure)).toContain(`${newest}, if main is meant`);
  });

  test.each([
    ['v2.4', 'did you mean v2.4.1, v2.4.0?'],
    ['v2.4.2', 'did you mean "v2.4.1"?'],
    ['mian', 'did you mean "main"?'],
    ['release-candidate', 'the newest tags are v10.0.0, v2.4.1, v2.4.0; there are the branches main.'],
  ])('that is unknown, such as %s, is told with near names', async (version, told) => {
    for (const tag of ['v2.4.0', 'v2.4.1', 'v10.0.0']) await repository.git('tag', tag);

    const failure = await failed(version);

    expect(failure).toMatchObject({ code: 'version-unknown', message: expect.stringContaining(told) });
  });

  test('in a repository without any says so', async () => {
    await repository.git('init', '--quiet', '--bare', join(dir, 'empty'));

    const failure = await failed('v1', `file://${join(dir, 'empty')}`);

    expect(failure).toMatchObject({ code: 'version-unknown' });
    expect(String(failure)).toContain('there is none yet');
  });

  test('cannot be a word that git would take for an option', async () => {
    const failures = await Promise.all(['--upload-pack=touch', '-h', '*', '^{}'].map((one) => failed(one)));

    expect(failures.map((failure) => Reflect.get(Object(failure), 'code'))).toEqual(
      Array(4).fill('version-unknown'),
    );
  });

  test('cannot be found where there is no repository, in the words of git', async () => {
    const failure = await failed('v1', `file://${join(dir, 'nowhere')}`);

    expect(failure).toMatchObject({ code: 'source-unreachable' });
    expect(String(failure)).toMatch(/nowhere.*128.*nowhere/s);
  });

  test('leaves no folder behind, whatever came of it', async () => {
    // A place of its own, since others on this machine look versions up too.
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(dir, 'tmp');
    await mkdir(process.env.TMPDIR);

    await found('main');
    await failed('nothing');
    await failed('v1', `file://${join(dir, 'nowhere')}`);
    const left = await readdir(join(dir, 'tmp'));
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;

    expect(left).toEqual([]);
  });

  test('is given up when the repository does not answer in time', async () => {
    const silent = createTcpServer((socket) => socket.resume());
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const startedAt = performance.now();

    const failure = await commitOf({ repository: `http://127.0.0.1:${port}/x.git` }, 'main', {
      ...options,
      limit: 700,
    }).catch((error: unknown) => error);
    await new Promise<void>((closed) => silent.close(() => closed()));

    expect(failure).toMatchObject({ code: 'source-unreachable' });
    expect(String(failure)).toContain('did not answer within 0.7 s');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('a repository behind a token', () => {
  let server: Server;
  let url: string;
  const basic = `Basic ${Buffer.from('x-access-token:the-token').toString('base64')}`;

  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.headers.authorization !== basic) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
        return;
      }
      backend(request, response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/repository/.git`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((closed) => server.close(() => closed()));
  });

  // Git's own server program, as a web server would start it (git-http-backend).
  const backend = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://git');
    const env = {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
    };
    const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    request.pipe(child.stdin);
    const answer: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => answer.push(bytes));
    child.once('close', () => {
      const whole = Buffer.concat(answer);
      const end = whole.indexOf('\r\n\r\n');
      const headers = whole.subarray(0, end).toString().split('\r\n');
      for (const header of headers) {
        const colon = header.indexOf(':');
        const value = header.slice(colon + 1).trim();
        if (header.startsWith('Status:')) response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(header.slice(0, colon), value);
      }
      response.end(whole.subarray(end + 4));
    });
  };

  test('tells the commit to who has it, also of an id that no name points at', async () => {
    const older = await repository.git('rev-parse', 'HEAD');
    const newest = await repository.commit();
    const key = new Secret('GIT_TOKEN', 'the-token');

    const { commit } = await commitOf({ repository: url, key }, 'main', options);
    const { commit: proven } = await commitOf({ repository: url, key }, older, options);

    expect([commit, proven]).toEqual([newest, older]);
  });

  test.each([
    ['without one', undefined],
    ['with a wrong one', new Secret('GIT_TOKEN', 'another-token')],
  ])('is unreachable %s, asks nobody, and the token is not told', async (_, key) => {
    const failure = await commitOf({ repository: url, ...(key && { key }) }, 'main', options).catch(
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({ code: 'source-unreachable' });
    expect(String(failure)).toContain('source.key');
    expect(String(failure)).not.toContain('another-token');
  });
});

describeWith('sshd', 'a repository over SSH', () => {
  test('tells the commit to who has its key, and only where the host is known', async () => {
    const sshd = await startSshd({ dir: join(dir, 'sshd') });
    if (sshd === undefined) throw new Error('sshd is gone');
    const { user, port, privateKey: key } = sshd.host;
    const address = `ssh://${user}@127.0.0.1:${port}${repository.dir}`;
    const known = await hostKeyOf(port);
    const newest = await repository.commit();

    const { commit } = await commitOf({ repository: address, key, knownHosts: known }, 'main', options);
    const unknown = await commitOf({ repository: address, key }, 'main', options).catch((error) => error);
    const keyless = await commitOf({ repository: address, knownHosts: known }, 'main', options).catch(
      (error) => error,
    );
    await sshd.stop();

    expect(commit).toBe(newest);
    expect(unknown).toMatchObject({ code: 'source-unreachable' });
    expect(keyless).toMatchObject({ code: 'source-unreachable' });
  });

  const hostKeyOf = async (port: number): Promise<string> => {
    const [kind = '', key = ''] = (await readFile(join(dir, 'sshd', 'host_ed25519.pub'), 'utf8')).split(' ');
    return `[127.0.0.1]:${port} ${kind} ${key}`;
  };
});
