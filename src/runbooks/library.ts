import type { Runbook } from './runbook.ts';
import type { Found } from './search.ts';

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

/** Reads the runbooks of a folder, which need not exist, and follows its changes until it is closed. */
export async function openLibrary(_folder: string): Promise<Library> {
  return {
    all: () => [],
    find: () => undefined,
    search: () => [],
    faults: () => [],
    close: async () => undefined,
  };
}
