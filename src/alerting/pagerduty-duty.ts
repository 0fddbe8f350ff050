import type { Instant } from '../alerts/group.ts';
import { oneLine } from '../alerts/one-line.ts';
import type { Duty, PagerDutyTurn } from './on-call.ts';

/**
 * Who is on call by the turns of a schedule in PagerDuty, which are known until `to`; `users` are Slack user ids to e-mail
 * addresses there. Turns of one person in a row are one, and a schedule that stands in several escalation policies comes several times.
 */
export function dutyIn(
  turns: readonly PagerDutyTurn[],
  at: Instant,
  to: Instant,
  users: Readonly<Record<string, string>>,
): Duty {
  const inOrder = [...turns].sort((a, b) => a.from - b.from || a.to - b.to);
  const current = inOrder.find(({ from, to: end }) => from <= at && at < end);
  if (current === undefined) {
    const [next] = inOrder.filter(({ from }) => from > at);
    const because = 'PagerDuty has nobody on call there now';
    return { ...(next && { until: next.from, ...known('next', next, users) }), because };
  }
  let until = current.to;
  for (const { from, to: end, ...who } of inOrder) {
    if (from <= until && end > until && isSame(who, current)) until = end;
  }
  const next = inOrder.find((one) => one.to > until && !isSame(one, current));
  const told = [current, ...(next === undefined ? [] : [next])].filter(
    (one) => idOf(one, users) === undefined,
  );
  return {
    ...known('now', current, users),
    ...(until < to && { until, ...(next && known('next', next, users)) }),
    ...(told.length > 0 && { because: unknown(told) }),
  };
}

function isSame(
  one: Pick<PagerDutyTurn, 'name' | 'email'>,
  other: Pick<PagerDutyTurn, 'name' | 'email'>,
): boolean {
  return one.email === other.email && one.name === other.name;
}

function known(what: 'now' | 'next', turn: PagerDutyTurn, users: Readonly<Record<string, string>>): Duty {
  const id = idOf(turn, users);
  return id === undefined ? {} : { [what]: id };
}

function idOf({ email }: PagerDutyTurn, users: Readonly<Record<string, string>>): string | undefined {
  const wanted = email?.toLowerCase();
  return Object.entries(users).find(([, own]) => own.toLowerCase() === wanted)?.[0];
}

function unknown(turns: readonly PagerDutyTurn[]): string {
  const names = turns.map(({ name, email }) =>
    oneLine(email === undefined ? name : `${name} (${email})`, 120),
  );
  return `alerts.pagerduty.users does not say who ${[...new Set(names)].join(' and ')} is in Slack`;
}
