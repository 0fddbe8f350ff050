import { estimateOf } from '../../deploy/estimate.ts';
import { planReply } from '../blocks/plan-reply.ts';
import { versionText } from '../blocks/titles.ts';
import type { BotParts } from '../bot-parts.ts';
import { runAndPerson } from '../bot-parts.ts';
import type { Listener, Pressed } from '../listen.ts';

/** **Plan**: what this run does, phase by phase, from its own copy of the plan. */
export function showPlan(bot: BotParts): Listener<Pressed> {
  return async ({ about, user }) => {
    const { run } = await runAndPerson(bot, about.run, user);
    const plan = await bot.runs.planOf(run);
    return planReply({
      plan,
      environment: run.environment,
      version: versionText(run),
      estimate: estimateOf(plan.phases),
    });
  };
}
