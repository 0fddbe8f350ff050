import type { Labels } from './alert.ts';
import type { Instant, Routing } from './group.ts';
import { matches } from './matcher.ts';
import { isQuiet } from './quiet-hours.ts';
import type { AlertSettings, Route } from './settings.ts';
import { severityOf } from './severity.ts';

/** What a group is routed by: the source and the receiver (unquoted) that it came from, and the labels that its alerts have in common. */
export interface Routed {
  readonly source: string;
  readonly receiver: string;
  readonly labels: Labels;
}

/**
 * What the configuration says of a group that opens at an instant, and how long its policy waits before the first step. The
 * first route decides whose matchers hold; `source` and `receiver` count as labels unless alerts have labels of those names.
 * Quiet hours take the page and the policy away and name themselves, except for what is critical: that never waits.
 * Throws a RangeError when no route matches, which a checked configuration rules out.
 */
export function routingOf(
  settings: AlertSettings,
  about: Routed,
  at: Instant,
): { readonly routing: Routing; readonly escalateAfter?: number } {
  const route = routeOf(settings, about);
  const { name, channel, page, policy, environment } = route;
  const severity = route.severity ?? severityOf(about.labels, settings.severities);
  const place = { route: name, channel, severity, ...(environment !== undefined && { environment }) };
  const quiet = severity === 'critical' ? undefined : quietAt(settings, route, at);
  if (quiet !== undefined) return { routing: { ...place, quiet } };
  const [first] = policy === undefined ? [] : (settings.policies[policy] ?? []);
  return {
    routing: { ...place, ...(page !== undefined && { page }), ...(policy !== undefined && { policy }) },
    ...(first !== undefined && { escalateAfter: first.wait }),
  };
}

function routeOf(settings: AlertSettings, { source, receiver, labels }: Routed): Route {
  const route = settings.routes.find(({ match }) => matches(match, { source, receiver, ...labels }));
  if (route === undefined) throw new RangeError('no route matches; the last one must match everything');
  return route;
}

function quietAt({ quietHours }: AlertSettings, { quiet = [] }: Route, at: Instant): string | undefined {
  return quiet.find((name) => {
    const hours = quietHours[name];
    return hours !== undefined && isQuiet(hours, at);
  });
}
