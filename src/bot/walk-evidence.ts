import type { Pool } from 'pg';
import { z } from 'zod';
import { outputTails } from '../store/output.ts';
import { evidenceOf } from '../store/record.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';

const Kept = z.object({
  evidence: z.array(z.object({ asked: z.string(), of: z.string(), answered: z.string() })).default([]),
  output: z.object({ step: z.string(), fence: z.number() }).optional(),
});

/** Of what a step said while it ran, as many characters from its end are shown; `slipway audit show` has all of it. */
const longestTail = 16_000;

/** What came back from the newest runs of an opened runbook's steps, by the hash of the evidence, as text that was redacted before. */
export async function walkEvidence(
  pool: Pool,
  { id, runs }: Walkthrough,
): Promise<Readonly<Record<string, string>>> {
  const hashes = Object.values(runs).flatMap(({ evidence }) => evidence ?? []);
  if (hashes.length === 0) return {};
  const [kept, said] = await Promise.all([
    evidenceOf(pool, id, hashes),
    outputTails(pool, id, 'runbook', longestTail),
  ]);
  const texts = kept.map(({ hash, body }) => {
    const { evidence, output } = Kept.parse(body);
    const own = said.find(({ step, fence }) => step === output?.step && fence === output.fence);
    const answers = evidence.map(({ asked, of, answered }) => `${asked}\n— ${of}\n${answered}`);
    return [hash, [...answers, ...(own === undefined ? [] : [own.tail])].join('\n\n')];
  });
  return Object.fromEntries(texts);
}
