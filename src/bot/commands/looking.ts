import type { Deployment } from '../../deploy/deployment.ts';
import { estimateOf } from '../../deploy/estimate.ts';
import { dryRun } from '../../engine/dry-run.ts';
import { currentLock } from '../../engine/locks.ts';
import { currentPlan, goodBefore, usualVersion } from '../../engine/request-run.ts';
import { resolved } from '../../engine/resolve.ts';
import { heldBy } from '../../engine/run-rules.ts';
import { holderOf, newestStreams } from '../../store/record.ts';
import { dryRunReply } from '../blocks/dry-run-reply.ts';
import { planReply } from '../blocks/plan-reply.ts';
import { historyReply, type Past, statusReply } from '../blocks/status-reply.ts';
import { versionText } from '../blocks/titles.ts';
import type { BotParts } from '../bot-parts.ts';
import type { Content } from '../messages.ts';
import { aboutRun } from '../picture-of.ts';
import type { Asked } from './deploy.ts';
import { linkTo } from './link-to.ts';

/** A response_url may be used for 30 minutes (https://docs.slack.dev/interactivity/handling-user-interaction). */
const longest = 20 * 60_000;

/** `/deploy plan production [version]`: what would run, at once; then what every check finds, and nothing is changed. */
export async function plan(bot: BotParts, asked: Asked): Promise<Content> {
  const { runs } = bot;
  const environment = runs.environment(asked.environment);
  const version = asked.rest || (await usualVersion(runs, environment.name));
  const wanted = await currentPlan(runs, environment.plan);
  const { what: is } = await resolved(runs, environment.name, version);
  const about = {
    environment: environment.name,
    version,
    ...is,
    ...(await goodBefore(runs, environment.name)),
  };
  void foresee(bot, asked, { plan: wanted, values: runs.valuesFor(about) });
  const estimate = estimateOf(wanted.phases);
  return planReply({ plan: wanted, environment: environment.name, version: versionText(about), estimate });
}

async function foresee(
  { runs, log }: BotParts,
  asked: Asked,
  what: Pick<Parameters<typeof dryRun>[0], 'plan' | 'values'>,
): Promise<void> {
  const { findStep, now } = runs.parts;
  const { hosts } = runs.environment(asked.environment);
  const seen = [];
  try {
    const signal = AbortSignal.timeout(longest);
    for await (const one of dryRun({ ...what, hosts, findStep, now, signal })) seen.push(one);
    await asked.tell(dryRunReply(what.plan, seen));
  } catch (error) {
    log.warn({ error }, 'dry run not told');
  }
}

/** `/deploy status [production]`: what is active and what it waits for. */
export async function status(bot: BotParts, { environment }: Asked): Promise<Content> {
  const { runs } = bot;
  const { pool } = runs.parts;
  const run = await holderOf<Deployment>(pool, heldBy(environment));
  const lock = await currentLock(runs, environment);
  const [newest] = await newestStreams<Deployment>(pool, 'run', environment, 1);
  const link = run === undefined ? undefined : await linkTo(bot, run);
  return statusReply({
    environment,
    ...(run && { active: { run, about: await aboutRun(runs, run), ...(link && { link }) } }),
    ...(lock && { lock: { ...lock, environment } }),
    ...(newest && newest.id !== run?.id && { last: pastOf(newest) }),
  });
}

/** `/deploy history [production]`: the last ten runs. */
export async function history(bot: BotParts, { environment }: Asked): Promise<Content> {
  const newest = await newestStreams<Deployment>(bot.runs.parts.pool, 'run', environment, 10);
  return historyReply(environment, newest.map(pastOf));
}

function pastOf(run: Deployment): Past {
  const { id, kind, of, severity, requestedBy: by, requestedAt: at, endedAt, outcome } = run;
  return {
    id,
    kind,
    version: versionText(run),
    by,
    at,
    ...(of !== undefined && { of }),
    ...(severity !== undefined && { severity }),
    ...(endedAt !== undefined && { endedAt }),
    ...(outcome !== undefined && { outcome }),
  };
}
