import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { World } from '../world/world.ts';

/** What some steps of the plan need of the machine that the demo runs on. */
export type Part = 'linux' | 'redis' | 'git' | 'openssl';

/** What is told where one of them is missing. */
export const withoutPart: Readonly<Record<Part, string>> = {
  linux: 'The host is played only on Linux, so the plan goes without the host, its code and its web site.',
  redis:
    'There is no redis-server on this machine, so the plan goes without Redis (apt-get install redis-server).',
  git: 'There is no git on this machine, so the plan goes without the code and its image (apt-get install git).',
  openssl:
    'There is no openssl on this machine, so the plan goes without the web site (apt-get install openssl).',
};

/** The parts that the machine lacks on which a world stands. */
export function missingParts({ redis, repository, site }: World): readonly Part[] {
  const has: Readonly<Record<Part, boolean>> = {
    linux: process.platform === 'linux',
    redis: redis !== undefined,
    git: repository !== undefined,
    openssl: site.own !== undefined,
  };
  return (['linux', 'redis', 'git', 'openssl'] as const).filter((part) => !has[part]);
}

const Step = z.looseObject({ uses: z.string() });
const Phase = z.looseObject({ id: z.string(), needs: z.array(z.string()).default([]), steps: z.array(Step) });
const Written = z.looseObject({
  phases: z.array(Phase),
  rollback: z.record(z.string(), z.looseObject({ phases: z.array(Phase) })),
});
type Step = z.output<typeof Step>;
type Phase = z.output<typeof Phase>;

/**
 * A plan's text without the steps that need what is missing, and without the phases that then have none; who needed such a phase
 * needs what that one needed.
 */
export function withoutParts(plan: string, missing: readonly Part[]): string {
  if (missing.length === 0) return plan;
  const { phases, rollback, ...written } = Written.parse(parse(plan));
  const back = Object.entries(rollback).map(([severity, way]) => [
    severity,
    { ...way, phases: phasesWithout(way.phases, missing) },
  ]);
  return stringify({
    ...written,
    phases: phasesWithout(phases, missing),
    rollback: Object.fromEntries(back),
  });
}

function phasesWithout(phases: readonly Phase[], missing: readonly Part[]): readonly Phase[] {
  const left = phases
    .map((phase) => ({
      ...phase,
      steps: phase.steps.filter((step) => !partsOf(step).some((part) => missing.includes(part))),
    }))
    .filter(({ steps }) => steps.length > 0);
  const kept = new Set(left.map(({ id }) => id));
  const nearest = (id: string): readonly string[] =>
    kept.has(id) ? [id] : (phases.find((phase) => phase.id === id)?.needs ?? []).flatMap(nearest);
  return left.map((phase) => ({ ...phase, needs: [...new Set(phase.needs.flatMap(nearest))] }));
}

/** The code is what lies in the checkout; the web site is what has the domain or the certificate. */
function partsOf(step: Step): readonly Part[] {
  const text = JSON.stringify(step);
  const isOfSite = /\$\{(DOMAIN|TLS_[A-Z]+|HTTPS?_PORT)\}/.test(text);
  return [
    ...(isOfSite || text.includes('"host":') ? (['linux'] as const) : []),
    ...(step.uses.startsWith('redis/') ? (['redis'] as const) : []),
    ...(/\$\{COMMIT\}|\/srv\/softfactory\/current\b/.test(text) ? (['git'] as const) : []),
    ...(isOfSite ? (['openssl'] as const) : []),
  ];
}
