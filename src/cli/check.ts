import { dirname, join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import type { Plan } from '../deploy/plan.ts';
import { loadPlans } from '../plans.ts';
import { Secret } from '../secret.ts';
import type { Step } from '../steps/step.ts';
import { formatProblems } from '../yaml-file.ts';
import { counted, type Out } from './table.ts';

/**
 * Checks slipway.yaml and all plans without asking anybody outside, prints every problem with its file and line or what was
 * found to be in order, and gives the exit code: 0 when nothing is wrong, else 2. Slack's tokens may be absent.
 */
export async function check(options: {
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly steps: readonly Step[];
  readonly out: Out;
}): Promise<number> {
  const loaded = await loadConfig({ file: options.file, env: options.env, need: { slack: false } });
  const config = 'config' in loaded ? loaded.config : loaded.draft;
  const file = options.file ?? (options.env.SLIPWAY_CONFIG || 'slipway.yaml');
  // Where the configuration does not say where its plans are, they are looked for where they are by default.
  const runbooks = config?.runbooks ?? join(dirname(file), 'runbooks');
  const { plans, problems } = await loadPlans(runbooks, options.steps, config);
  const all = ['problems' in loaded ? loaded.problems : [], problems].flat();
  if (all.length > 0 || config === undefined) {
    options.out.write(`${formatProblems(all)}${counted(all.length, 'problem')}\n`);
    return 2;
  }
  options.out.write(`${file}: ${summaryOf(config)}\n`);
  if (config.alerts !== undefined) options.out.write(`alerts: ${alertsIn(config.alerts)}\n`);
  for (const plan of plans.values()) options.out.write(`plan ${plan.name}: ${contentsOf(plan)}\n`);
  options.out.write('Nothing is wrong.\n');
  return 0;
}

function summaryOf({ environments, groups }: Config): string {
  const values = Object.values(environments).flatMap(({ values: own }) => Object.values(own));
  const secrets = values.filter((value) => value instanceof Secret).length;
  return [
    counted(Object.keys(environments).length, 'environment'),
    counted(Object.keys(groups).length, 'group'),
    counted(values.length - secrets, 'variable'),
    counted(secrets, 'secret'),
  ].join(', ');
}

function alertsIn({ sources, settings }: NonNullable<Config['alerts']>): string {
  return [
    counted(Object.keys(sources).length, 'source'),
    counted(settings.routes.length, 'route'),
    counted(Object.keys(settings.schedules).length, 'schedule'),
    counted(Object.keys(settings.policies).length, 'escalation'),
  ].join(', ');
}

function contentsOf(plan: Plan): string {
  const steps = plan.phases.reduce((total, phase) => total + phase.steps.length, 0);
  const parts = [counted(plan.phases.length, 'phase'), counted(steps, 'step')];
  const severities = Object.keys(plan.rollback);
  if (severities.length > 0) parts.push(`rollback for ${severities.join(', ')}`);
  if (plan.watch !== undefined) parts.push(`${counted(plan.watch.steps.length, 'watched check')}`);
  return parts.join(', ');
}
