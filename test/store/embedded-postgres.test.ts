import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

const settings = { fsync: 'off' };
const root = join(import.meta.dirname, '../..');
let compiled: string;
let dir: string;

/** Processes of their own run JavaScript, and of the sources only this one file with what it imports. */
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'slipway-compiled-'));
  const like = [
    'module nodenext',
    'target es2023',
    'types node',
    'rewriteRelativeImportExtensions',
    'skipLibCheck',
  ];
  const flags = like.flatMap((flag) => `--${flag}`.split(' '));
  const source = join(root, 'src/store/embedded-postgres.ts');
  await promisify(execFile)(
    join(root, 'node_modules/.bin/tsc'),
    [...['--ignoreConfig', source, '--rootDir', root, '--outDir', compiled], ...flags],
    { cwd: root },
  );
  await symlink(join(root, 'node_modules'), join(compiled, 'node_modules'));
  await writeFile(join(compiled, 'package.json'), '{ "type": "module" }\n');
});

afterAll(() => rm(compiled, { recursive: true, force: true }));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-embedded-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

test('data, password and port outlive a stop', async () => {
  const first = await startEmbeddedPostgres({ dir, databases: ['kept'], settings });
  await query(first.url, 'create table notes as select 42 as answer');
  await first.stop();

  const second = await startEmbeddedPostgres({ dir, databases: ['kept'], settings });
  const rows = await query(second.url, 'select answer from notes');
  await second.stop();

  expect(rows).toEqual([{ answer: 42 }]);
  expect(second.url).toBe(first.url);
  expect((await stat(join(dir, 'password'))).mode & 0o777).toBe(0o600);
});

test('a start chooses another port when the kept one is taken', async () => {
  const first = await startEmbeddedPostgres({ dir, settings });
  await first.stop();
  const squatter = createServer().listen(first.port, '127.0.0.1');
  await once(squatter, 'listening');

  const second = await startEmbeddedPostgres({ dir, settings });
  const rows = await query(second.url, 'select 1 as one');
  await second.stop();
  await new Promise((settle) => squatter.close(settle));

  expect(second.port).not.toBe(first.port);
  expect(rows).toEqual([{ one: 1 }]);
});

test('the mark of a dead server whose number now belongs to another process is cleared', async () => {
  const first = await startEmbeddedPostgres({ dir, settings });
  await first.stop();
  await writeFile(
    join(dir, 'data', 'postmaster.pid'),
    `${process.pid}\n${join(dir, 'data')}\n0\n${first.port}\n`,
  );

  const second = await startEmbeddedPostgres({ dir, settings });
  const rows = await query(second.url, 'select 1 as one');
  await second.stop();

  expect(rows).toEqual([{ one: 1 }]);
});

test('Ctrl-C reaches the owner first: its closers still have the database, and the server ends with it', async () => {
  const owner = await ownerProcess(`
    process.once('SIGINT', async () => {
      const rows = await query(cluster.url, 'select 1 as one');
      console.log('closing ' + rows[0].one);
      await cluster.stop();
    });`);

  // What a terminal does on Ctrl-C: the signal goes to the whole process group.
  process.kill(-owner.pid, 'SIGINT');
  const said = await owner.output();

  expect(said).toContain('closing 1');
  await expect(stat(join(dir, 'data', 'postmaster.pid'))).rejects.toThrow('ENOENT');
});

test('a server whose owner was killed is taken over with its data and ended by the new owner', async () => {
  const owner = await ownerProcess('');
  process.kill(-owner.pid, 'SIGKILL');
  await owner.output();
  const serverBefore = Number((await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);

  const next = await startEmbeddedPostgres({ dir, settings });
  const rows = await query(next.url, 'select 1 as one');
  const serverAfter = Number((await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  await next.stop();

  expect(rows).toEqual([{ one: 1 }]);
  expect(serverAfter).toBe(serverBefore);
  expect(() => process.kill(serverBefore, 0)).toThrow('ESRCH');
});

test('the data may lie below a folder that only its owner may enter', async () => {
  await chmod(dir, 0o700);
  const inner = join(dir, 'inner');

  const cluster = await startEmbeddedPostgres({ dir: inner, settings });
  const rows = await query(cluster.url, 'select 1 as one');
  await cluster.stop();

  expect(rows).toEqual([{ one: 1 }]);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
});

test('two starts at the same time share one server', async () => {
  const starts = await Promise.all([startOnce(), startOnce()]);

  expect(starts).toEqual(['1', '1']);
});

async function startOnce(): Promise<string> {
  const script = join(dir, `start-${Math.random()}.mjs`);
  await writeFile(
    script,
    `${preamble()} console.log((await query(cluster.url, 'select 1 as one'))[0].one);
    await new Promise((settle) => setTimeout(settle, 3000)); await cluster.stop();`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  return stdout.trim();
}

async function ownerProcess(then: string) {
  const script = join(dir, 'owner.mjs');
  await writeFile(
    script,
    `${preamble()} ${then} console.log('ready'); setInterval(() => undefined, 1e6).unref();
    const keep = setInterval(() => undefined, 1e6); process.once('SIGINT', () => clearInterval(keep));`,
  );
  const child = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const closed = once(child, 'close');
  await new Promise<void>((settle, fail) => {
    child.once('close', () => fail(new Error('the owner ended before it was ready')));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('ready')) settle();
    });
  });
  if (child.pid === undefined) throw new Error('the owner did not start');
  return { pid: child.pid, output: () => closed.then(() => text) };
}

function preamble(): string {
  return `import { startEmbeddedPostgres } from ${JSON.stringify(join(compiled, 'src/store/embedded-postgres.js'))};
    import pg from ${JSON.stringify(join(root, 'node_modules/pg/esm/index.mjs'))};
    async function query(url, sql) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try { return (await client.query(sql)).rows; } finally { await client.end(); }
    }
    const cluster = await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, settings: { fsync: 'off' } });`;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
