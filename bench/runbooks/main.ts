import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startWorkspace } from '../../rehearsal/slack/workspace.ts';
import { parseRunbook } from '../../src/runbooks/parse.ts';
import { searchIndex } from '../../src/runbooks/search.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { type Figure, median, quantile, table } from '../figures.ts';
import { idlePlan } from '../plan.ts';
import { startProgram } from '../program.ts';
import { generatedRunbooks, typedQueries } from './books.ts';

/** So many commands of each kind, one after the other; the first few warm up and do not count. */
const commands = 100;
const warming = 5;
const goalMs = 300;
const channel = 'production';

const config = {
  groups: { deployers: ['U0ALICE'] },
  environments: {
    production: {
      channel: 'C0PRODUCTION',
      plan: 'bench',
      may: { deploy: ['deployers'], rollback: ['deployers'], lock: ['deployers'] },
    },
  },
};

const books = generatedRunbooks();
const bytes = books.reduce((sum, { text }) => sum + text.length, 0) / books.length;
console.log(`${books.length} runbooks of ${(bytes / 1_000).toFixed(1)} kB on average\n`);
console.log('The search alone');
console.log(`${table(searchFigures())}\n`);

const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
// The server ends with this process; its folder would stay.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    process.exit(1);
  });
}
try {
  const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), databases: ['runbooks'] });
  closers.push(() => postgres.stop());
  console.log('From the slash command to the answer in Slack');
  console.log(table(await commandFigures(postgres.urlOf('runbooks'))));
} finally {
  for (const close of closers.reverse()) await close();
}

function searchFigures(): readonly Figure[] {
  const runbooks = books.flatMap(({ name, text }) => {
    const parsed = parseRunbook(name, text);
    return 'runbook' in parsed ? [parsed.runbook] : [];
  });
  const begunAt = performance.now();
  const search = searchIndex(runbooks);
  const indexed = performance.now() - begunAt;
  const texts = books.map(({ text }) => text.toLowerCase());
  const scan = (query: string): number => {
    const words = query.toLowerCase().split(/\s+/);
    return texts.filter((text) => words.every((word) => text.includes(word))).length;
  };
  const queries = typedQueries(commands * 4);
  const ours = queries.map((query) => spanOf(() => search(query, 5)));
  const plain = queries.map((query) => spanOf(() => scan(query)));
  const found = queries.filter((query) => search(query, 5).length > 0).length;
  const scanned = queries.filter((query) => scan(query) > 0).length;
  return [
    { what: 'runbooks that parse', value: runbooks.length, unit: '', least: books.length },
    { what: 'index built', value: indexed, unit: 'ms' },
    { what: 'search, median', value: median(ours), unit: 'ms' },
    { what: 'search, p95', value: quantile(ours, 0.95), unit: 'ms' },
    { what: 'plain scan of all texts, median', value: median(plain), unit: 'ms' },
    { what: 'plain scan of all texts, p95', value: quantile(plain, 0.95), unit: 'ms' },
    { what: `queries answered by the search, of ${queries.length}`, value: found, unit: '' },
    { what: `queries answered by the scan, of ${queries.length}`, value: scanned, unit: '' },
  ];
}

async function commandFigures(databaseUrl: string): Promise<readonly Figure[]> {
  await mkdir(join(dir, 'runbooks/deploy'), { recursive: true });
  await mkdir(join(dir, 'runbooks/incidents'), { recursive: true });
  await writeFile(join(dir, 'runbooks/deploy/bench.yaml'), stringify(idlePlan(1, 1, false)));
  for (const { name, text } of books) await writeFile(join(dir, `runbooks/incidents/${name}.md`), text);
  await writeFile(join(dir, 'slipway.yaml'), stringify(config));
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  closers.push(() => workspace.stop());
  const program = await startProgram({
    ...workspace.env,
    DATABASE_URL: databaseUrl,
    SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
  });
  closers.push(() => program.stop());
  const { people } = workspace;
  const answered = async (text: string): Promise<number> => {
    const before = people.ephemeralTo('alice').length;
    const typedAt = performance.now();
    await people.command('alice', channel, '/runbook', text);
    await people.waitForEphemeral('alice', () => people.ephemeralTo('alice').length > before, {
      timeoutMs: 30_000,
    });
    return performance.now() - typedAt;
  };
  const found: number[] = [];
  for (const query of typedQueries(commands + warming)) found.push(await answered(query));
  const listed: number[] = [];
  for (let index = 0; index < commands + warming; index += 1) listed.push(await answered(''));
  const memory = await program.memory();
  return [
    ...spansOf('/runbook WORDS', found.slice(warming)),
    ...spansOf('/runbook', listed.slice(warming)),
    { what: 'start to ready, cold database', value: program.readyAfter, unit: 'ms' },
    ...(memory === undefined
      ? []
      : [{ what: 'resident memory afterwards', value: memory / 2 ** 20, unit: 'MB' }]),
  ];
}

function spansOf(what: string, spans: readonly number[]): readonly Figure[] {
  return [
    { what: `${what}, median of ${spans.length}`, value: median(spans), unit: 'ms' },
    { what: `${what}, p95`, value: quantile(spans, 0.95), unit: 'ms', goal: goalMs },
  ];
}

function spanOf(work: () => unknown): number {
  const begunAt = performance.now();
  work();
  return performance.now() - begunAt;
}
