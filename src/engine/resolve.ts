import type { Source } from '../config.ts';
import { type Resolved, resolvedOf } from '../deploy/deployment.ts';
import type { Runs } from './runs.ts';

/** Looks up what a version is now; throws `version-unknown`, `source-unreachable` or `authentication-failed`, and never guesses. */
export type Resolve = (
  source: Source,
  version: string,
) => Promise<Resolved & { readonly notes: readonly string[] }>;

/** What a version is in an environment at this moment, nothing where it has no source; `notes` are for whoever asked. */
export async function resolved(
  runs: Runs,
  environment: string,
  version: string,
): Promise<{ readonly what: Resolved; readonly notes: readonly string[] }> {
  const { source } = runs.environment(environment);
  if (source === undefined) return { what: {}, notes: [] };
  const { notes, ...found } = await runs.parts.resolve(source, version);
  return { what: resolvedOf(found), notes };
}
