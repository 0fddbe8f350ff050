import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readChecklist } from '../src/checklist.ts';
import { check } from '../src/cli/check.ts';
import { coveredBy } from '../src/cli/coverage.ts';
import { namesOf } from '../src/deploy/digest.ts';
import { estimateOf } from '../src/deploy/estimate.ts';
import { loadPlan } from '../src/plans.ts';
import { steps } from '../src/steps/registry.ts';

/** Every environment variable that the example names, with a value that could be one. */
async function exampleEnvironment(): Promise<Record<string, string>> {
  const example = await readFile('slipway.example.yaml', 'utf8');
  const names = [...example.matchAll(/\benv: (PRODUCTION_[A-Z0-9_]+)/g)].map(([, name = '']) => name);
  return {
    ...Object.fromEntries(names.map((name) => [name, `a long enough value of ${name}`])),
    PRODUCTION_POSTGRES_URL: 'postgres://postgres:pw@db/postgres',
    PRODUCTION_APP_DATABASE_URL: 'postgres://softfactory_app:pw@db/softfactory',
    PRODUCTION_REDIS_URL: 'redis://:pw@redis:6379/0',
    PRODUCTION_ELASTICSEARCH_URL: 'https://elastic:pw@search:9200',
    PRODUCTION_SSH_KEY: '-----BEGIN OPENSSH PRIVATE KEY-----',
  };
}

async function softfactory() {
  const { plan, problems } = await loadPlan('runbooks', 'softfactory', steps);
  if (plan === undefined) throw new Error(JSON.stringify(problems));
  return plan;
}

type Phases = Awaited<ReturnType<typeof softfactory>>['phases'];

function stepsOf(phases: Phases) {
  return phases.flatMap(({ steps }) => steps);
}

function text(step: Phases[number]['steps'][number] | undefined): string {
  return JSON.stringify(step?.with);
}

/** As a plan takes a value. */
function taken(name: string): string {
  return `\${${name}}`;
}

/** The example as somebody would install it, with the files that it names. */
async function installed(dir: string): Promise<string> {
  const example = await readFile('slipway.example.yaml', 'utf8');
  await mkdir(join(dir, 'secrets'));
  for (const [, file = ''] of example.matchAll(/\bfile: (secrets\/[^ }]+)/g)) {
    await writeFile(join(dir, file), 'a long enough value');
  }
  const file = join(dir, 'slipway.yaml');
  await writeFile(file, example.replace(/^runbooks: runbooks$/m, `runbooks: ${resolve('runbooks')}`));
  return file;
}

describe('the plan for SoftFactory', () => {
  let dir = '';

  afterEach(async () => rm(dir, { recursive: true, force: true }));

  test('and the example configuration are in order, with nothing left out', async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-example-'));
    let printed = '';
    const out = { write: (text: string) => (printed += text) };

    const file = await installed(dir);

    const code = await check({ file, env: await exampleEnvironment(), steps, out });

    expect(printed).toContain('Nothing is wrong.');
    expect(code).toBe(0);
  });

  test('takes every variable and secret that the example sets, and no other', async () => {
    const example = await readFile('slipway.example.yaml', 'utf8');

    const set = [...example.matchAll(/^ {6}([A-Z0-9_]+):/gm)].map(([, name]) => name);

    expect(set.sort()).toEqual(namesOf(await softfactory()));
  });

  test('runs what need not wait for each other side by side, from the host to go-live', async () => {
    const { phases } = await softfactory();

    const estimate = estimateOf(phases);

    expect(estimate.path).toEqual([
      ...['host', 'code', 'database', 'elasticsearch', 'api', 'nginx', 'smoke', 'security', 'go-live'],
    ]);
    expect([estimate.sum, estimate.criticalPath].map((span) => span / 60_000)).toEqual([125, 105]);
  });

  test('knows one way in which the application runs: go-live and every rollback start the unit, on the port that nginx asks', async () => {
    const { phases, rollback } = await softfactory();
    const parts = [phases, ...Object.values(rollback).map((way) => way.phases)];

    const commands = parts
      .flatMap(stepsOf)
      .flatMap((step) => (step.uses === 'ssh/command' ? [text(step)] : []));
    const units = parts.map(stepsOf).map((all) => all.filter(({ with: { name } }) => name === 'softfactory'));
    const [unit] = units[0]?.filter(({ uses }) => uses === 'host/service') ?? [];
    const port = /--bind 127\.0\.0\.1:(\d+) /.exec(text(unit))?.[1];

    const starts = units.flat().filter(({ uses }) => uses === 'host/service');
    expect(commands.filter((command) => /docker\W+(compose|run|start)/.test(command))).toEqual([]);
    expect(starts.map(text)).toEqual(starts.map(() => text(unit)));
    expect(starts.map(({ id }) => id)).toEqual(['service', 'start', 'start-previous', 'start-previous']);
    expect(port).toBe('8000');
    expect(text(stepsOf(phases).find(({ uses }) => uses === 'nginx/site'))).toContain(
      `server 127.0.0.1:${port};`,
    );
    expect(stepsOf(phases).find(({ uses }) => uses === 'code/dotenv')?.with.values).toMatchObject({
      PORT: port,
    });
  });

  test.each(['critical', 'high'] as const)(
    'a %s rollback starts the commit from before',
    async (severity) => {
      const { rollback } = await softfactory();

      const { steps = [] } = rollback[severity]?.phases.find(({ id }) => id === 'revert') ?? {};

      const order = ['code/checkout', 'code/python', 'host/service', 'http/request'];
      expect(steps.map(({ uses }) => uses)).toEqual(order);
      expect(steps[0]?.with).toMatchObject({ commit: taken('PREVIOUS_COMMIT') });
    },
  );

  test('looks for long statements in the database of the application, with an account that sees them all', async () => {
    const { phases } = await softfactory();

    const judged = stepsOf(phases).find(({ uses }) => uses === 'postgres/performance')?.with;

    expect(judged).toMatchObject({ url: taken('POSTGRES_URL'), database: taken('DATABASE_NAME') });
  });

  test('gives Redis a limit of memory, without which the alert for it never fires', async () => {
    const { phases } = await softfactory();

    const settings = stepsOf(phases).flatMap((step) =>
      step.uses === 'redis/settings' ? [step.with.settings] : [],
    );

    expect(settings).toContainEqual({
      maxmemory: taken('REDIS_MAXMEMORY'),
      'maxmemory-policy': 'volatile-ttl',
    });
  });

  test('claims no checklist item that needs more than its steps can show', async () => {
    const checklist = (await readChecklist('runbooks')) ?? [];

    const items = coveredBy(checklist, [await softfactory()]);

    const covered = items.filter(({ by }) => by.length > 0).map(({ id }) => id);
    expect(items).toHaveLength(192);
    const phases = ['PRE', 'ENV', 'P01', 'P02', 'P03', 'P04', 'P05'];
    const whole = items.map(({ id }) => id).filter((id) => phases.includes(id.split('-')[0] ?? ''));
    expect(whole).toHaveLength(104);
    expect(covered).toEqual([
      ...whole,
      ...['SMOKE-01', 'SMOKE-02', 'SMOKE-03', 'SMOKE-04', 'SMOKE-05', 'SMOKE-06', 'SMOKE-07', 'SMOKE-09'],
      ...['SMOKE-10', 'P13-01', 'P13-02', 'P14-01'],
      ...['BACK-01', 'BACK-02', 'BACK-04', 'BACK-05', 'BACK-06', 'BACK-07', 'BACK-08', 'BACK-09'],
      ...['BACK-10', 'BACK-11', 'BACK-12'],
    ]);
  });
});
