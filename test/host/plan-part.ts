import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const Step = z.looseObject({
  id: z.string(),
  uses: z.string(),
  with: z.record(z.string(), z.unknown()).default({}),
});
const Phase = z.looseObject({
  id: z.string(),
  title: z.string(),
  needs: z.array(z.string()).default([]),
  steps: z.array(Step),
});
const Way = z.looseObject({ phases: z.array(Phase) });
const Plan = z.looseObject({ phases: z.array(Phase), rollback: z.record(z.string(), Way) });
type Phase = z.output<typeof Phase>;
type Step = z.output<typeof Step>;

interface Part {
  /** The phases to keep, in the plan's order; a need of another is replaced by that one's own needs. */
  readonly phases: readonly string[];
  /** Changes a step or, with undefined, leaves it out. */
  readonly change?: (step: Step, phase: string) => Step | undefined;
}

const phases = [
  ...['host', 'servers', 'consoles', 'code', 'database', 'redis', 'elasticsearch', 'api', 'nginx'],
  'go-live',
];

const straight = { address: '$' + '{WEB_ADDRESS}', ca: '$' + '{TLS_CA}' };

/** The plan for SoftFactory up to nginx, with go-live and rollback, for a host on which Elasticsearch is played too. */
export function softfactoryOnOneHost(): Promise<unknown> {
  return planPart({
    phases,
    change: (step, phase) => {
      // One question stands for all of them.
      if (phase === 'consoles' && step.id !== 's3') return undefined;
      // Debian has no package of it, and the host has no way to the outside.
      if (step.id === 'compose') return undefined;
      // These ask many people again, and outside name servers, which know nothing of the host.
      if (step.id === 'sign-off') return undefined;
      if (step.with.url === '$' + '{API_URL}/api/health')
        return { ...step, with: { ...step.with, ...straight } };
      if (step.uses !== 'host/firewall') return step;
      // Elasticsearch, a machine of its own elsewhere, runs on this one.
      const from = [step.with.from, { port: 9200, sources: ['$' + '{SLIPWAY_ADDRESS}/32'] }].flat();
      return { ...step, with: { ...step.with, from } };
    },
  });
}

/** Some phases of the plan for SoftFactory as a plan of its own, under the name that tests deploy; only the first has a gate, and there is no watch. */
async function planPart({ phases, change = (step) => step }: Part): Promise<unknown> {
  const file = new URL('../../runbooks/deploy/softfactory.yaml', import.meta.url);
  const { watch: _watch, ...whole } = Plan.parse(parse(await readFile(file, 'utf8')));
  const kept = whole.phases.filter(({ id }) => phases.includes(id));
  const changed = (phase: Phase) => ({
    ...phase,
    steps: phase.steps.flatMap((step) => change(step, phase.id) ?? []),
  });
  const ways = Object.entries(whole.rollback).map(([severity, way]) => [
    severity,
    { ...way, phases: way.phases.map(changed) },
  ]);
  return {
    ...whole,
    name: 'test',
    rollback: Object.fromEntries(ways),
    phases: kept.map((phase, index) => ({
      ...changed(phase),
      gate: index === 0 ? phase.gate : undefined,
      needs: [...new Set(phase.needs.flatMap((need) => nearestKept(need, whole.phases, phases)))],
    })),
  };
}

function nearestKept(id: string, all: readonly Phase[], kept: readonly string[]): readonly string[] {
  if (kept.includes(id)) return [id];
  const needs = all.find((phase) => phase.id === id)?.needs ?? [];
  return needs.flatMap((need) => nearestKept(need, all, kept));
}
