import type { FolderState } from './folder.ts';
import type { Fault } from './library.ts';
import type { Runbook } from './runbook.ts';

/** The runbooks of a folder by their names, and everything that is wrong with it in the order of its paths and lines. */
export interface Shelf {
  readonly runbooks: ReadonlyMap<string, Runbook>;
  readonly faults: readonly Fault[];
}

const mostFaults = 1_000;

/** What a folder gives, with at most 1000 faults: of two files with the same name the first by path, the other is told of. */
export function shelfOf({ files, faults }: FolderState): Shelf {
  const runbooks = new Map<string, Runbook>();
  const served = new Map<string, string>();
  const all: Fault[] = [...faults];
  for (const [file, { runbook, faults: own }] of [...files].sort(byPath)) {
    all.push(...own);
    if (runbook === undefined) continue;
    const first = served.get(runbook.name);
    if (first === undefined) {
      served.set(runbook.name, file);
      runbooks.set(runbook.name, runbook);
    } else {
      all.push({ file, message: `has the same name as ${first}, which is served; give it another one` });
    }
  }
  const sorted = [...runbooks].sort(byPath);
  return { runbooks: new Map(sorted), faults: all.sort(byPlace).slice(0, mostFaults) };
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPlace(a: Fault, b: Fault): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}
