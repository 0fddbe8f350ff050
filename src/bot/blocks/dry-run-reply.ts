import type { RunPlan } from '../../deploy/run-plan.ts';
import type { Foreseen } from '../../engine/dry-run.ts';
import { clip, escaped } from './escape.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';
import { sign } from './signs.ts';
import { shown } from './titles.ts';

const signs: Readonly<Record<Foreseen['would'], string>> = {
  nothing: sign.done,
  change: sign.moving,
  ask: sign.person,
  wait: sign.clock,
  fail: sign.failed,
};

/** What every check of a plan found: problems first, then what would change; what is as wanted is only counted. */
export function dryRunReply(plan: RunPlan, seen: readonly Foreseen[]): Reply {
  const count = (would: Foreseen['would']) => seen.filter((one) => one.would === would).length;
  const head = `*Dry run of ${shown(plan.title)}*: ${count('fail')} problems, ${count('change')} would change, ${count('ask')} would ask people, ${count('nothing')} as wanted. Nothing was changed.`;
  const order: readonly Foreseen['would'][] = ['fail', 'change', 'ask', 'wait'];
  const lines = order.flatMap((would) => seen.filter((one) => one.would === would).map(line));
  return reply(head, ...lines);
}

function line({ would, step, phase, because }: Foreseen): string {
  return `${signs[would]} ${shown(step.title ?? step.id)} (${shown(phase)}): ${clip(escaped(because), 300)}`;
}
