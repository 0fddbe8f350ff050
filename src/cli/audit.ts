import type { Pool } from 'pg';
import { z } from 'zod';
import { sha256 } from '../canonical.ts';
import { kindOf, planCopy, streamIds } from '../store/record.ts';
import { load } from '../store/streams.ts';
import { type Export, exportOf, faultsOf, outputFor, Proven, unproven } from './record.ts';
import { isReplayed, provenKinds } from './replay.ts';
import { counted, type Out } from './table.ts';

/** `slipway audit show`: a run's events and evidence as text, with `output` also what its steps said. Returns 0, or 2 when there is no such run. */
export async function show(options: {
  readonly out: Out;
  readonly pool: Pool;
  readonly run: string;
  readonly output: boolean;
}): Promise<0 | 2> {
  const { out, pool, run } = options;
  const record = await exportOf(pool, run);
  if (record.events.length === 0) {
    out.write(`There is no run ${run}. \`slipway audit list\` names all.\n`);
    return 2;
  }
  const bodies = new Map(record.evidence.map(({ hash, body }) => [hash, body]));
  for (const { version, type, at, data, hash } of record.events) {
    const { evidence, outline: _, fingerprints: __, ...rest } = data;
    out.write(
      `${String(version).padStart(4)}  ${new Date(at).toISOString()}  ${type}  ${hash.slice(0, 12)}\n`,
    );
    for (const [key, value] of Object.entries(rest)) out.write(`        ${key}: ${asText(value)}\n`);
    if (typeof evidence === 'string') {
      const body = bodies.get(evidence);
      out.write(evidenceText(evidence, body));
      const key = Proven.safeParse(body).data?.output;
      if (key !== undefined)
        out.write(options.output ? outputText(outputFor(key, record.output)) : outputNote);
    }
  }
  if (options.output)
    for (const one of unproven(record))
      out.write(`${one.phase}/${one.step}, cut off\n${outputText(one.pieces)}`);
  return 0;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function evidenceText(hash: string, body: unknown): string {
  const { evidence = [] } = (body ?? {}) as { evidence?: { asked: string; of: string; answered: string }[] };
  const shown = evidence.flatMap(({ asked, of, answered }) => [
    `        asked ${of}: ${asked}`,
    ...answered.split('\n').map((line) => `          ${line}`),
  ]);
  return `${[`        evidence ${hash}`, ...shown].join('\n')}\n`;
}

const outputNote = '        output: see it with --output\n';

function outputText(pieces: readonly string[]): string {
  const lines = pieces.join('').replace(/\n$/, '').split('\n');
  return `${['        output', ...lines.map((line) => `          ${line}`)].join('\n')}\n`;
}

/** `slipway audit verify`: proves each record of runs, opened runbooks and incidents. Returns 0, or 2 when anything was changed. */
export async function verify(options: {
  readonly out: Out;
  readonly pool: Pool;
  readonly run?: string | undefined;
}): Promise<0 | 2> {
  const { out, pool, run } = options;
  const all = async () => (await Promise.all(provenKinds.map((kind) => streamIds(pool, kind)))).flat();
  const streams = run === undefined ? await all() : [run];
  const faults: string[] = [];
  for (const stream of streams) {
    const record = await exportOf(pool, stream);
    const broken = faultsOf(record);
    faults.push(...(broken.length > 0 ? broken : await stateFaults(pool, record)));
  }
  for (const fault of faults) out.write(`${fault}\n`);
  out.write(
    faults.length === 0 ? `${counted(streams.length, 'record')} verified: nothing was changed.\n` : '',
  );
  return faults.length === 0 ? 0 : 2;
}

/** Only runs have a copy of a plan. */
const Planned = z.object({ planHash: z.string() });

/** Whether the stored state is what the events make of it. */
async function stateFaults(pool: Pool, { stream, events }: Export): Promise<readonly string[]> {
  const loaded = await load<unknown>(pool, stream);
  const kind = await kindOf(pool, stream);
  if (loaded === undefined || kind === undefined) return [`there is no run ${stream}`];
  if (loaded.hash !== events.at(-1)?.hash) return [`${stream}: its newest events are missing`];
  if (!isReplayed(kind, events, loaded.state)) return [`${stream}: its state is not what its events say`];
  const planHash = Planned.safeParse(loaded.state).data?.planHash ?? '';
  const isWhole = planHash === '' || sha256((await planCopy(pool, planHash)) ?? null) === planHash;
  return isWhole ? [] : [`${stream}: its copy of the plan is not what it was`];
}

/** `slipway audit verify --file`: proves an exported record without any database. */
export function verifyExport(options: { readonly out: Out; readonly record: Export }): 0 | 2 {
  const faults = faultsOf(options.record);
  for (const fault of faults) options.out.write(`${fault}\n`);
  if (faults.length === 0) options.out.write(`${options.record.stream} verified: nothing was changed.\n`);
  return faults.length === 0 ? 0 : 2;
}

/** `slipway audit list`: the ids of all runs, oldest first. */
export async function list(options: { readonly out: Out; readonly pool: Pool }): Promise<0> {
  for (const id of await streamIds(options.pool, 'run')) options.out.write(`${id}\n`);
  return 0;
}
