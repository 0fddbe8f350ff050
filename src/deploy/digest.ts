import { createHmac } from 'node:crypto';
import { canonical, sha256 } from '../canonical.ts';
import { Failure } from '../errors.ts';
import { reveal } from '../secret.ts';
import type { Resolved } from './deployment.ts';
import { namesIn, runNames, type Values } from './interpolate.ts';
import type { Plan, PlanPhase } from './plan.ts';

/** What an approval is bound to: where, which version, commit and image, which plan, and a fingerprint of each parameter that the plan takes. */
export interface Approvable extends Resolved {
  readonly environment: string;
  readonly version: string;
  readonly plan: Plan;
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** The names of the variables and secrets that a plan takes anywhere, sorted, without those that every run has. */
export function namesOf(plan: Plan): string[] {
  const given: readonly string[] = runNames;
  const used = [plan.phases, plan.rollback, plan.watch].flatMap((part) => withsIn(part).flatMap(namesIn));
  return [...new Set(used)].filter((name) => !given.includes(name)).sort();
}

/**
 * For each parameter that the plan takes the first 8 hex digits of HMAC-SHA256(key, value): enough to see a change, too few
 * to find the value again. Throws a `Failure` with `plan-invalid` when a name has no value.
 */
export function fingerprints(plan: Plan, values: Values, key: string): Record<string, string> {
  const entries = namesOf(plan).map((name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined)
      throw new Failure('plan-invalid', `The plan takes \${${name}}, which has no value.`);
    return [name, createHmac('sha256', key).update(reveal(value)).digest('hex').slice(0, 8)] as const;
  });
  return Object.fromEntries(entries);
}

/** SHA-256 over the canonical JSON of what will run, as 64 hex digits; an approval is void when it changes. */
export function digestOf(what: Approvable): string {
  const { environment, version, commit, image, plan, fingerprints } = what;
  return sha256(canonical({ environment, version, commit, image, plan, fingerprints }));
}

/** What changed between two digests as lines such as `version v1 → v2`; parameters by name only, never by value. */
export function changesBetween(before: Approvable, after: Approvable): string[] {
  const lines: string[] = [];
  if (before.environment !== after.environment)
    lines.push(`environment ${before.environment} → ${after.environment}`);
  if (before.version !== after.version) lines.push(`version ${before.version} → ${after.version}`);
  for (const part of ['commit', 'image'] as const) {
    if (before[part] !== after[part])
      lines.push(`${part} ${shortId(before[part])} → ${shortId(after[part])}`);
  }
  lines.push(...planChanges(before.plan, after.plan));
  const names = new Set([...Object.keys(before.fingerprints), ...Object.keys(after.fingerprints)]);
  for (const name of [...names].sort()) {
    const change = changeOf(before.fingerprints[name], after.fingerprints[name]);
    if (change !== undefined) lines.push(`parameter ${name} ${change}`);
  }
  return lines;
}

/** The beginning of a commit id or of an image's digest, as people tell them apart. */
export function shortId(id: string | undefined): string {
  return id === undefined ? 'none' : id.startsWith('sha256:') ? id.slice(0, 19) : id.slice(0, 7);
}

function planChanges(before: Plan, after: Plan): string[] {
  const lines: string[] = [];
  if (before.name !== after.name) lines.push(`plan ${before.name} → ${after.name}`);
  if (before.title !== after.title) lines.push('plan: title changed');
  const ids = new Set([...before.phases, ...after.phases].map(({ id }) => id));
  for (const id of ids) {
    const change = changeOf(phaseText(before, id), phaseText(after, id));
    if (change !== undefined) lines.push(`plan: phase ${id} ${change}`);
  }
  const kept = (from: Plan, other: Plan) =>
    from.phases.map(({ id }) => id).filter((id) => other.phases.some((phase) => phase.id === id));
  if (canonical(kept(before, after)) !== canonical(kept(after, before)))
    lines.push('plan: order of phases changed');
  for (const severity of ['critical', 'high', 'medium'] as const) {
    const change = changeOf(textOf(before.rollback[severity]), textOf(after.rollback[severity]));
    if (change !== undefined) lines.push(`plan: rollback ${severity} ${change}`);
  }
  const watch = changeOf(textOf(before.watch), textOf(after.watch));
  if (watch !== undefined) lines.push(`plan: watch ${watch}`);
  return lines;
}

function phaseText(plan: Plan, id: string): string | undefined {
  return textOf(plan.phases.find((phase: PlanPhase) => phase.id === id));
}

function textOf(part: unknown): string | undefined {
  return part === undefined ? undefined : canonical(part);
}

function changeOf(before: string | undefined, after: string | undefined): string | undefined {
  if (before === after) return undefined;
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

// Only `with` takes parameters; a title with a dollar sign is a title.
function withsIn(part: unknown): unknown[] {
  if (Array.isArray(part)) return part.flatMap(withsIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, inner]) => (key === 'with' ? [inner] : withsIn(inner)));
}
