import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { z } from 'zod';
import type { Environment } from '../../src/config.ts';
import { openRuns, type Runs } from '../../src/engine/runs.ts';
import { walkProcess } from '../../src/response/walk-process.ts';
import { type Opening, openWalkthroughs, type Walkthroughs } from '../../src/response/walkthroughs.ts';
import type { Block, Part, Runbook } from '../../src/runbooks/runbook.ts';
import { Secret } from '../../src/secret.ts';
import { peopleConfirm, peopleSignOff } from '../../src/steps/people.ts';
import { postgresQuery } from '../../src/steps/postgres/postgres.ts';
import {
  type Check,
  defineStep,
  type Step,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../../src/steps/step.ts';
import { type TestStore, testStore } from '../support/store.ts';

/** A world of named things that the step `world/thing` looks at and makes; with `only: look` it makes nothing. */
export interface World {
  readonly things: Set<string>;
  readonly calls: string[];
  /** Called within each look and deed; may wait or throw, and a look may say that it cannot tell. */
  during: (call: string, context: StepContext) => Promise<'unclear' | undefined>;
}

/** Opened runbooks on a database of their own, without Slack and without a queue. */
export interface WalkSite {
  readonly store: TestStore;
  readonly runs: Runs;
  readonly walkthroughs: Walkthroughs;
  readonly world: World;
  /** What the environment production says; may be changed. */
  readonly values: Record<string, string | Secret>;
  readonly open: (steps: readonly Partial<Block>[], more?: Partial<Opening>) => Promise<string>;
  /** Takes a step out of the program, as another version may. */
  readonly withdraw: (uses: string) => void;
  /** One more process that works on steps. */
  readonly worker: () => ReturnType<typeof walkProcess>;
  readonly close: () => Promise<void>;
}

export const password = 'correct horse battery';

/** A runbook with one task and these steps. */
export function runbookWith(steps: readonly Partial<Block>[]): Runbook {
  const blocks = steps.map(
    (step, index): Part => ({
      kind: 'step',
      id: `s${index + 1}`,
      uses: 'world/thing',
      with: {},
      yaml: '',
      ...step,
    }),
  );
  return {
    name: 'disk-full',
    title: 'The disk is full',
    alerts: ['DiskWillFill'],
    owner: 'platform',
    tags: [],
    hash: 'f'.repeat(64),
    sections: [
      { heading: 'Meaning', level: 2, parts: [{ kind: 'text', markdown: 'It is full.' }] },
      {
        heading: 'Diagnosis',
        level: 2,
        parts: [{ kind: 'task', id: 't1', markdown: 'Look at `df`', more: '' }, ...blocks],
      },
    ],
  };
}

export async function walkSite(): Promise<WalkSite> {
  const store = await testStore();
  const world: World = { things: new Set(), calls: [], during: async () => undefined };
  const values: Record<string, string | Secret> = {
    DATABASE_URL: new Secret('DATABASE_URL', store.url),
    PASSWORD: new Secret('PASSWORD', password),
  };
  const production: Environment = {
    name: 'production',
    channel: 'C0PRODUCTION',
    plan: 'main',
    may: { deploy: [], rollback: [], lock: [] },
    selfApproval: false,
    values,
    hosts: {},
  };
  const steps: Step[] = [worldThing(world), worldBroken, postgresQuery, peopleConfirm, peopleSignOff];
  const runs = openRuns({
    pool: store.pool,
    config: { environments: { production }, runbooks: '', groups: {}, leaseMs: 10_000 },
    now: () => Date.now(),
    steps,
    findStep: (uses) => steps.find((step) => step.uses === uses),
    resolve: async () => ({ notes: [] }),
    fingerprintKey: 'key',
    nudge: () => undefined,
  });
  const walkthroughs = openWalkthroughs(runs);
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const workers: ReturnType<typeof walkProcess>[] = [];
  return {
    store,
    runs,
    walkthroughs,
    world,
    values,
    open: async (blocks, more = {}) => {
      const opened = await walkthroughs.open({
        runbook: runbookWith(blocks),
        key: randomUUID(),
        place: { channel: 'C0ALERTS', thread: '1.2' },
        environment: 'production',
        labels: { alertname: 'DiskWillFill', instance: 'db-1:9100' },
        by: 'U0ALICE',
        ...more,
      });
      if (!opened.ok) throw new Error(`not opened: ${opened.refusal.code}`);
      return opened.state.id;
    },
    withdraw: (uses) => {
      steps.splice(0, steps.length, ...steps.filter((step) => step.uses !== uses));
    },
    worker: () => {
      const worker = walkProcess({ runs, walkthroughs, owner: randomUUID(), newId: randomUUID, log });
      workers.push(worker);
      return worker;
    },
    close: async () => {
      for (const { stop } of workers) await stop();
      await store.drop();
    },
  };
}

/** A step as nobody foresaw it: its time limit is none. */
const worldBroken: Step = {
  uses: 'world/broken',
  summary: 'A mistake.',
  with: z.strictObject({}),
  timeout: 'soon',
  check: async () => satisfied(),
};

function worldThing(world: World): Step {
  const look = async (name: string, context: StepContext): Promise<Check> => {
    world.calls.push(`look ${name}`);
    context.log(`looking for ${name} as ${password}\n`);
    const told = await world.during(`look ${name}`, context);
    const evidence = { asked: `is there ${name}?`, of: 'world', answered: `asked as ${password}` };
    if (told === 'unclear') return { is: 'unknown', because: 'Nobody can tell.', evidence: [evidence] };
    return world.things.has(name) ? satisfied(evidence) : unsatisfied(`There is no ${name}.`, evidence);
  };
  const step = defineStep({
    uses: 'world/thing',
    summary: 'A thing is there.',
    with: z.strictObject({ name: z.string(), only: z.string().optional() }),
    timeout: '20s',
    canApply: ({ only }) => only !== 'look',
    check: ({ name }, context) => look(name, context),
    apply: async ({ name }, context) => {
      world.calls.push(`make ${name}`);
      await world.during(`make ${name}`, context);
      world.things.add(name);
      return { evidence: [{ asked: `make ${name}`, of: 'world', answered: 'made' }] };
    },
  });
  return step;
}
