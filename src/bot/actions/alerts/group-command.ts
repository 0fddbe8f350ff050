import type { Alerts } from '../../../alerting/alerts.ts';
import type { GroupCommand, Responder } from '../../../alerts/commands.ts';
import type { Refusal } from '../../../deploy/decision.ts';
import { Failure } from '../../../errors.ts';
import { sentence } from '../../blocks/escape.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Content } from '../../messages.ts';
import { responder } from '../../responder.ts';

/** The alerts of this installation; throws `config-invalid` where there are none, for a button that an earlier one left behind. */
export function alertsOf({ alerts }: Pick<BotParts, 'alerts'>): Alerts {
  if (alerts !== undefined) return alerts;
  throw new Failure(
    'config-invalid',
    'This Slipway takes no alerts: slipway.yaml has no section "alerts". Nothing was changed.',
  );
}

/** Brings a person's command to a group, and says what came of it where the message will not. */
export async function commandGroup(
  bot: BotParts,
  group: string,
  user: string,
  build: (by: Responder) => GroupCommand,
): Promise<Content | undefined> {
  const alerts = alertsOf(bot);
  const by = await responder(bot.groups, alerts.parts.config.settings, user);
  const handled = await alerts.handle(group, build(by));
  return handled.ok ? undefined : refusedBy(handled.refusal);
}

/** A refusal as the asker reads it; the rules name people in it, and who is known in PagerDuty by a name from outside. */
function refusedBy({ code, detail }: Refusal): Content {
  return refused({ code, detail: sentence(detail) });
}
