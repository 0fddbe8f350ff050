import { type ChecklistItem, idsCovered, readChecklist } from '../checklist.ts';
import type { Plan, PlanPhase, PlanStep } from '../deploy/plan.ts';
import { loadPlans } from '../plans.ts';
import type { Step } from '../steps/step.ts';
import { type Out, table } from './table.ts';

/** One checklist item and the steps that prove it, each as `plan/phase/step` with what it uses. */
export interface Covered extends ChecklistItem {
  readonly by: readonly { readonly step: string; readonly uses: string }[];
}

/**
 * Prints which items of the runbooks' `checklist.tsv` the plans cover and by what, as tables or, with `json`, as one JSON
 * object; gives the exit code: 0, or 2 when there is no checklist. Plans that cannot be parsed cover nothing and are named.
 */
export async function coverage(options: {
  readonly runbooks: string;
  readonly steps: readonly Step[];
  readonly json?: boolean | undefined;
  readonly out: Out;
}): Promise<number> {
  const { runbooks, steps, json, out } = options;
  const checklist = await readChecklist(runbooks);
  if (checklist === undefined) {
    out.write(`${runbooks}/checklist.tsv: there is no such file; expected the checklist's items\n`);
    return 2;
  }
  const { plans, problems } = await loadPlans(runbooks, steps);
  const items = coveredBy(checklist, [...plans.values()]);
  const total = items.length;
  const covered = items.filter(({ by }) => by.length > 0).length;
  if (json === true) {
    out.write(`${JSON.stringify({ total, covered, items }, null, 2)}\n`);
    return 0;
  }
  const unread = new Set(problems.map(({ file }) => file));
  for (const file of unread) out.write(`${file} has problems; see slipway check\n`);
  out.write(`${summary(items)}\n${details(items)}`);
  return 0;
}

/** Each item of a checklist with the steps of these plans that claim it. */
export function coveredBy(checklist: readonly ChecklistItem[], plans: readonly Plan[]): Covered[] {
  const ids = checklist.map(({ id }) => id);
  const by = new Map<string, { step: string; uses: string }[]>(ids.map((id) => [id, []]));
  for (const plan of plans) {
    for (const { at, step } of stepsOf(plan)) {
      const claimed = step.covers.flatMap((entry) => idsCovered(entry, ids) ?? []);
      for (const id of new Set(claimed)) by.get(id)?.push({ step: `${at}/${step.id}`, uses: step.uses });
    }
  }
  return checklist.map((item) => ({ ...item, by: by.get(item.id) ?? [] }));
}

function stepsOf(plan: Plan): { at: string; step: PlanStep }[] {
  const inPhases = (phases: readonly PlanPhase[], at: string) =>
    phases.flatMap((phase) => phase.steps.map((step) => ({ at: `${at}/${phase.id}`, step })));
  const rollbacks = Object.entries(plan.rollback).flatMap(([severity, part]) =>
    inPhases(part?.phases ?? [], `${plan.name}/rollback-${severity}`),
  );
  const watch = (plan.watch?.steps ?? []).map((step) => ({ at: `${plan.name}/watch`, step }));
  return [...inPhases(plan.phases, plan.name), ...rollbacks, ...watch];
}

function summary(items: readonly Covered[]): string {
  const phases = [...new Set(items.map(({ phase }) => phase))];
  const rows = phases.map((phase) =>
    rowOf(
      phase,
      items.filter((item) => item.phase === phase),
    ),
  );
  return table([['phase', 'covered', 'of'], ...rows, rowOf('total', items)], [1, 2]);
}

function rowOf(phase: string, items: readonly Covered[]): string[] {
  return [phase, String(items.filter(({ by }) => by.length > 0).length), String(items.length)];
}

function details(items: readonly Covered[]): string {
  return table(
    items.flatMap(({ id, item, by }) => {
      const [first, ...more] = by.map(({ step, uses }) => `${step} (${uses})`);
      return [[id, item, first ?? '–'], ...more.map((line) => ['', '', line])];
    }),
  );
}
