import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { phaseProcess } from '../src/engine/phase-process.ts';
import { requestRun } from '../src/engine/request-run.ts';
import { openRuns } from '../src/engine/runs.ts';
import { startDispatcher } from '../src/queue/dispatcher.ts';
import { openQueues, unhurried } from '../src/queue/queues.ts';
import { findStep, steps } from '../src/steps/registry.ts';
import { migrate } from '../src/store/migrate.ts';
import { fingerprintKey } from '../src/store/record.ts';
import type { Place } from './bare-jobs.ts';
import { idlePlan } from './plan.ts';

/** The spans of one run, in milliseconds: from a phase's last commit to the next one's first, and of each step. */
interface Spans {
  readonly hops: readonly number[];
  readonly steps: readonly number[];
  readonly whole: number;
}

/** The engine without Slack: the real store, queue and workers, and a plan whose steps have nothing to do. */
export async function engine(
  place: Place,
  dir: string,
  size: { readonly phases: number; readonly steps: number },
): Promise<{ readonly run: () => Promise<Spans>; readonly close: () => Promise<void> }> {
  const log = pino({ level: 'fatal' });
  const now = () => Date.now();
  await mkdir(join(dir, 'deploy'), { recursive: true });
  await writeFile(join(dir, 'deploy/bench.yaml'), stringify(idlePlan(size.phases, size.steps, false)));
  const pool = new pg.Pool({ connectionString: place.databaseUrl, max: 16 });
  const handover = new pg.Pool({ connectionString: place.databaseUrl, max: 2, options: unhurried });
  await migrate(pool);
  const queues = await openQueues({ ...place, prefix: 'slipway', lockMs: 30_000, log });
  const dispatcher = startDispatcher(handover, queues, { now, sweepMs: 2_000, log });
  const environment = {
    name: 'bench',
    channel: 'C0BENCH',
    plan: 'bench',
    may: { deploy: [], rollback: [], lock: [] },
    selfApproval: false,
    values: {},
    hosts: {},
  };
  const runs = openRuns({
    pool,
    config: { environments: { bench: environment }, runbooks: dir, groups: {}, leaseMs: 30_000 },
    now,
    steps,
    findStep,
    resolve: async () => ({ notes: [] }),
    fingerprintKey: await fingerprintKey(pool),
    nudge: dispatcher.nudge,
  });

  let hops: number[] = [];
  let stepSpans: number[] = [];
  let last = 0;
  let finish = (): void => undefined;
  const timed: typeof runs.handle = async (run, command, beside) => {
    const at = performance.now();
    if (command.type === 'Begin') hops.push(at - last);
    const handled = await runs.handle(run, command, beside);
    const after = performance.now();
    if (command.type === 'Satisfied') stepSpans.push(after - last);
    // A hop begins with the commit that ends a phase.
    last = command.type === 'End' ? at : after;
    if (handled.state?.status === 'ended') finish();
    return handled;
  };
  const phases = phaseProcess(
    { ...runs, handle: timed },
    { owner: 'bench', newId: () => `${performance.now()}`, log },
  );
  await queues.work('phases', 4, phases.process);

  return {
    run: async () => {
      hops = [];
      stepSpans = [];
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const startedAt = performance.now();
      const by = { id: 'U0BENCH', groups: [], may: ['deploy' as const] };
      const asked = await requestRun(runs, { by, environment: 'bench', version: 'v1', members: {} });
      if (!asked.ok) throw new Error(`the run was refused: ${asked.refusal.code}`);
      await done;
      // The first phase was not handed on by another.
      return { hops: hops.slice(1), steps: stepSpans, whole: performance.now() - startedAt };
    },
    close: async () => {
      await phases.stop();
      await dispatcher.close();
      await queues.close();
      await handover.end();
      await pool.end();
    },
  };
}
