import type { Runbook } from './runbook.ts';

/** A runbook that a query found; a higher score is a better match. */
export interface Found {
  readonly runbook: Runbook;
  readonly score: number;
}

/** Finds runbooks, the best first, at most `limit`. */
export type Search = (query: string, limit: number) => readonly Found[];
