import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';

/** What is followed, and how. */
export interface Followed {
  readonly folder: string;
  /** How long after a look the next one comes when nothing told of a change, in milliseconds. */
  readonly lookMs: number;
  /** Looks at the folder and answers with its folders by their paths below it, each with its inode. */
  readonly look: () => Promise<ReadonlyMap<string, bigint>>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** How long is waited after a change is told of, since changes come in numbers. */
const gatherMs = 100;

// Files that editors put beside a runbook while they work on it.
const unrelated = /^\.|\.(?!md$)[^.]*$/;

/**
 * Looks at a folder again and again until it is closed: soon after the operating system tells of a change, and every so often in
 * any case, since not every file system tells. Looks never overlap, and closing waits for the one at work.
 */
export function follow({ folder, lookMs, look, log }: Followed): { readonly close: () => Promise<void> } {
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: bigint }>();
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> | undefined;
  let isTold = false;
  let isClosed = false;
  let isRefused = false;

  const plan = (ms: number): void => {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(begin, ms);
  };
  const begin = (): void => {
    isTold = false;
    work = lookOnce().finally(() => {
      work = undefined;
      plan(isTold ? gatherMs : lookMs);
    });
  };
  const lookOnce = async (): Promise<void> => {
    try {
      watchAll(await look());
    } catch (error) {
      log.error({ error, folder }, 'the runbooks could not be looked at');
    }
  };
  const tell = (name: string | null): void => {
    if (name !== null && unrelated.test(name)) return;
    // A look that is already due is not put off, however fast changes follow each other.
    if (!isTold && work === undefined) plan(gatherMs);
    isTold = true;
  };
  const watchAll = (folders: ReadonlyMap<string, bigint>): void => {
    if (isClosed) return;
    for (const [below, { watcher, inode }] of watchers) {
      if (folders.get(below) === inode) continue;
      watcher.close();
      watchers.delete(below);
    }
    for (const [below, inode] of folders) {
      if (watchers.has(below)) continue;
      watchOne(below, inode);
      // What changed between the look and now was told to nobody.
      isTold ||= watchers.has(below);
    }
  };
  const watchOne = (below: string, inode: bigint): void => {
    try {
      const watcher = watch(join(folder, below), (_event, name) => tell(name));
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(below);
      });
      watchers.set(below, { watcher, inode });
    } catch (error) {
      if (!isRefused) log.info({ error, folder, lookMs }, 'changes are not told of; runbooks are looked at');
      isRefused = true;
    }
  };

  plan(0);
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      for (const { watcher } of watchers.values()) watcher.close();
      watchers.clear();
      await work;
    },
  };
}
