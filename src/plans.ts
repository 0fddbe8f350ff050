import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readChecklist } from './checklist.ts';
import type { Config } from './config.ts';
import { Plan } from './deploy/plan.ts';
import { checkPlan } from './plan-check.ts';
import { planFolder, planNames } from './plan-files.ts';
import type { Step } from './steps/step.ts';
import { checkYaml, type Problem, placeless, readYaml } from './yaml-file.ts';

/** The environments and groups that a plan is checked against; without them only the plan itself is. */
export type PlanUsers = Pick<Config, 'environments' | 'groups'>;

/**
 * Reads and checks every `deploy/*.yaml` of a folder of runbooks. `plans` holds all that could be parsed, also those with
 * problems; a plan may run only when `problems` is empty.
 */
export async function loadPlans(
  runbooks: string,
  steps: readonly Step[],
  users?: PlanUsers,
): Promise<{ readonly plans: ReadonlyMap<string, Plan>; readonly problems: readonly Problem[] }> {
  const plans = new Map<string, Plan>();
  const problems: Problem[] = [];
  const names = await planNames(runbooks);
  if (names.length === 0)
    problems.push(placeless(planFolder(runbooks), '', 'holds no plan; expected a .yaml file'));
  for (const name of names) {
    const loaded = await loadPlan(runbooks, name, steps, users);
    if (loaded.plan !== undefined) plans.set(name, loaded.plan);
    problems.push(...loaded.problems);
  }
  return { plans, problems };
}

/** Reads and checks the plan of one name; it may run only when `problems` is empty. */
export async function loadPlan(
  runbooks: string,
  name: string,
  steps: readonly Step[],
  users?: PlanUsers,
): Promise<{ readonly plan?: Plan; readonly problems: readonly Problem[] }> {
  const file = join(planFolder(runbooks), `${name}.yaml`);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { problems: [placeless(file, '', 'cannot be read; is there such a plan?')] };
  const yaml = readYaml(file, text);
  if ('problems' in yaml) return yaml;
  const checked = checkYaml(yaml.read, Plan);
  if ('problems' in checked) return checked;
  const plan = checked.value;
  const problems: Problem[] = [];
  if (plan.name !== name) {
    const message = `found "${plan.name}", expected the name of the file, ${name}`;
    problems.push(yaml.read.problem(['name'], message));
  }
  const checklist = (await readChecklist(runbooks))?.map(({ id }) => id);
  problems.push(...checkPlan({ plan, yaml: yaml.read, steps, checklist, users }));
  return { plan, problems };
}
