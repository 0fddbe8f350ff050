import { idsCovered } from './checklist.ts';
import type { Config } from './config.ts';
import type { Plan, PlanPhase, PlanStep } from './deploy/plan.ts';
import { gateProblem } from './gate-check.ts';
import { suggestion } from './nearest.ts';
import { circlesIn } from './phase-circles.ts';
import { parameterProblems } from './plan-parameters.ts';
import type { Step } from './steps/step.ts';
import type { Problem, YamlFile } from './yaml-file.ts';

/** What a plan is checked against: the steps there are, the checklist's ids, and the environments and groups of the configuration. */
export interface PlanCheck {
  readonly plan: Plan;
  readonly yaml: YamlFile;
  readonly steps: readonly Step[];
  readonly checklist?: readonly string[] | undefined;
  readonly users?: Pick<Config, 'environments' | 'groups'> | undefined;
}

type Path = readonly PropertyKey[];

/** Every problem of a plan that its schema cannot see: ids, needs, circles, steps, parameters, gates and covered items. */
export function checkPlan(check: PlanCheck): Problem[] {
  const { plan, yaml } = check;
  const problems = phasesProblems(check, plan.phases, ['phases']);
  for (const [severity, rollback] of Object.entries(plan.rollback)) {
    problems.push(...phasesProblems(check, rollback?.phases ?? [], ['rollback', severity, 'phases']));
  }
  if (plan.watch !== undefined) {
    problems.push(...stepsProblems(check, plan.watch.steps, ['watch', 'steps']));
    if (plan.watch.every > plan.watch.for) {
      problems.push(
        yaml.problem(['watch', 'every'], 'is longer than the whole watch; expected less than "for"'),
      );
    }
  }
  return problems;
}

function phasesProblems(check: PlanCheck, phases: readonly PlanPhase[], at: Path): Problem[] {
  const { yaml } = check;
  const ids = phases.map(({ id }) => id);
  const problems = repeated(yaml, phases, at, 'phase');
  for (const [index, phase] of phases.entries()) {
    for (const [place, need] of phase.needs.entries()) {
      if (ids.includes(need)) continue;
      const others = ids.filter((id) => id !== phase.id);
      const message = `there is no phase "${need}" here; ${suggestion(need, others)}`;
      problems.push(yaml.problem([...at, index, 'needs', place], message));
    }
    problems.push(...gateProblems(check, phase, [...at, index, 'gate']));
    problems.push(...stepsProblems(check, phase.steps, [...at, index, 'steps']));
  }
  const line = (id: string) => yaml.problem([...at, ids.indexOf(id), 'id'], '').line;
  for (const circle of circlesIn(phases)) {
    const [first = ''] = circle;
    const way = [...circle, first].map((id) => `${id} (line ${line(id)})`).join(' → ');
    problems.push(yaml.problem([...at, ids.indexOf(first), 'needs'], `the needs go in a circle: ${way}`));
  }
  return problems;
}

function stepsProblems(check: PlanCheck, planned: readonly PlanStep[], at: Path): Problem[] {
  const problems = repeated(check.yaml, planned, at, 'step');
  for (const [index, step] of planned.entries()) {
    const path = [...at, index];
    const implementation = check.steps.find(({ uses }) => uses === step.uses);
    if (implementation === undefined) {
      const known = check.steps.map(({ uses }) => uses);
      const message = `there is no step "${step.uses}"; ${suggestion(step.uses, known)}`;
      problems.push(check.yaml.problem([...path, 'uses'], message));
    } else {
      problems.push(...parameterProblems(check, step, implementation, path));
    }
    problems.push(...coverProblems(check, step, path));
  }
  return problems;
}

function coverProblems({ yaml, checklist }: PlanCheck, step: PlanStep, at: Path): Problem[] {
  if (checklist === undefined) return [];
  return step.covers.flatMap((entry, index) =>
    idsCovered(entry, checklist) === undefined
      ? [yaml.problem([...at, 'covers', index], `${entry} does not stand in the checklist`)]
      : [],
  );
}

function gateProblems({ plan, yaml, users }: PlanCheck, { gate }: PlanPhase, at: Path): Problem[] {
  if (gate === undefined || users === undefined) return [];
  const problems: Problem[] = [];
  for (const group of Object.keys(gate.approvals)) {
    if (Object.hasOwn(users.groups, group)) continue;
    const message = `there is no group "${group}" in the configuration; ${suggestion(group, Object.keys(users.groups))}`;
    problems.push(yaml.problem([...at, 'approvals', group], message, 'key'));
  }
  if (problems.length > 0) return problems;
  const used = Object.values(users.environments).filter((environment) => environment.plan === plan.name);
  const told = used.flatMap((environment) => gateProblem(gate.approvals, users.groups, environment) ?? []);
  return [...new Set(told)].map((message) => yaml.problem([...at, 'approvals'], message, 'key'));
}

function repeated(
  yaml: YamlFile,
  parts: readonly { readonly id: string }[],
  at: Path,
  what: 'phase' | 'step',
): Problem[] {
  return parts.flatMap(({ id }, index) => {
    const first = parts.findIndex((part) => part.id === id);
    if (first === index) return [];
    const { line } = yaml.problem([...at, first, 'id'], '');
    return [
      yaml.problem(
        [...at, index, 'id'],
        `the ${what} of line ${line} is called "${id}" too; choose another id`,
      ),
    ];
  });
}
