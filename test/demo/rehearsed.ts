import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeInstallation } from '../../rehearsal/demo/installation.ts';
import { missingParts } from '../../rehearsal/demo/parts.ts';
import { type ReleaseServer, startReleaseServer } from '../../rehearsal/demo/release-server.ts';
import { secretsOf, variablesOf } from '../../rehearsal/demo/surroundings.ts';
import { commitToDemo } from '../../rehearsal/git/demo-repository.ts';
import { startWorld, type World } from '../../rehearsal/world/world.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Plan } from '../../src/deploy/plan.ts';
import { loadPlan } from '../../src/plans.ts';
import { commitOf } from '../../src/source/git.ts';
import { parametersOf } from '../../src/step-parameters.ts';
import { findStep, steps } from '../../src/steps/registry.ts';
import { runOn } from '../../src/steps/ssh/ssh-run.ts';
import { compiledMachine } from '../rehearsal/machine/compiled-machine.ts';
import { contextOf } from '../steps/contract.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

/** How one step of the demo's plan ended: `made` is one that had to change something; the text says why it failed. */
export type End = 'satisfied' | 'made' | string;

/** The demo's world with its installation, without a Slack: its plan is run step by step from here. */
export interface Rehearsed {
  readonly world: World;
  /** Runs phases, or single steps as `phase/step`, for a version, in order, until one fails; tells how each step ended. */
  readonly run: (version: string, parts: readonly string[]) => Promise<Readonly<Record<string, End>>>;
  /** What the check of one step finds now: `satisfied`, or why not. */
  readonly look: (version: string, step: string) => Promise<string>;
  /** Runs a script on the played host and returns what it printed; throws unless it ends well. */
  readonly shell: (script: string) => Promise<string>;
  /** Gives the repository a version that differs in these files from the newest. */
  readonly commit: (version: string, texts: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Compiles the rehearsal, whose programs the played host runs, and starts the demo's world in a folder of its own. */
export async function startRehearsed(): Promise<Rehearsed> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-rehearsed-'));
  const database: TestDatabase = await testDatabase();
  const compiled = await compiledMachine(join(dir, 'compiled'));
  const world = await startWorld({ dir: join(dir, 'world'), postgresUrl: database.url, compiled });
  const releases: ReleaseServer = await startReleaseServer(world, join(dir, 'release.json'));
  const file = await writeInstallation({
    dir,
    variables: { ...variablesOf(world), RELEASES_URL: releases.url },
    host: world.ssh.host,
    missing: missingParts(world),
  });
  const { config, plan } = await installation(file, secretsOf(world, database.url));
  const { hosts = {}, values = {} } = config.environments.production ?? {};
  const context = { hosts };

  const commits = new Map<string, string>();
  const valuesOf = async (version: string) => {
    const source = { repository: world.repository ?? '' };
    const known = commits.get(version);
    const COMMIT = known ?? (await commitOf(source, version, { env: process.env, limit: 20_000 })).commit;
    commits.set(version, COMMIT);
    return { ...values, VERSION: version, ENVIRONMENT: 'production', COMMIT };
  };
  const stepsOf = (parts: readonly string[]) =>
    plan.phases
      .flatMap(({ id, steps: own }) => own.map((step) => ({ phase: id, name: `${id}/${step.id}`, step })))
      .filter(({ phase, name }) => parts.includes(phase) || parts.includes(name))
      .filter(({ step }) => step.uses !== 'wait/for');
  const prepared = async (
    version: string,
    { uses, with: written }: Plan['phases'][number]['steps'][number],
  ) => {
    const step = findStep(uses);
    if (!step) throw new Error(`there is no step ${uses}`);
    const parsed = parametersOf(step.with, written, await valuesOf(version));
    if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
    return { step, wanted: parsed.value };
  };
  const found = async (version: string, written: Plan['phases'][number]['steps'][number]) => {
    const { step, wanted } = await prepared(version, written);
    const check = await step.check(wanted, contextOf(context)).catch((error: unknown) => String(error));
    if (typeof check === 'string') return check;
    return 'because' in check ? check.because : check.is;
  };

  return {
    world,
    shell: async (script) => {
      const command = { words: ['sh', '-euc', script], limit: 20_000 };
      const { exit, stdout, stderr } = await runOn(world.ssh.host, command, contextOf());
      if (exit !== 0) throw new Error(`exit code ${exit}: ${stderr}`);
      return stdout;
    },
    commit: async (version, texts) => {
      const work = join(dir, version);
      const bare = join(dir, 'world/git/softfactory.git');
      await promisify(execFile)('git', ['clone', '--quiet', bare, work]);
      await commitToDemo(work, texts, version);
      await promisify(execFile)('git', ['push', '--quiet', 'origin', version], { cwd: work });
    },
    run: async (version, parts) => {
      const ends: Record<string, End> = {};
      for (const { name, step: written } of stepsOf(parts)) {
        const before = await found(version, written);
        const { step, wanted } = await prepared(version, written);
        ends[name] = before;
        if (before === 'satisfied') continue;
        const applied = await step.apply?.(wanted, contextOf(context)).then(
          () => 'made',
          (error: unknown) => String(error),
        );
        if (applied !== undefined) ends[name] = applied;
        // A request that changes something cannot be looked at again.
        const after = applied === 'made' && step.uses !== 'http/request' ? await found(version, written) : '';
        if (after !== '' && after !== 'satisfied') ends[name] = after;
        if (ends[name] !== 'made') break;
      }
      return ends;
    },
    look: async (version, name) => {
      const [one] = stepsOf([name]);
      if (!one) throw new Error(`the plan has no step ${name}`);
      return found(version, one.step);
    },
    stop: async () => {
      await releases.stop();
      await world.stop();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function installation(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly config: Config; readonly plan: Plan }> {
  const loaded = await loadConfig({ file, env, need: { slack: false } });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { plan, problems } = await loadPlan(loaded.config.runbooks, 'demo', steps, loaded.config);
  if (!plan || problems.length > 0) throw new Error(JSON.stringify(problems));
  return { config: loaded.config, plan };
}
