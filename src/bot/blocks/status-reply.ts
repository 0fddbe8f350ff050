import type { Deployment, Instant, Outcome } from '../../deploy/deployment.ts';
import type { Severity } from '../../deploy/plan.ts';
import { readable } from '../../duration.ts';
import type { Lock } from './answers.ts';
import { lockLine } from './answers.ts';
import { headline, stepCounts } from './card.ts';
import { code, link, mention } from './escape.ts';
import { foldLines } from './fit.ts';
import { growing, moment } from './moment.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';
import { outcomeSign, runSign, sign } from './signs.ts';
import { standing } from './standing.ts';
import type { About } from './surface.ts';
import { placeOf, shown, whatOf } from './titles.ts';

/** What is known of an environment when somebody asks how it stands. */
export interface Standings {
  readonly environment: string;
  readonly active?: { readonly run: Deployment; readonly about: About; readonly link?: string };
  readonly lock?: Lock;
  readonly last?: Past;
}

/** A run that has ended, or still goes on when it has no outcome. */
export interface Past {
  readonly id: string;
  readonly kind: Deployment['kind'];
  readonly version: string;
  readonly of?: string;
  readonly severity?: Severity;
  readonly by: string;
  readonly at: Instant;
  readonly endedAt?: Instant;
  readonly outcome?: Outcome;
  readonly link?: string;
}

/** How an environment stands: what is active, for whom or what it waits, and whether it is locked. */
export function statusReply({ environment, active, lock, last }: Standings): Reply {
  const locked = lock === undefined ? [] : [lockLine(lock)];
  const before = last === undefined ? [] : [`Last: ${pastLine(last)}`];
  if (active === undefined) {
    const idle = `${sign.idle} Nothing is being deployed to *${shown(environment)}*.`;
    return reply(locked[0] ?? idle, ...(locked.length > 0 ? [idle] : []), ...before);
  }
  const { run, about } = active;
  const [mark, word] = runSign(run);
  const { done, all } = stepCounts(run);
  const look = active.link === undefined ? '' : ` · ${link(active.link, 'look at it')}`;
  const waits = standing(run, about).map(({ line }) => line);
  const first = `${mark} *${placeOf(run, about.environmentTitle)}* · ${whatOf(run)} · ${word}`;
  const time = `${done}/${all} steps, ${growing(about.now - run.requestedAt)} since ${mention(run.requestedBy)} asked${look}`;
  const answer = reply(first, ...(waits.length > 0 ? foldLines(waits, 12) : []), time, ...locked);
  return { ...answer, text: headline(run, about) };
}

/** The last ten runs of an environment, newest first as given: outcome, version, who, how long. */
export function historyReply(environment: string, runs: readonly Past[]): Reply {
  if (runs.length === 0) return reply(`Nothing was ever deployed to *${shown(environment)}*.`);
  return reply(`*Last deployments of ${shown(environment)}*`, ...runs.slice(0, 10).map(pastLine));
}

function pastLine(past: Past): string {
  const [mark, word] = outcomeSign(past.kind, past.outcome);
  const what = past.kind === 'rollback' ? `rollback of ${shown(past.of ?? '')}` : shown(past.version);
  const took = past.endedAt === undefined ? '' : ` · ${readable(past.endedAt - past.at)}`;
  const run = past.link === undefined ? code(past.id) : link(past.link, past.id);
  return `${mark} *${what}* · ${word} · ${mention(past.by)} · ${moment(past.at)}${took} · ${run}`;
}
