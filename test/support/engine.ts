import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { Deployment, Person } from '../../src/deploy/deployment.ts';
import { phaseProcess } from '../../src/engine/phase-process.ts';
import { type RequestedRun, requestRun } from '../../src/engine/request-run.ts';
import type { Resolve } from '../../src/engine/resolve.ts';
import { openRuns, type Runs } from '../../src/engine/runs.ts';
import { timerProcess } from '../../src/engine/timers.ts';
import { startDispatcher } from '../../src/queue/dispatcher.ts';
import type { Queues } from '../../src/queue/queues.ts';
import { peopleConfirm } from '../../src/steps/people.ts';
import { defineStep, type Step, type StepContext, satisfied, unsatisfied } from '../../src/steps/step.ts';
import { waitFor } from '../../src/steps/wait.ts';
import { fingerprintKey } from '../../src/store/record.ts';
import { type Backend, queueHome } from './backends.ts';
import { type TestStore, testStore } from './store.ts';
import { until } from './until.ts';

/** A world of named things that steps of the kind `world/thing` look at, make and take away. */
export interface World {
  readonly things: Set<string>;
  /** Everything that was asked of it, such as `check a`, in order. */
  readonly calls: string[];
  /** Called within each look and deed; may wait or throw. */
  during: (call: string, context: StepContext) => Promise<void> | void;
}

/** One process of the engine: its own queues, worker and view of the runs. */
export interface EngineProcess {
  readonly runs: Runs;
  readonly queues: Queues;
  /** Stops taking work and lets steps in flight be taken over. */
  readonly stop: () => Promise<void>;
}

/** The engine without Slack, on a database of its own. */
export interface Engine extends EngineProcess {
  readonly store: TestStore;
  readonly world: World;
  /** Starts one more process beside the first. */
  readonly another: () => Promise<EngineProcess>;
  readonly writePlan: (plan: unknown) => Promise<void>;
  /** Takes a step out of the program, as a later version may. */
  readonly withdraw: (uses: string) => void;
  readonly request: (by?: Person, version?: string) => Promise<RequestedRun>;
  /** Starts a run and waits until the predicate holds of it. */
  readonly started: () => Promise<string>;
  readonly when: (run: string, predicate: (state: Deployment) => boolean) => Promise<Deployment>;
  readonly close: () => Promise<void>;
}

export const dora: Person = { id: 'U0DORA', groups: ['ops'], may: ['deploy', 'rollback', 'lock'] };
export const emil: Person = { id: 'U0EMIL', groups: ['ops'], may: ['deploy', 'rollback', 'lock'] };

const log = pino({ level: process.env.TEST_LOG ?? 'silent' });

/** A plan with these phases; a step that is only a name is a thing of the world. */
export function planOf(
  phases: readonly Record<string, unknown>[],
  more: Record<string, unknown> = {},
): unknown {
  return {
    name: 'test',
    title: 'Test plan',
    phases: phases.map(({ id, steps, ...phase }) => ({
      id,
      title: String(id),
      steps: (steps as readonly unknown[]).map(thing),
      ...phase,
    })),
    ...more,
  };
}

function thing(step: unknown): unknown {
  return typeof step === 'string' ? { id: step, uses: 'world/thing', with: { name: step } } : step;
}

function worldSteps(world: World): Step[] {
  const called = async (call: string, context: StepContext): Promise<void> => {
    world.calls.push(call);
    await world.during(call, context);
  };
  const evidence = (name: string) => ({
    asked: name,
    of: 'the world',
    answered: String(world.things.has(name)),
  });
  const worldThing = defineStep({
    uses: 'world/thing',
    summary: 'A thing is there.',
    with: z.strictObject({ name: z.string() }),
    timeout: '20s',
    check: async ({ name }, context) => {
      await called(`check ${name}`, context);
      return world.things.has(name)
        ? satisfied(evidence(name))
        : unsatisfied(`${name} is not there.`, evidence(name));
    },
    apply: async ({ name }, context) => {
      await called(`apply ${name}`, context);
      world.things.add(name);
      return { evidence: [evidence(name)], remember: { made: name } };
    },
    undo: async ({ name }, context, remembered) => {
      await called(`undo ${name} ${JSON.stringify(remembered)}`, context);
      world.things.delete(name);
      return [evidence(name)];
    },
  });
  return [worldThing, waitFor, peopleConfirm];
}

export async function startEngine(
  backend: Backend,
  plan: unknown,
  {
    leaseMs = 3_000,
    values = {},
    resolve,
  }: { leaseMs?: number; values?: Readonly<Record<string, string>>; resolve?: Resolve } = {},
): Promise<Engine> {
  const home = await queueHome(backend);
  const store = await testStore();
  const runbooks = await mkdtemp(join(tmpdir(), 'slipway-engine-'));
  await mkdir(join(runbooks, 'deploy'));
  const writePlan = (changed: unknown) => writeFile(join(runbooks, 'deploy/test.yaml'), stringify(changed));
  await writePlan(plan);
  const world: World = { things: new Set(), calls: [], during: () => undefined };
  const steps = worldSteps(world);
  const environment = {
    name: 'production',
    channel: 'C0PRODUCTION',
    plan: 'test',
    may: { deploy: ['ops'], rollback: ['ops'], lock: ['ops'] },
    selfApproval: true,
    values,
    hosts: {},
    ...(resolve && { source: { repository: 'file:///played' } }),
  };
  const config = {
    environments: { production: environment },
    runbooks,
    groups: { ops: ['U0DORA', 'U0EMIL'] },
    leaseMs,
  };
  const now = () => Date.now();
  const running: EngineProcess[] = [];

  const another = async (): Promise<EngineProcess> => {
    const queues = await home.open(store.url);
    const dispatcher = startDispatcher(store.pool, queues, { now, sweepMs: 500, log });
    const runs = openRuns({
      pool: store.pool,
      config,
      now,
      steps,
      findStep: (uses) => steps.find((step) => step.uses === uses),
      resolve: resolve ?? (async () => ({ notes: [] })),
      fingerprintKey: await fingerprintKey(store.pool),
      nudge: dispatcher.nudge,
    });
    const phases = phaseProcess(runs, { owner: randomUUID(), newId: randomUUID, log });
    await queues.work('timers', 2, timerProcess(runs));
    await queues.work('phases', 8, phases.process);
    let isStopped = false;
    const started: EngineProcess = {
      runs,
      queues,
      stop: async () => {
        if (isStopped) return;
        isStopped = true;
        await phases.stop();
        await dispatcher.close();
        await queues.close();
      },
    };
    running.push(started);
    return started;
  };
  const first = await another();
  const request = (by = dora, version = 'v1') =>
    requestRun(first.runs, {
      by,
      environment: 'production',
      version,
      members: { ops: ['U0DORA', 'U0EMIL'] },
    });
  return {
    ...first,
    store,
    world,
    another,
    writePlan,
    withdraw: (uses) => {
      steps.splice(0, steps.length, ...steps.filter((step) => step.uses !== uses));
    },
    request,
    started: async () => {
      const asked = await request();
      if (!asked.ok) throw new Error(`refused: ${asked.refusal.code} ${asked.refusal.detail}`);
      return asked.run.id;
    },
    when: (run, predicate) =>
      until(`the awaited state of ${run}`, async () => {
        const state = await first.runs.find(run);
        return state !== undefined && predicate(state) && state;
      }),
    close: async () => {
      await Promise.all(running.map(({ stop }) => stop()));
      await home.close();
      await store.drop();
      await rm(runbooks, { recursive: true, force: true });
    },
  };
}

/** The statuses of a run's phases, by phase. */
export function statuses(run: Deployment): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(run.phases).map(([id, { status }]) => [id, status]));
}
