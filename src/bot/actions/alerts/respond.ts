import type { GroupReference } from '../../blocks/alerts/group-reference.ts';
import type { BotParts } from '../../bot-parts.ts';
import type { Listener, Pressed } from '../../listen.ts';
import { alertsOf, commandGroup } from './group-command.ts';

type GroupListener = Listener<Pressed<GroupReference>>;

/** **Acknowledge**: somebody looks after it, so nobody else is called. */
export function acknowledge(bot: BotParts): GroupListener {
  return async ({ user, about: { group, round } }) =>
    commandGroup(bot, group, user, (by) => ({ type: 'Acknowledge', round, by }));
}

/** **Unacknowledge**: nobody looks after it any more, so the policy starts again. */
export function unacknowledge(bot: BotParts): GroupListener {
  return async ({ user, about: { group, round } }) => {
    const alerts = alertsOf(bot);
    const policy = (await alerts.find(group))?.routing.policy ?? '';
    const first = alerts.parts.config.settings.policies[policy]?.[0];
    return commandGroup(bot, group, user, (by) => ({
      type: 'Unacknowledge',
      round,
      by,
      ...(first === undefined ? {} : { escalateAfter: first.wait }),
    }));
  };
}

/** **Escalate**: the next step of the policy is taken now. */
export function escalate(bot: BotParts): GroupListener {
  return async ({ user, about: { group, round } }) =>
    commandGroup(bot, group, user, (by) => ({ type: 'EscalateNow', round, by }));
}

/** **Resolve**: the page is closed, whatever Prometheus says. */
export function resolve(bot: BotParts): GroupListener {
  return async ({ user, about: { group, round } }) =>
    commandGroup(bot, group, user, (by) => ({ type: 'Resolve', round, by }));
}
