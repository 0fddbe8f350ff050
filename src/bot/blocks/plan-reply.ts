import type { Estimate } from '../../deploy/estimate.ts';
import type { Plan, PlanPhase } from '../../deploy/plan.ts';
import { readable } from '../../duration.ts';
import { foldLines } from './fit.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';
import { sign } from './signs.ts';
import { shown } from './titles.ts';

/** What a deployment would do: `sum` and `criticalPath` of the estimate are milliseconds. */
export interface Preview {
  readonly plan: Plan;
  readonly environment: string;
  readonly version: string;
  readonly estimate?: Pick<Estimate, 'sum' | 'criticalPath'>;
}

/** What a deployment would do, phase by phase: after what, who approves, how long, and which steps. */
export function planReply({ plan, environment, version, estimate }: Preview): Reply {
  const steps = plan.phases.reduce((sum, phase) => sum + phase.steps.length, 0);
  const time =
    estimate === undefined || estimate.sum === 0 ? '' : ` · about ${readable(estimate.criticalPath)}`;
  const head = `*${shown(plan.title)}*: ${shown(version)} to *${shown(environment)}*`;
  const size = `${plan.phases.length} phases, ${steps} steps${time}`;
  const severities = Object.keys(plan.rollback);
  const back = severities.length > 0 ? `Rollback for ${severities.join(', ')}` : 'No rollback section';
  // Long plans show their phases; what a phase does step by step is then left to its own message.
  const most = plan.phases.length > 12 ? 2 : 6;
  return reply(head, size, ...plan.phases.flatMap((phase) => phaseLines(phase, plan, most)), back);
}

function phaseLines(phase: PlanPhase, plan: Plan, most: number): string[] {
  const titles = phase.needs.map((id) => shown(plan.phases.find((one) => one.id === id)?.title ?? id));
  const parts = [`*${shown(phase.title)}*`];
  if (titles.length > 0) parts.push(`after ${foldLines(titles, 3).join(', ')}`);
  if (phase.estimate !== undefined) parts.push(readable(phase.estimate));
  if (!phase.critical) parts.push('may fail');
  const gate = Object.entries(phase.gate?.approvals ?? {}).map(
    ([group, count]) => `${count} from ${shown(group)}`,
  );
  const steps = phase.steps.map((step) => `      • ${shown(step.title ?? step.id)}`);
  return [
    `${sign.idle} ${parts.join(' · ')}`,
    ...(gate.length > 0 ? [`      ${sign.person} approvals: ${gate.join(', ')}`] : []),
    ...foldLines(steps, most).map((line) => (line.startsWith('…') ? `      ${line}` : line)),
  ];
}
