import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookAtFolder, nothingRead } from '../../src/runbooks/folder.ts';
import { type Library, openLibrary } from '../../src/runbooks/library.ts';
import { shelfOf } from '../../src/runbooks/shelf.ts';
import { until } from '../support/until.ts';

let folder = '';
const opened: Library[] = [];
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'library-'));
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((library) => library.close()));
  await rm(folder, { recursive: true });
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

const runbook = (title: string) => `---\ntitle: ${title}\n---\n## Meaning\nWords.\n`;

async function open(lookMs = 50, from = folder, now = () => Date.now()): Promise<Library> {
  const library = await openLibrary(from, { log: silent, now, lookMs });
  opened.push(library);
  return library;
}

const titles = (library: Library) => library.all().map(({ name, title }) => `${name}: ${title}`);
const hour = 3_600_000;

describe('a folder of runbooks', () => {
  test('is read with its subfolders, in the order of the names', async () => {
    await write('b.md', runbook('B'));
    await write('c/a.md', runbook('A'));
    await write('c/d/e/z.md', runbook('Z'));
    await write('notes.txt', 'words');

    const library = await open();

    expect(titles(library)).toEqual(['a: A', 'b: B', 'z: Z']);
    expect(library.find('a')?.title).toBe('A');
    expect(library.find('c')).toBeUndefined();
    expect(library.find('__proto__')).toBeUndefined();
    expect(library.faults()).toEqual([]);
  });

  test('need not exist, and is seen when it does', async () => {
    const library = await open(50, join(folder, 'later'));
    expect([library.all(), library.faults()]).toEqual([[], []]);

    await write('later/a.md', runbook('A'));

    await until('the runbook', () => library.find('a'));
  });

  test('takes no hidden file and no read-me for a runbook', async () => {
    await write('.git/a.md', 'words');
    await write('.b.md', 'words');
    await write('README.md', '# These are runbooks');
    await write('c.md~', 'words');

    const library = await open();

    expect([library.all(), library.faults()]).toEqual([[], []]);
  });

  test('tells of each file that is no runbook, with its line', async () => {
    await write('good.md', runbook('Good'));
    await write('bad.md', '---\ntitle: Bad\nalert: [X]\n---\n');
    await write('sub/Wrong Name.md', runbook('Wrong'));

    const library = await open();

    expect(titles(library)).toEqual(['good: Good']);
    expect(library.faults()).toEqual([
      { file: 'bad.md', line: 3, message: 'alert: unknown key "alert"; did you mean "alerts"?' },
      { file: 'sub/Wrong Name.md', message: expect.stringContaining('its name is none') },
    ]);
  });

  test('serves the first by path of two files with one name', async () => {
    await write('b/disk.md', runbook('Second'));
    await write('a/disk.md', runbook('First'));

    const library = await open();

    expect(titles(library)).toEqual(['disk: First']);
    expect(library.faults()).toEqual([
      { file: 'b/disk.md', message: 'has the same name as a/disk.md, which is served; give it another one' },
    ]);
  });

  test('is not left through a link', async () => {
    await write('outside/secret.md', runbook('Secret'));
    await mkdir(join(folder, 'root'));
    await symlink('../outside/secret.md', join(folder, 'root/secret.md'));
    await symlink('../outside', join(folder, 'root/linked'));
    await symlink('nowhere', join(folder, 'root/gone.md'));
    await symlink('.', join(folder, 'root/self'));

    const library = await open(50, join(folder, 'root'));

    expect(library.all()).toEqual([]);
    expect(library.faults().map(({ file, message }) => `${file} ${message.slice(0, 18)}`)).toEqual([
      'gone.md is a symbolic link',
      'linked is a symbolic link',
      'secret.md is a symbolic link',
      'self is a symbolic link',
    ]);
  });

  test('may itself be a link, which may come to lead elsewhere', async () => {
    await write('one/a.md', runbook('A'));
    await write('two/b.md', runbook('B'));
    await symlink('one', join(folder, 'current'));
    const library = await open(50, join(folder, 'current'));
    expect(titles(library)).toEqual(['a: A']);

    await symlink('two', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));

    await until('the other folder', () => library.find('b') && library.find('a') === undefined);
  });

  test('is read beside a pipe, which nobody writes to', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe.md')]);
    await mkdir(join(folder, 'folder.md'));
    await write('a.md', runbook('A'));

    const library = await open();

    expect(titles(library)).toEqual(['a: A']);
    expect(library.faults()).toEqual([{ file: 'pipe.md', message: 'is no regular file; it is not read' }]);
  });

  test('is read only so deep', async () => {
    await write('1/2/3/4/5/deep.md', runbook('Deep'));
    await write('1/2/3/4/5/6/deeper.md', runbook('Deeper'));

    const library = await open();

    expect(titles(library)).toEqual(['deep: Deep']);
    expect(library.faults()).toEqual([
      { file: '1/2/3/4/5/6', message: 'is deeper than 6 folders; it is not read' },
    ]);
  });

  test('takes a huge file for none without reading it', async () => {
    await write('huge.md', runbook('Huge'));
    await truncate(join(folder, 'huge.md'), 50 * 1024 ** 3);

    const library = await open();

    expect(library.faults()).toEqual([{ file: 'huge.md', message: 'it is larger than 256 KB' }]);
  });

  test('shows a file by a name that does nothing', async () => {
    await write('a\u001b[2J\u202e\nb.md', runbook('A'));

    const library = await open();

    expect(library.faults()).toMatchObject([{ file: 'a [2J b.md' }]);
  });

  test('of a thousand runbooks lets others work while it is read', async () => {
    for (let index = 0; index < 1_000; index += 1)
      await write(`${index % 7}/r-${index}.md`, runbook(`R${index}`));
    let turns = 0;
    const turn = setInterval(() => {
      turns += 1;
    }, 1);

    const library = await open();
    clearInterval(turn);

    expect(library.all()).toHaveLength(1_000);
    expect(turns).toBeGreaterThan(5);
  });
});

test('what is new is found by its words, and what is gone is not', async () => {
  await write('a.md', runbook('Redis memory'));
  const library = await open(20);
  const found = (query: string) => library.search(query, 5).map(({ runbook: { name } }) => name);
  expect(found('redis')).toEqual(['a']);

  await write('b.md', runbook('Postgres is slow'));
  await rm(join(folder, 'a.md'));

  await until('the new one', () => found('postgres').length === 1);
  await until('the end of the other', () => found('redis').length === 0);
});

describe.each([
  ['told of by the operating system', hour],
  ['found by looking', 20],
])('a change that is %s', (_how, lookMs) => {
  test('is served: a runbook that is new, changed, renamed or gone', async () => {
    await write('a.md', runbook('A'));
    await write('b.md', runbook('B'));
    const library = await open(lookMs);
    await write('c.md', runbook('C'));
    await until('the new one', () => library.find('c'));

    await write('a.md', runbook('A again'));
    await until('the changed one', () => library.find('a')?.title === 'A again');
    await rename(join(folder, 'b.md'), join(folder, 'd.md'));
    await until('the renamed one', () => library.find('d') && library.find('b') === undefined);
    await rm(join(folder, 'c.md'));
    await until('the one that is gone', () => library.find('c') === undefined);

    expect(titles(library)).toEqual(['a: A again', 'd: B']);
  });

  test('is served when an editor puts a new file in the place of the old one', async () => {
    await write('a.md', runbook('A'));
    const library = await open(lookMs);
    await write('b.md', runbook('B'));
    await until('the following', () => library.find('b'));

    await write('.a.md.tmp', runbook('Z'));
    await rename(join(folder, '.a.md.tmp'), join(folder, 'a.md'));

    await until('the new text', () => library.find('a')?.title === 'Z');
  });

  test('in a folder that is new is served', async () => {
    const library = await open(lookMs);
    await write('a.md', runbook('A'));
    await until('the following', () => library.find('a'));

    await mkdir(join(folder, 'sub'));
    await write('sub/b.md', runbook('B'));
    await until('the one in it', () => library.find('b'));
    await write('sub/b.md', runbook('B again'));

    await until('the changed one in it', () => library.find('b')?.title === 'B again');
  });

  test('that breaks a runbook leaves the last good one and tells of it until it is mended', async () => {
    await write('a.md', runbook('A'));
    await write('b.md', runbook('B'));
    const library = await open(lookMs);
    await write('c.md', runbook('C'));
    await until('the following', () => library.find('c'));
    const good = library.find('a');

    await write('a.md', '---\ntitle: [\n---\n');
    await until('the fault', () => library.faults().length > 0);
    expect(library.find('a')).toBe(good);
    expect(library.faults().every(({ file }) => file === 'a.md')).toBe(true);

    await write('a.md', runbook('Mended'));
    await until('the mended one', () => library.find('a')?.title === 'Mended');
    expect(library.faults()).toEqual([]);
  });

  test('to a link in the place of a file leaves nothing of what lies outside', async () => {
    await write('a.md', runbook('A'));
    const library = await open(lookMs);
    await write('b.md', runbook('B'));
    await until('the following', () => library.find('b'));

    await rm(join(folder, 'a.md'));
    await symlink('/etc/passwd', join(folder, 'a.md'));

    await until('the fault', () => library.faults().some(({ message }) => message.includes('symbolic link')));
    expect(titles(library)).toEqual(['b: B']);
  });
});

test('a change that keeps the size and the time of a file is seen', async () => {
  await write('a.md', runbook('AAA'));
  const time = new Date(Date.now() - hour);
  await utimes(join(folder, 'a.md'), time, time);
  const library = await open(20, folder, () => Date.now() + hour);

  await write('a.md', runbook('BBB'));
  await utimes(join(folder, 'a.md'), time, time);

  await until('the other text', () => library.find('a')?.title === 'BBB');
});

test('a file that changed in the moment in which it was read is read again', async () => {
  await write('a.md', runbook('A'));

  const atOnce = await lookAtFolder(folder, nothingRead, () => Date.now());
  const later = await lookAtFolder(folder, atOnce, () => Date.now() + hour);

  expect(atOnce.files.get('a.md')?.stamp).toBeUndefined();
  expect(later.files.get('a.md')?.stamp).toBeDefined();
});

test('what can no longer be read stays as it was and is told of', async () => {
  await write('a.md', runbook('A'));
  await write('sub/b.md', runbook('B'));
  await write('c.md', runbook('C'));
  await chmod(folder, 0o755);
  const before = await lookAtFolder(folder, nothingRead, () => Date.now());
  await chmod(join(folder, 'a.md'), 0);
  await chmod(join(folder, 'sub'), 0);

  const after = await asNobody(() => lookAtFolder(folder, before, () => Date.now()));
  await chmod(join(folder, 'sub'), 0o755);

  const { runbooks, faults } = shelfOf(after);
  expect([...runbooks.values()]).toEqual([...shelfOf(before).runbooks.values()]);
  expect(faults).toEqual([
    { file: 'a.md', message: 'cannot be read: EACCES' },
    { file: 'sub', message: 'the folder cannot be read: EACCES' },
  ]);
});

/** Does something as a user whom permissions hold back, which they do not do to root. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test('what does not change stays the same object', async () => {
  await write('a.md', runbook('A'));
  const library = await open(20);
  const [before, all] = [library.find('a'), library.all()];
  await write('nothing.txt', 'words');

  await appendFile(join(folder, 'a.md'), '');
  await write('b.md', '---\nbroken\n---\n');
  await until('the fault of the other', () => library.faults().length > 0);

  expect(library.find('a')).toBe(before);
  expect(library.all()).toBe(all);
});

test('a closed library looks no more', async () => {
  await write('a.md', runbook('A'));
  const library = await open(10);
  await library.close();

  await write('b.md', runbook('B'));
  const later = await open(10);
  await until('the new one by another', () => later.find('b'));

  expect(library.find('b')).toBeUndefined();
});
