import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sshd, startSshd } from '../../../rehearsal/world/sshd.ts';
import { codeNode } from '../../../src/steps/code/node.ts';
import type { Host } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const run = promisify(execFile);

describeWith('sshd', 'code/node', () => {
  let dir: string;
  let web: string;
  let sshd: Sshd;
  let context: { hosts: Record<string, Host> };
  let wanted: Record<string, unknown>;
  const build = ['sh', '-c', 'mkdir -p dist && cp page.html dist/'];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-node-'));
    await chmod(dir, 0o755);
    const started = await startSshd({ dir: join(dir, 'sshd') });
    if (!started) throw new Error('sshd is missing');
    sshd = started;
    context = { hosts: { app: sshd.host } };
  });

  afterAll(async () => {
    await sshd.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    web = await project();
    wanted = { host: 'app', directory: web, as: userInfo().username };
  });

  contract(codeNode, { first: 'unsatisfied', last: 'satisfied' }, async () => {
    const directory = await project();
    const parameters = { host: 'app', directory, as: userInfo().username, build };
    return {
      wanted: parameters,
      hung: (port) => ({ wanted: parameters, context: { hosts: { app: { ...sshd.host, port } } } }),
      context,
      snapshot: () => readdir(directory, { recursive: true }),
      close: async () => {},
    };
  });

  test('the packages of the lock are installed, and a changed lock, a lost package and another version are found', async () => {
    const lines: string[] = [];

    await applied({}, { log: (text) => void lines.push(text) });
    const first = await checking(codeNode, wanted, context);
    await writeFile(join(web, 'node_modules/dep/package.json'), '{"name":"dep","version":"0.9.0"}');
    const other = await checking(codeNode, wanted, context);
    await rm(join(web, 'node_modules/dep'), { recursive: true });
    const lost = await checking(codeNode, wanted, context);
    await writeFile(
      join(web, 'package-lock.json'),
      `${await readFile(join(web, 'package-lock.json'), 'utf8')}\n`,
    );
    const changed = await checking(codeNode, wanted, context);
    await applied();
    const repaired = await checking(codeNode, wanted, context);

    expect(first).toMatchObject({
      is: 'satisfied',
      evidence: [{ answered: expect.stringMatching(/^node v\d+\.\d+\.\d+, 1 packages; as wanted$/) }],
    });
    expect(other).toMatchObject({
      because: expect.stringContaining('lacks packages or has others: node_modules/dep'),
    });
    expect(lost).toMatchObject({
      because: expect.stringContaining('lacks packages or has others: node_modules/dep'),
    });
    expect(changed).toMatchObject({
      because: expect.stringContaining('was installed from another package-lock.json'),
    });
    expect(repaired.is).toBe('satisfied');
    expect(lines.join('')).toContain('added 1 package');
  });

  test('what is built from another state of the sources is built anew', async () => {
    await run('git', ['-C', web, 'init', '-q']);
    const commit = async () => {
      await run('git', ['-C', web, 'add', 'page.html']);
      await run('git', [
        '-C',
        web,
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@b.example',
        'commit',
        '-qm',
        'change',
      ]);
    };
    await commit();
    await applied({ build });
    const before = await checking(codeNode, { ...wanted, build }, context);

    await writeFile(join(web, 'page.html'), 'two');
    await commit();
    const drift = await checking(codeNode, { ...wanted, build }, context);
    const otherBuild = await checking(codeNode, { ...wanted, build: ['true'] }, context);
    await applied({ build });

    expect(before.is).toBe('satisfied');
    expect(drift).toMatchObject({
      because: expect.stringMatching(/was built from [0-9a-f]{12}, what is there is [0-9a-f]{12}\.$/),
    });
    expect(otherBuild).toMatchObject({ because: expect.stringContaining('was built by another command') });
    expect(await readFile(join(web, 'dist/page.html'), 'utf8')).toBe('two');
  });

  test('a build that is stopped or fails leaves no stamp, and another run completes it', async () => {
    const controller = new AbortController();

    const building = failureOf(applied({ build: ['sh', '-c', 'touch begun; sleep 30'] }, controller.signal));
    while (!existsSync(join(web, 'begun'))) await sleep(20);
    controller.abort(new DOMException('stopped', 'AbortError'));
    const stopped = await building;
    const failed = await failureOf(applied({ build: ['sh', '-c', 'echo no room >&2; exit 3'] }));
    const between = await checking(codeNode, { ...wanted, build }, context);
    await applied({ build });

    expect(stopped.code).toBe('aborted');
    expect(failed).toMatchObject({ code: 'command-failed', message: expect.stringContaining('no room') });
    expect(between).toMatchObject({
      because: expect.stringContaining('was not completely installed by this step'),
    });
    expect((await checking(codeNode, { ...wanted, build }, context)).is).toBe('satisfied');
  });

  test('what cannot be is told', async () => {
    const told = {
      directory: await failureOf(applied({ directory: join(dir, 'none') })),
      account: await failureOf(applied({ as: 'nobody-here' })),
    };
    await writeFile(
      join(web, 'package.json'),
      '{"name":"web","version":"1.0.0","dependencies":{"other":"1.0.0"}}',
    );
    const mismatch = await failureOf(applied());
    await rm(join(web, 'package-lock.json'));
    const noLock = await failureOf(checking(codeNode, wanted, context));

    expect([told.directory.code, told.account.code, mismatch.code, noLock.code]).toEqual([
      'not-found',
      'not-found',
      'command-failed',
      'not-found',
    ]);
    expect(mismatch.message).toContain('npm ci in');
    expect(noLock.message).toContain('package-lock.json');
  });

  /** A package with one dependency that lies beside it, so that no registry is asked. */
  async function project(): Promise<string> {
    const folder = await mkdtemp(join(dir, 'web-'));
    await mkdir(join(folder, 'package'));
    await writeFile(join(folder, 'package/package.json'), '{"name":"dep","version":"1.0.0"}');
    await run('tar', ['-czf', join(folder, 'dep-1.0.0.tgz'), '-C', folder, 'package']);
    const root = { name: 'web', version: '1.0.0', dependencies: { dep: 'file:dep-1.0.0.tgz' } };
    const packages = { '': root, 'node_modules/dep': { version: '1.0.0', resolved: 'file:dep-1.0.0.tgz' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify(root));
    await writeFile(
      join(folder, 'package-lock.json'),
      JSON.stringify({ name: 'web', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
    );
    await writeFile(join(folder, 'page.html'), 'one');
    return folder;
  }

  async function applied(
    other: Record<string, unknown> = {},
    around: AbortSignal | Parameters<typeof contextOf>[0] = {},
  ) {
    const more = around instanceof AbortSignal ? { signal: around } : around;
    return codeNode.apply?.(codeNode.with.parse({ ...wanted, ...other }), contextOf({ ...context, ...more }));
  }
});
