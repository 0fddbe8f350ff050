import type { Environment } from '../config.ts';
import { type Resolved, resolvedOf } from '../deploy/deployment.ts';
import type { RunPlan } from '../deploy/run-plan.ts';
import { readable } from '../duration.ts';
import { dryRun, type Foreseen } from '../engine/dry-run.ts';
import type { Step } from '../steps/step.ts';
import { counted, type Out } from './table.ts';

/** What each verdict looks like in the first column. */
const words = { nothing: 'ok', change: 'change', ask: 'ask', wait: 'wait', fail: 'PROBLEM' } as const;

/**
 * The dry run from a terminal: every check, no apply. Returns the exit code: 0 nothing to do, 1 something would change or
 * be asked, 2 a problem stands in the way.
 */
export async function plan(options: {
  readonly out: Out;
  readonly environment: Environment;
  readonly plan: RunPlan;
  readonly version: string;
  /** What the version was found to be. */
  readonly is: Resolved;
  readonly findStep: (uses: string) => Step | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
}): Promise<0 | 1 | 2> {
  const { out, environment, version } = options;
  const { commit, image } = resolvedOf(options.is);
  const values = {
    ...environment.values,
    ENVIRONMENT: environment.name,
    VERSION: version,
    // Of what was there before only the record knows.
    PREVIOUS_VERSION: '',
    ...(commit !== undefined && { COMMIT: commit, PREVIOUS_COMMIT: '' }),
    ...(image !== undefined && { IMAGE_DIGEST: image, PREVIOUS_IMAGE_DIGEST: '' }),
  };
  out.write(`Dry run of ${options.plan.title} in ${environment.name}: every check, no change.\n`);
  if (commit !== undefined)
    out.write(`${version} is the commit ${commit}${image ? `, the image ${image}` : ''}.\n`);
  const seen: Foreseen[] = [];
  const { findStep, now, signal } = options;
  for await (const one of dryRun({
    plan: options.plan,
    values,
    hosts: environment.hosts,
    findStep,
    now,
    signal,
  })) {
    if (one.phase !== seen.at(-1)?.phase) out.write(`\n${titleOf(options.plan, one.phase)}\n`);
    seen.push(one);
    const title = one.step.title ?? one.step.id;
    out.write(`  ${words[one.would].padEnd(8)} ${title} (${readable(one.ms)})\n`);
    if (one.would !== 'nothing') out.write(`            ${one.because.replaceAll('\n', '\n            ')}\n`);
  }
  const count = (would: Foreseen['would']) => seen.filter((one) => one.would === would).length;
  const problems = count('fail');
  const open = count('change') + count('ask') + count('wait');
  out.write(
    `\n${counted(count('nothing'), 'step')} as wanted, ${count('change')} would change, ${count('ask')} would ask people, ${problems} with problems.\n`,
  );
  return problems > 0 ? 2 : open > 0 ? 1 : 0;
}

function titleOf(plan: RunPlan, phase: string): string {
  return plan.phases.find(({ id }) => id === phase)?.title ?? phase;
}
