import type { Pool } from 'pg';
import { z } from 'zod';
import { sha256 } from '../canonical.ts';
import { firstBreak, type Link } from '../store/chain.ts';
import { type AttemptKey, type Output, outputsOf } from '../store/output.ts';
import { evidenceOf, historyOf } from '../store/record.ts';

/** A stream's whole record in one value: what `export` writes and `verify --file` reads. */
export interface Export {
  readonly stream: string;
  readonly events: readonly Link[];
  readonly evidence: readonly { readonly hash: string; readonly body: unknown }[];
  /** What steps said while they ran. */
  readonly output: readonly Output[];
}

const attemptKey = { phase: z.string(), step: z.string(), fence: z.number(), try: z.number() };

const Exported = z.object({
  stream: z.string(),
  events: z
    .array(
      z.object({
        version: z.number(),
        type: z.string(),
        at: z.number(),
        data: z.record(z.string(), z.unknown()),
        hash: z.string(),
      }),
    )
    .min(1),
  evidence: z.array(z.object({ hash: z.string(), body: z.unknown() })),
  // Records that were exported before there was any have none.
  output: z.array(z.object({ ...attemptKey, pieces: z.array(z.string()) })).default([]),
});

/** How the evidence of an attempt points at what the attempt said. */
export const Proven = z.object({
  output: z.object({
    ...attemptKey,
    pieces: z.number(),
    hash: z.string(),
    incomplete: z.boolean().default(false),
  }),
});

/** Reads what `export` wrote, or gives undefined when a text is nothing of the kind. */
export function readExport(text: string): Export | undefined {
  try {
    return Exported.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Reads a stream's whole record. */
export async function exportOf(pool: Pool, stream: string): Promise<Export> {
  return {
    stream,
    events: await historyOf(pool, stream),
    evidence: await evidenceOf(pool, stream),
    output: await outputsOf(pool, stream),
  };
}

/** Everything that is wrong with a record, as sentences; none when the chain and the evidence hold. */
export function faultsOf({ stream, events, evidence, output }: Export): readonly string[] {
  const broken = firstBreak(stream, events);
  const chain =
    broken === undefined ? [] : [`${stream}: event ${broken} does not follow from what is before it`];
  const changed = evidence
    .filter(({ hash, body }) => sha256(body) !== hash)
    .map(({ hash }) => `${stream}: the evidence ${hash} is not what it was`);
  const kept = new Set(evidence.map(({ hash }) => hash));
  const missing = events.flatMap(({ version, data }) => {
    const { evidence: hash } = data;
    return typeof hash === 'string' && !kept.has(hash)
      ? [`${stream}: the evidence of event ${version} is missing`]
      : [];
  });
  const said = evidence.flatMap(({ body }) => {
    const proven = Proven.safeParse(body).data?.output;
    return proven === undefined || isAsProven(proven, outputFor(proven, output))
      ? []
      : [`${stream}: the output of ${proven.phase}/${proven.step} is not what it was`];
  });
  return [...chain, ...changed, ...missing, ...said];
}

/** What the attempt that a piece of evidence is of said, in its pieces. */
export function outputFor(key: AttemptKey, output: readonly Output[]): readonly string[] {
  const isMeant = (one: Output) =>
    (['phase', 'step', 'fence', 'try'] as const).every((part) => one[part] === key[part]);
  return output.find(isMeant)?.pieces ?? [];
}

/** Of an output that could not be written to its end, a last piece may be there of which nobody heard. */
function isAsProven(
  { pieces, hash, incomplete }: z.output<typeof Proven>['output'],
  found: readonly string[],
): boolean {
  return sha256(found.slice(0, pieces).join('')) === hash && (incomplete || found.length === pieces);
}

/** What attempts said that never came to an end, because their worker was lost or the run was stopped. */
export function unproven({ evidence, output }: Export): readonly Output[] {
  const proven = evidence.flatMap(({ body }) => Proven.safeParse(body).data?.output ?? []);
  return output.filter((one) => !proven.some((key) => outputFor(key, [one]).length > 0));
}
