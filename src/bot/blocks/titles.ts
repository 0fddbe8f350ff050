import type { Deployment } from '../../deploy/deployment.ts';
import { shortId } from '../../deploy/digest.ts';
import type { Plan, PlanPhase } from '../../deploy/plan.ts';
import { clip, escaped } from './escape.ts';

/** The title of a phase as escaped mrkdwn; its id when the plan has none. */
export function phaseTitle(run: Deployment, plan: Plan, id: string): string {
  return shown(planPhase(run, plan, id)?.title ?? id);
}

/** The title of a step as escaped mrkdwn; its id when the plan has none. */
export function stepTitle(run: Deployment, plan: Plan, phase: string, step: string): string {
  return shown(rawStepTitle(run, plan, phase, step));
}

/** The title of a step as it stands in the plan, for buttons and other plain texts. */
export function rawStepTitle(run: Deployment, plan: Plan, phase: string, step: string): string {
  return planPhase(run, plan, phase)?.steps.find(({ id }) => id === step)?.title ?? step;
}

/** Where a run acts, as escaped mrkdwn. */
export function placeOf(run: Deployment, title: string | undefined): string {
  return shown(title ?? run.environment);
}

/** What a run brings, as escaped mrkdwn: its version, or which run it takes back. */
export function whatOf(run: Deployment): string {
  return run.kind === 'rollback' ? `rollback of ${shown(run.of ?? 'a deployment')}` : shown(versionText(run));
}

/** A version with the beginning of the commit that it is, where that is known, such as `v2.4.1 (1a2b3c4)`. */
export function versionText({ version, commit }: Pick<Deployment, 'version' | 'commit'>): string {
  return commit === undefined || commit === version ? version : `${version} (${shortId(commit)})`;
}

/** Text from outside for a line among others: escaped, at most 200 characters. */
export function shown(text: string): string {
  return clip(escaped(text), 200) || '–';
}

function planPhase(run: Deployment, plan: Plan, id: string): PlanPhase | undefined {
  const back = run.severity === undefined ? [] : (plan.rollback[run.severity]?.phases ?? []);
  const all = run.kind === 'rollback' ? [...back, ...plan.phases] : plan.phases;
  return all.find((phase) => phase.id === id);
}
