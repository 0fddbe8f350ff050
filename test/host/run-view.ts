import { setTimeout as delay } from 'node:timers/promises';
import type { Deployment, StepStatus } from '../../src/deploy/deployment.ts';
import { newestStreams } from '../../src/store/record.ts';
import { read } from '../e2e/acting.ts';
import { channel, type Slipway } from '../support/slipway.ts';

/** Each step of a run as `phase/step`, with how it ended. */
export type StepEnds = Readonly<Record<string, StepStatus | undefined>>;

/** The newest run of production as the record has it. */
export async function newestRun({ pool }: Slipway): Promise<Deployment> {
  const [run] = await newestStreams<Deployment>(pool, 'run', 'production', 1);
  if (run === undefined) throw new Error('nothing has been deployed');
  return run;
}

/** What became of every step, in the plan's order. */
export function stepEnds(run: Deployment): StepEnds {
  return Object.fromEntries(
    run.outline.flatMap(({ id, steps }) =>
      steps.map((step) => [`${id}/${step}`, run.phases[id]?.steps[step]?.status] as const),
    ),
  );
}

/** The names of the steps that ended so, in the plan's order. */
export function stepsThat(run: Deployment, status: StepStatus): readonly string[] {
  return Object.entries(stepEnds(run))
    .filter(([, end]) => end === status)
    .map(([name]) => name);
}

/**
 * Waits until the newest run is as wanted, which may take minutes; throws at once with what was found when a step has failed for
 * good, for then nothing moves any more.
 */
export async function runThat(
  slipway: Slipway,
  what: string,
  isSo: (run: Deployment) => boolean,
  limit = 400_000,
): Promise<Deployment> {
  for (const end = Date.now() + limit; Date.now() < end; await delay(250)) {
    const run = await newestRun(slipway);
    if (isSo(run)) return run;
    const failed = failures(run);
    if (failed.length > 0) throw new Error(`${what}, but these failed:\n${failed.join('\n')}`);
  }
  const run = await newestRun(slipway);
  throw new Error(`${what}: not within ${limit / 1_000} s; ${JSON.stringify(stepEnds(run), null, 1)}`);
}

/** What failed in phases that have stopped because of it, one line each. */
export function failures(run: Deployment): readonly string[] {
  return Object.entries(run.phases)
    .filter(([, phase]) => phase.status === 'failed')
    .flatMap(([id, phase]) =>
      Object.entries(phase.steps)
        .filter(([, step]) => step.status === 'failed')
        .map(([step, { code, because }]) => `${id}/${step}: ${code}: ${because}`),
    );
}

/**
 * Everything that the thread of the newest card shows, as people read it, once it shows all of these texts; after half a minute
 * whatever it shows then.
 */
export async function threadWith(
  slipway: Pick<Slipway, 'people'>,
  texts: readonly string[],
): Promise<string> {
  for (const end = Date.now() + 30_000; ; await delay(250)) {
    const thread = threadOfNewestCard(slipway);
    if (texts.every((text) => thread.includes(text)) || Date.now() > end) return thread;
  }
}

function threadOfNewestCard({ people }: Pick<Slipway, 'people'>): string {
  const shown = people.messages(channel).filter(({ ephemeral_to }) => ephemeral_to === undefined);
  const card = shown.filter(({ thread_ts }) => thread_ts === undefined).at(-1);
  const thread = shown.filter(({ thread_ts }) => thread_ts !== undefined && thread_ts === card?.ts);
  return thread.map(read).join('\n');
}
