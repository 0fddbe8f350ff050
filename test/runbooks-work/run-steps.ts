import { setTimeout as delay } from 'node:timers/promises';
import type { Values } from '../../src/deploy/interpolate.ts';
import { parametersOf } from '../../src/step-parameters.ts';
import { findStep } from '../../src/steps/registry.ts';
import { type Check, canApply, type Host, type Step, type StepContext } from '../../src/steps/step.ts';
import type { Fault } from './run-commands.ts';
import type { RunbookStep } from './runbook-files.ts';

/** What a step of a runbook is given when it runs. */
export interface StepSite {
  readonly values: Values;
  readonly hosts: Readonly<Record<string, Host>>;
}

const limit = 120_000;

/** The step that a block names and its parameters as its own schema reads them; or what is wrong with it. */
export function readStep(
  { uses, with: written }: RunbookStep,
  values: Values,
): { readonly step: Step; readonly parameters: unknown } | { readonly fault: string } {
  const step = findStep(uses);
  if (step === undefined) return { fault: `there is no step ${uses}` };
  const parsed = parametersOf(step.with, written, values);
  if ('value' in parsed) return { step, parameters: parsed.value };
  return { fault: parsed.faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
}

/** Whether a block only looks, so that Slipway runs it without a second person. */
export function onlyLooks(block: RunbookStep, values: Values): boolean {
  const read = readStep(block, values);
  return 'step' in read && !canApply(read.step, read.parameters);
}

/** The same block without its limits on how long an answer takes, for a machine that may be busy. */
export function patient(block: RunbookStep): RunbookStep {
  return { ...block, with: { ...withoutLatency(block.with) } };
}

/** Looks with a block's step; gives what it finds other than that all is well. */
export async function checkStep(block: RunbookStep, site: StepSite): Promise<readonly Fault[]> {
  const read = readStep(block, site.values);
  if ('fault' in read) return [{ where: block.where, said: read.fault }];
  return told(block, await looked(read.step, read.parameters, site));
}

/**
 * Makes it so with a block's step, if it can, and looks again where looking can tell; what was just started may need a moment
 * until it is well.
 */
export async function applyStep(block: RunbookStep, site: StepSite): Promise<readonly Fault[]> {
  const read = readStep(block, site.values);
  if ('fault' in read) return [{ where: block.where, said: read.fault }];
  const { step, parameters } = read;
  const before = await looked(step, parameters, site);
  if (!(before instanceof Error) && before.is === 'satisfied') return [];
  if (step.apply && canApply(step, parameters)) {
    const applied = await step.apply(parameters, contextOf(site)).catch(errorOf);
    if (applied instanceof Error) return [{ where: block.where, said: applied.message }];
  }
  for (const end = Date.now() + limit; ; await delay(500)) {
    const after = await looked(step, parameters, site);
    if (!(after instanceof Error) && after.is === 'unknown') return [];
    const faults = told(block, after);
    if (faults.length === 0 || Date.now() > end) return faults;
  }
}

function withoutLatency(value: unknown): object {
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, inner]) => {
      if (name === 'latency') return [name, '30s'];
      const isNested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
      return [name, isNested ? withoutLatency(inner) : inner];
    }),
  );
}

function looked(step: Step, parameters: unknown, site: StepSite): Promise<Check | Error> {
  return step.check(parameters, contextOf(site)).catch(errorOf);
}

function told({ where }: RunbookStep, found: Check | Error): readonly Fault[] {
  if (found instanceof Error) return [{ where, said: found.message }];
  if (found.is === 'satisfied') return [];
  return [{ where, said: 'because' in found ? found.because : found.is }];
}

function contextOf({ hosts }: StepSite): StepContext {
  const signal = AbortSignal.timeout(limit);
  return { signal, now: Date.now, firstSeenAt: Date.now(), answers: [], hosts, log: () => {} };
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
