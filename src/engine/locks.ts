import {
  decideEnvironment,
  type EnvironmentCommand,
  type EnvironmentEvent,
  type EnvironmentState,
  evolveEnvironment,
  type Lock,
  lockAt,
} from '../deploy/environment.ts';
import { type Handled, handle, type Rules } from '../store/handle.ts';
import { load } from '../store/streams.ts';
import type { Runs } from './runs.ts';

/** The rules of environments, as streams are kept. */
export const environmentRules: Rules<EnvironmentState, EnvironmentCommand, EnvironmentEvent> = {
  kind: 'environment',
  decide: decideEnvironment,
  evolve: evolveEnvironment,
  react: () => [],
  hasEnded: () => false,
  holds: () => null,
  drawDelay: () => 0,
};

/** The id of an environment's own stream. */
export function environmentStream(environment: string): string {
  return `environment.${environment}`;
}

/** Locks or unlocks an environment, as the rules allow. */
export async function changeLock(
  runs: Runs,
  environment: string,
  command: EnvironmentCommand,
): Promise<Handled<EnvironmentState, EnvironmentEvent>> {
  const { pool, now } = runs.parts;
  return handle(
    pool,
    environmentRules,
    environmentStream(runs.environment(environment).name),
    command,
    now(),
  );
}

/** The lock that holds in an environment now, if any. */
export async function currentLock(runs: Runs, environment: string): Promise<Lock | undefined> {
  const loaded = await load<EnvironmentState>(runs.parts.pool, environmentStream(environment));
  return lockAt(loaded?.state, runs.parts.now());
}
