import type { Refusal } from '../../../deploy/decision.ts';
import { Failure } from '../../../errors.ts';
import type { Runbook } from '../../../runbooks/runbook.ts';
import type { Walker, WalkthroughCommand } from '../../../walkthroughs/commands.ts';
import type { Walkthrough } from '../../../walkthroughs/walkthrough.ts';
import { sentence } from '../../blocks/escape.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Content } from '../../messages.ts';

/** Brings a command to an opened runbook, and says what came of it where the message will not. */
export async function commandWalk(
  bot: Pick<BotParts, 'walkthroughs' | 'incidents'>,
  walk: string,
  command: WalkthroughCommand,
): Promise<Content | undefined> {
  const handled = await bot.walkthroughs.handle(walk, command);
  return handled.ok ? undefined : refusedBy(handled.refusal, mayRun(bot));
}

/** A refusal as the asker reads it; the rules name people in it, and what a runbook says. */
function refusedBy({ code, detail }: Refusal, allowed: readonly string[]): Content {
  if (code !== 'not-allowed') return refused({ code, detail: sentence(detail) });
  const who = allowed.join(', ') || 'nobody, until slipway.yaml names groups under incidents.may.run';
  return refused({ code, detail: sentence(`${detail} Who may: ${who}.`) });
}

/** The groups that may run steps of runbooks: none without a section `incidents`. */
function mayRun({ incidents }: Pick<BotParts, 'incidents'>): readonly string[] {
  return incidents?.settings.may.run ?? [];
}

/** An opened runbook with its copy; throws `walkthrough-unknown`. */
export async function openedRunbook(
  { walkthroughs }: Pick<BotParts, 'walkthroughs'>,
  id: string,
): Promise<{ readonly walkthrough: Walkthrough; readonly runbook: Runbook }> {
  const walkthrough = await walkthroughs.find(id);
  if (walkthrough === undefined) {
    throw new Failure('walkthrough-unknown', 'This button is of another installation of Slipway.');
  }
  return { walkthrough, runbook: await walkthroughs.runbookOf(walkthrough) };
}

/** A Slack user with whether they may run steps of runbooks now. */
export async function walkerOf(bot: Pick<BotParts, 'incidents' | 'groups'>, user: string): Promise<Walker> {
  const members = await Promise.all(mayRun(bot).map((group) => bot.groups.members(group)));
  return { id: user, mayRun: members.some((users) => users.includes(user)) };
}
