import type { Decision } from '../deploy/decision.ts';
import { accept } from '../deploy/decision.ts';
import type { About } from './about-group.ts';
import { aboutOf, identityOf, saysMore } from './about-group.ts';
import { closed, endedSilences } from './closing.ts';
import type { GroupCommand } from './commands.ts';
import type { Settled } from './episode.ts';
import { settleDelivery } from './episode.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { AlertGroup, Instant } from './group.ts';
import { someOf } from './labels-shown.ts';
import { opened, started } from './opening.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

/** Rules for what a source tells: alerts fire and end, and with them the group opens and closes. */
export function decideDelivery(
  group: AlertGroup | undefined,
  command: Deliver,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const settled = settleDelivery(group, command);
  if (settled === undefined) return accept();
  const about = aboutOf(group, command, settled);
  const told = { ...about, delivery: command.delivery };
  const alerts = changes(group, settled, told);
  if (settled.opens) {
    return accept(...opened(group, command, settled, about, now), ...alerts, ...started(group, command, now));
  }
  if (group === undefined) {
    if (settled.rows.length === 0) return accept();
    const { routing } = command.ruling;
    return accept({ type: 'GroupNoted', routing, ...identityOf(command), ...told });
  }
  const isDescribed = alerts.length === 0 && (settled.rows.length > 0 || saysMore(group, about));
  return accept(
    ...alerts,
    ...(isDescribed ? [{ type: 'GroupDescribed' as const, ...told }] : []),
    ...endedSilences(group, command, settled, now),
    ...closed(group, command, settled, now),
  );
}

/** What fires first and what has ended then, each with the counts of the round after it. */
function changes(
  group: AlertGroup | undefined,
  { fired, resolved, opens, firing, ended }: Settled,
  told: About & { readonly delivery: string },
): readonly UntimedGroupEvent[] {
  const events: UntimedGroupEvent[] = [];
  const some = (alerts: Settled['fired']) => ({
    count: alerts.length,
    some: someOf(alerts, told.commonLabels),
  });
  if (fired.length > 0) {
    const before = opens ? 0 : (group?.firing ?? 0);
    const counts = { firing: before + fired.length, resolved: ended - resolved.length };
    events.push({ type: 'AlertsFired', opens, ...some(fired), ...counts, ...told });
  }
  if (resolved.length > 0) {
    events.push({ type: 'AlertsResolved', ...some(resolved), firing, resolved: ended, ...told });
  }
  return events;
}
