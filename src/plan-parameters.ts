import { z } from 'zod';
import type { Config, Environment } from './config.ts';
import { namesIn, sourceNames, type Values } from './deploy/interpolate.ts';
import type { Plan, PlanStep } from './deploy/plan.ts';
import type { Fault } from './issue-sentences.ts';
import { suggestion } from './nearest.ts';
import { Secret } from './secret.ts';
import { parametersOf } from './step-parameters.ts';
import { HostName, type Step } from './steps/step.ts';
import type { Problem, YamlFile } from './yaml-file.ts';

interface Surroundings {
  readonly plan: Plan;
  readonly yaml: YamlFile;
  readonly users?: Pick<Config, 'environments' | 'groups'> | undefined;
}

type Path = readonly PropertyKey[];

/**
 * What is wrong with a step's parameters in the environments that use the plan: names without a value, values that the
 * step's schema refuses, groups and hosts that are not configured. The same fault in several environments is told once.
 */
export function parameterProblems(
  { plan, yaml, users }: Surroundings,
  step: PlanStep,
  implementation: Step,
  at: Path,
): Problem[] {
  const environments = Object.values(users?.environments ?? {}).filter((used) => used.plan === plan.name);
  const found = new Map<string, { fault: Fault; where: string[] }>();
  const add = (fault: Fault, where?: string) => {
    const key = JSON.stringify([fault.path.map(String), fault.message]);
    const known = found.get(key) ?? { fault, where: [] };
    if (where !== undefined) known.where.push(where);
    found.set(key, known);
  };
  if (environments.length === 0) {
    // Nothing tells the values, so only what takes none (or what every run has) can be looked at.
    for (const fault of faultsIn(step, implementation, { ...sampleOf('production'), ...sampleOfSource })) {
      if (!fault.unset) add(fault);
    }
  }
  for (const environment of environments) {
    const values = {
      ...sampleOf(environment.name),
      ...(environment.source && sampleOfCommit),
      ...(environment.source?.image !== undefined && sampleOfImage),
      ...environment.values,
    };
    for (const fault of faultsIn(step, implementation, values)) add(fault, environment.name);
    for (const fault of hostFaults(step, implementation, environment)) add(fault, environment.name);
  }
  if (users !== undefined) for (const fault of groupFaults(step, users.groups)) add(fault);
  return [...found.values()].map(({ fault, where }) => {
    const inAll = where.length === environments.length && environments.length === 1;
    const suffix = where.length === 0 || inAll ? '' : ` (in ${where.join(', ')})`;
    return yaml.problem([...at, 'with', ...fault.path], `${fault.message}${suffix}`, fault.on);
  });
}

function* faultsIn(
  step: PlanStep,
  implementation: Step,
  values: Values,
): Generator<Fault & { unset?: true }> {
  const names = namesIn(step.with);
  const unset = names.filter((name) => !Object.hasOwn(values, name));
  for (const name of unset) {
    const message = unsetBecause(name, values);
    for (const path of pathsOf(step.with, name)) yield { path, on: 'value', message, unset: true };
  }
  // A secret without a value is told where it is configured; parsing would only repeat it in other words.
  const empty = names.some((name) => {
    const value = values[name];
    return value instanceof Secret && value.reveal() === '';
  });
  if (unset.length > 0 || empty) return;
  const parsed = parametersOf(implementation.with, step.with, values);
  if ('faults' in parsed) yield* parsed.faults;
}

function hostFaults(step: PlanStep, implementation: Step, { name, hosts }: Environment): Fault[] {
  const shape = implementation.with instanceof z.ZodObject ? implementation.with.shape : {};
  return Object.entries(shape).flatMap(([parameter, schema]) => {
    const given = step.with[parameter];
    const isList = schemaInside(schema) instanceof z.ZodArray;
    if (!namesHosts(schema) || given === undefined) return [];
    return [given].flat().flatMap((host: unknown, index) => {
      if (typeof host !== 'string' || host.includes('${') || Object.hasOwn(hosts, host)) return [];
      const message = `there is no host "${host}" in environment ${name}; ${suggestion(host, Object.keys(hosts))}`;
      return [{ path: isList ? [parameter, index] : [parameter], on: 'value' as const, message }];
    });
  });
}

/** Whether a parameter takes the name of a host, or a list of them. */
function namesHosts(schema: unknown): boolean {
  const inner = schemaInside(schema);
  return inner === HostName || (inner instanceof z.ZodArray && inner.element === HostName);
}

/** A schema without `optional` and `default` around it. */
function schemaInside(schema: unknown): unknown {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return isWrapped ? schemaInside(schema.unwrap()) : schema;
}

function groupFaults(step: PlanStep, groups: Config['groups']): Fault[] {
  if (!step.uses.startsWith('people/')) return [];
  return ['from', 'groups'].flatMap((parameter) => {
    const listed = step.with[parameter];
    if (!Array.isArray(listed)) return [];
    return listed.flatMap((group: unknown, index) => {
      if (typeof group !== 'string' || group.includes('${') || Object.hasOwn(groups, group)) return [];
      const message = `there is no group "${group}" in the configuration; ${suggestion(group, Object.keys(groups))}`;
      return [{ path: [parameter, index], on: 'value' as const, message }];
    });
  });
}

function unsetBecause(name: string, values: Values): string {
  const known: readonly string[] = sourceNames;
  if (!known.includes(name)) {
    return `\${${name}} has no value; set ${name} under variables or secrets; ${suggestion(name, Object.keys(values))}`;
  }
  const missing = name in sampleOfCommit ? 'source with its repository' : 'source with an image';
  return `\${${name}} is known only where versions are looked up; give the environment a ${missing}`;
}

// Only the form matters here.
const sampleOfCommit = { COMMIT: '1'.repeat(40), PREVIOUS_COMMIT: '0'.repeat(40) };
const sampleOfImage = {
  IMAGE_DIGEST: `sha256:${'1'.repeat(64)}`,
  PREVIOUS_IMAGE_DIGEST: `sha256:${'0'.repeat(64)}`,
};
const sampleOfSource = { ...sampleOfCommit, ...sampleOfImage };

// What every run has.
function sampleOf(environment: string): Record<'VERSION' | 'PREVIOUS_VERSION' | 'ENVIRONMENT', string> {
  return { VERSION: 'v2.0.0', PREVIOUS_VERSION: 'v1.0.0', ENVIRONMENT: environment };
}

function pathsOf(value: unknown, name: string): PropertyKey[][] {
  if (typeof value === 'string') return namesIn(value).includes(name) ? [[]] : [];
  if (Array.isArray(value)) {
    return value.flatMap((inner, index) => pathsOf(inner, name).map((path) => [index, ...path]));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, name).map((path) => [key, ...path]));
}
