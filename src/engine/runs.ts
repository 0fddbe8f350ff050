import type { Pool } from 'pg';
import { sha256 } from '../canonical.ts';
import type { Config, Environment } from '../config.ts';
import type { Command } from '../deploy/commands.ts';
import {
  type Before,
  type Deployment,
  type Resolved,
  resolvedOf,
  type WhatRuns,
} from '../deploy/deployment.ts';
import { digestOf, fingerprints } from '../deploy/digest.ts';
import type { Event } from '../deploy/events.ts';
import type { Values } from '../deploy/interpolate.ts';
import { outlineOf, type RunPlan, StoredRunPlan } from '../deploy/run-plan.ts';
import { Failure } from '../errors.ts';
import type { Step } from '../steps/step.ts';
import type { Beside, Handled, Recent } from '../store/handle.ts';
import { handle } from '../store/handle.ts';
import { persist } from '../store/persist.ts';
import { planCopy } from '../store/record.ts';
import type { Kept } from '../store/streams.ts';
import { load } from '../store/streams.ts';
import type { Resolve } from './resolve.ts';
import { runRules } from './run-rules.ts';

/** What the engine is built from. */
export interface EngineParts {
  readonly pool: Pool;
  readonly config: Pick<Config, 'environments' | 'runbooks' | 'groups' | 'leaseMs'> &
    Partial<Pick<Config, 'incidents'>>;
  readonly now: () => number;
  readonly steps: readonly Step[];
  readonly findStep: (uses: string) => Step | undefined;
  readonly fingerprintKey: string;
  readonly resolve: Resolve;
  /** Called after each commit with the time when its first job may be handed over, in milliseconds since 1970. */
  readonly nudge: (due: number) => void;
}

/** What a run's `${NAME}` depend on, besides its environment's values. */
export type AboutRun = Pick<Deployment, 'environment' | 'version'> & Resolved & Before;

/** Runs as everything else in the process sees them: commands in, states out. */
export interface Runs {
  readonly parts: EngineParts;
  readonly handle: (run: string, command: Command, beside?: Beside) => Promise<Handled<Deployment, Event>>;
  readonly find: (run: string) => Promise<Deployment | undefined>;
  /** A run's own copy of the plan. */
  readonly planOf: (run: Pick<Deployment, 'planHash'>) => Promise<RunPlan>;
  readonly environment: (name: string) => Environment;
  /** What a plan's `${NAME}` stand for in a run. */
  readonly valuesFor: (run: AboutRun) => Values;
  /** What runs now, if this plan were asked for with the values of this moment, and the copy to keep of it. */
  readonly whatRuns: (run: AboutRun, plan: RunPlan) => { readonly what: WhatRuns; readonly kept: Kept };
  /** Calls back with the new state after each change of a run that this process makes; returns how to stop that. */
  readonly onChange: (run: string, listener: (state: Deployment) => void) => () => void;
  /** Tells everybody here that a run has moved. */
  readonly changed: (state: Deployment, due?: number) => void;
}

/** Binds the rules of runs to the store and the configuration. */
export function openRuns(parts: EngineParts): Runs {
  const { pool, config, now, nudge } = parts;
  const listeners = new Map<string, Set<(state: Deployment) => void>>();
  const recent: Recent<Deployment> = new Map();
  const plans = new Map<string, RunPlan>();
  const changed: Runs['changed'] = (state, due = now()) => {
    nudge(due);
    for (const listener of listeners.get(state.id) ?? []) listener(state);
  };
  const environment = (name: string): Environment => {
    const found = config.environments[name];
    if (found !== undefined) return found;
    const known = Object.keys(config.environments).join(', ');
    throw new Failure('environment-unknown', `There is no environment ${name}; configured are: ${known}.`);
  };
  const valuesFor: Runs['valuesFor'] = (run) => ({
    ...environment(run.environment).values,
    ENVIRONMENT: run.environment,
    VERSION: run.version,
    ...known({
      COMMIT: run.commit,
      IMAGE_DIGEST: run.image,
      PREVIOUS_VERSION: run.previous,
      PREVIOUS_COMMIT: run.previousCommit,
      PREVIOUS_IMAGE_DIGEST: run.previousImage,
    }),
  });
  return {
    parts,
    environment,
    valuesFor,
    changed,
    handle: async (run, command, beside) => {
      const handled = await persist(config.leaseMs, () =>
        handle(pool, runRules, run, command, now(), beside, recent),
      );
      if (handled.ok && handled.events.length > 0) changed(handled.state, handled.due);
      return handled;
    },
    find: async (run) => (await load<Deployment>(pool, run))?.state,
    planOf: async ({ planHash }) => {
      const known = plans.get(planHash);
      if (known !== undefined) return known;
      const plan = StoredRunPlan.parse(await planCopy(pool, planHash));
      // A process sees few plans, but it may run for years.
      if (plans.size > 50) plans.clear();
      plans.set(planHash, plan);
      return plan;
    },
    whatRuns: (run, plan) => {
      const prints = {
        ...fingerprints(plan, valuesFor(run), parts.fingerprintKey),
        ...hostPrints(environment(run.environment).hosts),
      };
      const { environment: where, version } = run;
      const is = resolvedOf(run);
      const planHash = sha256(plan);
      const digest = digestOf({ environment: where, version, ...is, plan, fingerprints: prints });
      const what = { version, ...is, planHash, outline: outlineOf(plan), digest, fingerprints: prints };
      return { what, kept: { hash: planHash, body: plan } };
    },
    onChange: (run, listener) => {
      const all = listeners.get(run) ?? new Set();
      listeners.set(run, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0) listeners.delete(run);
      };
    },
  };
}

function known(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Hosts are approved by their address, account and pinned key; the private key only opens the door. */
function hostPrints(hosts: Environment['hosts']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(hosts).map(([name, { address, port, user, hostKey }]) => [
      `host ${name}`,
      sha256({ address, port, user, hostKey }).slice(0, 8),
    ]),
  );
}
