import type { Logger } from 'pino';
import { type FolderState, lookAtFolder, nothingRead } from './folder.ts';
import { follow } from './follow.ts';
import type { Runbook } from './runbook.ts';
import { changingIndex, type Found } from './search.ts';
import { type Shelf, shelfOf } from './shelf.ts';

/** What is wrong with a file of the folder; `line` counts from 1. */
export interface Fault {
  /** The path below the folder. */
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

/** The runbooks of a folder as they are now; one whose file no longer parses stays as it last was. */
export interface Library {
  /** By name. */
  readonly all: () => readonly Runbook[];
  readonly find: (name: string) => Runbook | undefined;
  readonly search: (query: string, limit: number) => readonly Found[];
  /** What is wrong now; a file with a fault is served as it last was, or not at all. */
  readonly faults: () => readonly Fault[];
  readonly close: () => Promise<void>;
}

/** How a folder is followed. */
export interface LibraryOptions {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
  /** How often the folder is looked at when nothing tells of a change, in milliseconds; 3 seconds unless told. */
  readonly lookMs?: number;
}

/** Reads the runbooks of a folder, which need not exist, and follows its changes until it is closed. */
export async function openLibrary(
  folder: string,
  { log, now, lookMs = 3_000 }: LibraryOptions,
): Promise<Library> {
  let state: FolderState = nothingRead;
  let shelf: Shelf = shelfOf(state);
  let all: readonly Runbook[] = [];
  const index = changingIndex();

  const look = async (): Promise<FolderState['folders']> => {
    state = await lookAtFolder(folder, state, now);
    const found = shelfOf(state);
    for (const fault of newFaults(shelf.faults, found.faults))
      log.warn({ ...fault, folder }, 'runbook not read');
    shelf = found;
    const runbooks = [...found.runbooks.values()];
    if (runbooks.length !== all.length || runbooks.some((runbook, index) => runbook !== all[index])) {
      all = runbooks;
      await index.become(all);
      log.info({ folder, runbooks: all.length }, 'runbooks read');
    }
    return state.folders;
  };
  await look();
  const followed = follow({ folder, lookMs, look, log });
  return {
    all: () => all,
    find: (name) => shelf.runbooks.get(name),
    search: index.search,
    faults: () => shelf.faults,
    close: () => followed.close(),
  };
}

function newFaults(before: readonly Fault[], now: readonly Fault[]): readonly Fault[] {
  const known = new Set(before.map((fault) => JSON.stringify(fault)));
  return now.filter((fault) => !known.has(JSON.stringify(fault)));
}
