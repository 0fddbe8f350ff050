import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';

/** Only for hangs; it takes about one minute and a build. */
const limit = 300_000;

describeWith('local-slack', 'the demo', () => {
  let dir = '';

  afterEach(async () => rm(dir, { recursive: true, force: true }));

  test('plays two deployments by itself and ends well', { timeout: limit }, async () => {
    dir = await built();
    const child = spawn(process.execPath, ['dist/rehearsal/demo.js', '--play'], { cwd: dir });
    const stop = () => child.kill();
    process.once('exit', stop);

    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    process.off('exit', stop);

    expect(err).toBe('');
    expect(out).toContain('alice   types /deploy production v2.4.1');
    expect(out).toContain('the target system runs v2.4.1');
    expect(out).toContain('records verified: nothing was changed');
    expect(out).toContain('Every stage ended as it should.');
    expect(code).toBe(0);
  });
});

/** A build of its own, so that nobody else's is changed meanwhile. */
async function built(): Promise<string> {
  const root = resolve(import.meta.dirname, '../..');
  const folder = await mkdtemp(join(tmpdir(), 'slipway-built-'));
  for (const name of ['src', 'rehearsal', 'bench', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const build = spawn('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'ignore' });
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error('`npm run build` failed; run it by hand to see why');
  return folder;
}
