import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { oneLine } from '../alerts/one-line.ts';
import type { Fault } from './library.ts';
import { largestRunbook, parseRunbook } from './parse.ts';
import type { Runbook } from './runbook.ts';

/** A file of the folder as it was when it was last read. */
export interface KnownFile {
  /** Changes whenever the file does; undefined when it may have changed in the moment in which it was read. */
  readonly stamp: string | undefined;
  readonly size: number;
  /** As it last could be read. */
  readonly runbook?: Runbook;
  /** What is wrong with it now. */
  readonly faults: readonly Fault[];
}

/** A folder of runbooks as a look found it: its files and folders by their paths below it, and what is wrong with the rest. */
export interface FolderState {
  readonly files: ReadonlyMap<string, KnownFile>;
  /** The folders with their inodes, the whole one as `''`. */
  readonly folders: ReadonlyMap<string, bigint>;
  readonly faults: readonly Fault[];
}

/** Nothing read yet. */
export const nothingRead: FolderState = { files: new Map(), folders: new Map(), faults: [] };

/** The most of a folder that is read: levels, folders, runbooks, and bytes of all together. */
const most = { levels: 6, folders: 500, files: 5_000, bytes: 67_108_864 } as const;

/** How far back a change must lie to be told from a later one: file systems keep times to a few milliseconds, some to two seconds. */
const settledMs = 3_000;

/** What a look gathers while it goes. */
interface Look {
  readonly root: string;
  readonly before: FolderState;
  readonly now: () => number;
  readonly files: Map<string, KnownFile>;
  readonly folders: Map<string, bigint>;
  readonly faults: Fault[];
  bytes: number;
}

/**
 * Looks at the `*.md` files of a folder and its subfolders, and reads those that changed since the look before. Hidden files and
 * `README.md` are no runbooks. Symbolic links and special files are not followed; a file or folder that cannot be read keeps what
 * was read of it. A folder that is not there is empty.
 */
export async function lookAtFolder(
  folder: string,
  before: FolderState,
  now: () => number,
): Promise<FolderState> {
  const look: Look = { root: '', before, now, files: new Map(), folders: new Map(), faults: [], bytes: 0 };
  try {
    await lookInto({ ...look, root: await realpath(folder) }, '', 1);
  } catch (error) {
    if (!isGone(error)) {
      keepBelow(look, '');
      look.faults.push(fault('.', `the folder cannot be read: ${reasonOf(error)}`));
    }
  }
  const { files, folders, faults } = look;
  return { files, folders, faults };
}

async function lookInto(look: Look, below: string, level: number): Promise<void> {
  const path = join(look.root, below);
  let entries: Dirent[];
  try {
    const found = await lstat(path, { bigint: true });
    if (!found.isDirectory()) return refuse(look, below, 'is no folder any more');
    look.folders.set(below, found.ino);
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return;
    keepBelow(look, below);
    return refuse(look, below, `the folder cannot be read: ${reasonOf(error)}`);
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) await lookFurther(look, file, level + 1);
    else if (entry.name.endsWith('.md')) await lookAtFile(look, file, entry);
    else if (entry.isSymbolicLink() && (await isFolder(join(look.root, file)))) {
      refuse(look, file, 'is a symbolic link, which is not followed; put a folder there');
    }
  }
}

async function lookFurther(look: Look, folder: string, level: number): Promise<void> {
  if (level > most.levels)
    return refuse(look, folder, `is deeper than ${most.levels} folders; it is not read`);
  if (look.folders.size >= most.folders) {
    return refuseOnce(look, folder, `more than ${most.folders} folders; the others are not read`);
  }
  await lookInto(look, folder, level);
}

async function lookAtFile(look: Look, file: string, entry: Dirent): Promise<void> {
  if (entry.name.toLowerCase() === 'readme.md') return;
  if (entry.isSymbolicLink()) {
    return refuse(look, file, 'is a symbolic link, which is not followed; put the file itself there');
  }
  if (!entry.isFile()) return refuse(look, file, 'is no regular file; it is not read');
  if (look.files.size >= most.files) {
    return refuseOnce(look, file, `more than ${most.files} runbooks; the others are not read`);
  }
  const known = look.before.files.get(file);
  const read = await readFileOf(look, file, known);
  if (read === undefined) return;
  look.bytes += read.size;
  if (look.bytes > most.bytes) {
    return refuseOnce(look, file, 'more than 64 MB of runbooks; the others are not read');
  }
  look.files.set(file, read);
}

/** A file as it is now, undefined when it is gone; what was read of it stays when it cannot be read any more. */
async function readFileOf(
  { root, now }: Look,
  file: string,
  known: KnownFile | undefined,
): Promise<KnownFile | undefined> {
  const path = join(root, file);
  const kept = (message: string): KnownFile => ({
    stamp: undefined,
    size: known?.size ?? 0,
    ...(known?.runbook !== undefined && { runbook: known.runbook }),
    faults: [fault(file, message)],
  });
  try {
    const seen = stampOf(await lstat(path, { bigint: true }));
    if (known !== undefined && known.stamp === seen) return known;
    // A link, or a pipe that would wait for a writer, may have taken its place since the folder was listed.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await handle.stat({ bigint: true });
      if (!found.isFile()) return kept('is no regular file; it is not read');
      if ((await realpath(path)) !== path) return kept('lies outside the folder; it is not read');
      if (found.size > BigInt(largestRunbook)) return kept('it is larger than 256 KB');
      const buffer = Buffer.alloc(Number(found.size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      const isSettled = now() - Number(found.ctimeMs) > settledMs;
      const text = buffer.toString('utf8', 0, bytesRead);
      const stamp = isSettled ? stampOf(found) : undefined;
      return parsedFile(file, text, { stamp, size: bytesRead }, known);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return isGone(error) ? undefined : kept(`cannot be read: ${reasonOf(error)}`);
  }
}

function parsedFile(
  file: string,
  text: string,
  place: Pick<KnownFile, 'stamp' | 'size'>,
  known: KnownFile | undefined,
): KnownFile {
  const name = file.slice(file.lastIndexOf('/') + 1, -'.md'.length);
  const parsed = parseRunbook(name, text);
  if ('faults' in parsed) {
    const faults = parsed.faults.map(({ line, message }) => fault(file, message, line));
    return { ...place, ...(known?.runbook !== undefined && { runbook: known.runbook }), faults };
  }
  // The same text stays the same object, so that it is known that nothing changed.
  const isSame = known?.runbook?.hash === parsed.runbook.hash;
  return { ...place, runbook: isSame ? known.runbook : parsed.runbook, faults: [] };
}

function keepBelow({ before, files }: Look, below: string): void {
  for (const [file, known] of before.files) {
    if (below === '' || file.startsWith(`${below}/`)) files.set(file, known);
  }
}

function refuse({ faults }: Look, file: string, message: string): void {
  faults.push(fault(file, message));
}

function refuseOnce(look: Look, file: string, message: string): void {
  if (!look.faults.some((one) => one.message === message)) refuse(look, file, message);
}

function fault(file: string, message: string, line?: number): Fault {
  return { file: oneLine(file, 200) || '.', ...(line !== undefined && { line }), message };
}

function stampOf(stats: { mtimeNs: bigint; ctimeNs: bigint; size: bigint; ino: bigint }): string {
  return `${stats.ino}/${stats.size}/${stats.mtimeNs}/${stats.ctimeNs}`;
}

async function isFolder(link: string): Promise<boolean> {
  const found = await stat(link).catch(() => undefined);
  return found?.isDirectory() === true;
}

function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? 'an unknown reason';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
