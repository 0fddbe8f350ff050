#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import pg from 'pg';
import { pino } from 'pino';
import { openApp } from './app.ts';
import * as alerts from './cli/alerts.ts';
import * as audit from './cli/audit.ts';
import { check } from './cli/check.ts';
import { coverage } from './cli/coverage.ts';
import { plan } from './cli/plan.ts';
import { type Export, exportOf, readExport } from './cli/record.ts';
import * as books from './cli/runbooks.ts';
import { schema } from './cli/schema.ts';
import { listSteps } from './cli/steps.ts';
import { type Config, loadConfig } from './config.ts';
import { Failure } from './errors.ts';
import { loadPlan } from './plans.ts';
import { reasonOf } from './reason-of.ts';
import { versionResolver } from './source/resolve-version.ts';
import { findStep, steps } from './steps/registry.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { migrate } from './store/migrate.ts';
import { reach } from './store/reach.ts';
import { formatProblems } from './yaml-file.ts';

const out = process.stdout;

const program = new Command('slipway')
  .description('A Slack bot that launches a system into production.')
  .option('-c, --config <file>', 'the configuration (default: SLIPWAY_CONFIG, or slipway.yaml)')
  .showHelpAfterError();

program
  .command('start', { isDefault: true })
  .description('run the bot')
  .option('--workers-only', 'only run phases, beside a process that does everything', false)
  .action(async ({ workersOnly }: { workersOnly: boolean }) => start(!workersOnly));

program
  .command('check')
  .description('check the configuration and all plans')
  .action(async () => exit(await check({ file: file(), env: process.env, steps, out })));

program
  .command('plan <environment> [version]')
  .description('dry run: every check, no apply; exit code 0 nothing to do, 1 changes, 2 problems')
  .action(async (name: string, version = 'latest') => exit(await dryRun(name, version)));

program
  .command('schema [folder]')
  .description('write the JSON Schemas of slipway.yaml and of plans, for editors')
  .action(async (folder = '.') => exit(await schema({ folder, steps, out })));

program
  .command('coverage')
  .description('which checklist items the plans cover, and by what')
  .option('--json', 'as JSON', false)
  .action(async ({ json }: { json: boolean }) => {
    exit(await coverage({ runbooks: await runbooks(), steps, json, out }));
  });

program
  .command('steps [uses]')
  .description('what a plan may name in `uses`, or one step with its parameters')
  .option('--markdown', 'as a page', false)
  .action((uses: string | undefined, { markdown }: { markdown: boolean }) =>
    exit(listSteps({ steps, uses, markdown, out })),
  );

const alerting = program.command('alerts').description('where alerts go');
alerting
  .command('route')
  .description('explain where alerts would go, and who would be told when; asks nobody outside')
  .requiredOption('--labels <labels>', 'what the alerts have in common: \'alertname="X",severity="page"\'')
  .option('--source <name>', 'from which source of slipway.yaml (default: the only one)')
  .option('--receiver <name>', "Alertmanager's receiver", '')
  .option('--at <time>', 'when, such as 2026-11-22T03:00 (on this clock) or 2026-11-22T03:00Z', instant)
  .action(async (options: { labels: string; source?: string; receiver: string; at?: number }) => {
    const config = await configured({ slack: false, secrets: false });
    exit(alerts.route({ out, config, source: options.source, at: Date.now(), ...options }));
  });

const reading = program.command('runbooks').description('what whoever is called reads');
reading
  .command('lint')
  .description('check all runbooks: links, headings, reviews, steps, and alerts without one')
  .option('--rules <paths...>', 'files or folders of Prometheus rules', ['monitoring/rules'])
  .action(async ({ rules }: { rules: string[] }) => {
    const loaded = await loadConfig({
      file: file(),
      env: process.env,
      need: { slack: false, secrets: false },
    });
    const config = 'config' in loaded ? loaded.config : loaded.draft;
    exit(await books.lint({ runbooks: await runbooks(), rules, config, findStep, now: Date.now(), out }));
  });
reading
  .command('list')
  .description('all runbooks with their alerts, owners and reviews')
  .action(async () => exit(await books.list({ runbooks: await runbooks(), out })));
reading
  .command('show <name>')
  .description('the text of a runbook')
  .action(async (name: string) => exit(await books.show({ runbooks: await runbooks(), out, name })));

const record = program.command('audit').description('the record of runs');
record
  .command('list')
  .description('the ids of all runs')
  .action(() => withPool((pool) => audit.list({ out, pool })));
record
  .command('show <run>')
  .description('events and evidence of a run')
  .option('--output', 'also what its steps said while they ran', false)
  .action((run: string, { output }: { output: boolean }) =>
    withPool((pool) => audit.show({ out, pool, run, output })),
  );
record
  .command('verify [run]')
  .description('prove that nothing in the record was changed; exit code 2 when something was')
  .option('--file <export>', 'prove an exported record instead, without a database')
  .action(async (run: string | undefined, options: { file?: string }) => {
    if (options.file === undefined) return withPool((pool) => audit.verify({ out, pool, run }));
    exit(audit.verifyExport({ out, record: await exported(options.file) }));
  });
record
  .command('export <run>')
  .description('the whole record of a run as one JSON value')
  .action((run: string) =>
    withPool(async (pool) => {
      const whole = await exportOf(pool, run);
      if (whole.events.length === 0) {
        throw new Failure('run-not-found', `There is no run ${run}; slipway audit list names all.`);
      }
      out.write(`${JSON.stringify(whole, null, 2)}\n`);
      return 0;
    }),
  );

// Of `slipway plan` 1 means that something would change, so a mistyped command must not end with it.
for (const command of [
  program,
  record,
  ...program.commands,
  ...alerting.commands,
  ...reading.commands,
  ...record.commands,
]) {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}
await program.parseAsync().catch(tell);

function file(): string | undefined {
  return program.opts<{ config?: string }>().config;
}

function exit(code: number): void {
  process.exitCode = code;
}

async function configured(need: { slack: boolean; secrets?: boolean } = { slack: false }): Promise<Config> {
  const loaded = await loadConfig({ file: file(), env: process.env, need });
  if ('config' in loaded) return loaded.config;
  throw new Failure('config-invalid', formatProblems(loaded.problems));
}

/** Where the plans are, even while the configuration is not complete: reading them takes no secret. */
async function runbooks(): Promise<string> {
  const loaded = await loadConfig({ file: file(), env: process.env, need: { slack: false } });
  return ('config' in loaded ? loaded.config : loaded.draft)?.runbooks ?? 'runbooks';
}

function instant(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('Write a time such as 2026-11-22T03:00.');
  return at;
}

async function start(bot: boolean): Promise<void> {
  const startedAt = performance.now();
  const config = await configured({ slack: bot });
  const log = pino({ level: config.logLevel });
  const opening = openApp(config, { bot }, log);
  let isClosing = false;
  // Also while it is starting: what is open by then, such as an embedded PostgreSQL, must not be left behind.
  const stop = (signal: string): void => {
    if (isClosing) return;
    isClosing = true;
    log.info({ signal }, 'stopping');
    opening
      .then((app) => app.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  await opening;
  log.info({ ms: Math.round(performance.now() - startedAt) }, 'ready');
}

async function dryRun(name: string, version: string): Promise<number> {
  const config = await configured();
  const environment = config.environments[name];
  if (environment === undefined) {
    const known = Object.keys(config.environments).join(', ');
    throw new Failure('environment-unknown', `There is no environment ${name}; configured are: ${known}.`);
  }
  const loaded = await loadPlan(config.runbooks, environment.plan, steps, config);
  if (loaded.plan === undefined || loaded.problems.length > 0) {
    throw new Failure('plan-invalid', formatProblems(loaded.problems));
  }
  const { source } = environment;
  const is = source === undefined ? {} : await versionResolver(process.env)(source, version);
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const { signal } = controller;
  return plan({ out, environment, plan: loaded.plan, version, is, findStep, now: () => Date.now(), signal });
}

async function exported(path: string): Promise<Export> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Failure(
      'not-found',
      `${path} cannot be read (${reasonOf(error)}); name a file that audit export wrote.`,
    );
  });
  const record = readExport(text);
  if (record !== undefined) return record;
  throw new Failure(
    'not-found',
    `${path} holds no exported record; write one with slipway audit export <run>.`,
  );
}

/** The record is where the bot keeps it; an embedded database is started when no bot is running. */
async function withPool(work: (pool: pg.Pool) => Promise<number>): Promise<void> {
  const config = await configured();
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dir: join(config.dataDir, 'postgres'), databases: ['slipway'] })
      : undefined;
  const url = config.databaseUrl?.reveal() ?? embedded?.url ?? '';
  const pool = new pg.Pool({ connectionString: url });
  try {
    await reach(pool, url);
    await migrate(pool);
    exit(await work(pool));
  } finally {
    await pool.end();
    await embedded?.stop();
  }
}

function tell(error: unknown): void {
  // What nobody foresaw is told with its stack, and still not with the 1 that means "something would change".
  const said =
    error instanceof Failure ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`slipway: ${said}\n`);
  exit(2);
}
