import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One item of the checklist that plans cover: its stable id, the part of the document it stands in, and its first line. */
export interface ChecklistItem {
  readonly id: string;
  readonly phase: string;
  readonly item: string;
}

/** Reads `checklist.tsv` of a folder of runbooks (a header, then id, phase, item, details); undefined when there is none. */
export async function readChecklist(runbooks: string): Promise<readonly ChecklistItem[] | undefined> {
  try {
    return checklistOf(await readFile(join(runbooks, 'checklist.tsv'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The items of a checklist's text; lines without an id are left out. */
export function checklistOf(text: string): ChecklistItem[] {
  return text
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([id]) => id !== undefined && id !== '')
    .map(([id = '', phase = '', item = '']) => ({ id, phase, item }));
}

/** The ids that one entry of `covers` stands for: itself, or all of a range such as `ENV-01..ENV-62` in the checklist's order; undefined when an end of it does not exist. */
export function idsCovered(entry: string, ids: readonly string[]): readonly string[] | undefined {
  const [first = '', last = first] = entry.split('..');
  const from = ids.indexOf(first);
  const to = ids.indexOf(last);
  return from < 0 || to < from ? undefined : ids.slice(from, to + 1);
}
