import type { AlertSeverity, Labels } from '../alerts/alert.ts';
import type { Instant, Routing } from '../alerts/group.ts';
import { parseMatchers } from '../alerts/matcher.ts';
import { routingOf } from '../alerts/route.ts';
import { onCallAt } from '../alerts/schedule.ts';
import type { AlertSettings, PolicyStep } from '../alerts/settings.ts';
import type { Config } from '../config.ts';
import { Failure } from '../errors.ts';
import { suggestion } from '../nearest.ts';
import { type Out, table } from './table.ts';

/**
 * Explains where alerts with these labels would go that come at an instant, and who would be told when as long as nobody
 * acknowledges them; asks neither Slack nor PagerDuty. Gives the exit code 0. Throws `config-invalid` for labels that cannot
 * be read and without alerts in slipway.yaml, and `not-found` for an unknown source.
 */
export function route(options: {
  readonly out: Out;
  readonly config: Config;
  /** May be absent when there is only one. */
  readonly source?: string | undefined;
  readonly receiver: string;
  /** As matchers with `=`: `alertname="X",severity="page"`. */
  readonly labels: string;
  readonly at: Instant;
}): 0 {
  const { out, config, receiver, at } = options;
  if (config.alerts === undefined) {
    throw new Failure('config-invalid', `${config.file} has no alerts; slipway.example.yaml shows how.`);
  }
  const { settings, sources } = config.alerts;
  const source = sourceOf(Object.keys(sources), options.source);
  const labels = labelsOf(options.labels);
  const { routing } = routingOf(settings, { source, receiver, labels }, at);
  const steps = routing.policy === undefined ? [] : (settings.policies[routing.policy] ?? []);
  out.write(table(factsOf(settings, routing, labels)));
  out.write(`\nFrom ${utc(at)} on, as long as nobody acknowledges:\n`);
  out.write(table([...opening(routing), ...timeline(steps, at, config, settings)], [0]));
  return 0;
}

function sourceOf(known: readonly string[], given: string | undefined): string {
  const [only] = known.length === 1 ? known : [];
  const source = given ?? only;
  if (source === undefined) {
    throw new Failure('not-found', `Name the source with --source; there is ${known.join(', ')}.`);
  }
  if (known.includes(source)) return source;
  throw new Failure('not-found', `There is no source ${source} under alerts; ${suggestion(source, known)}`);
}

function labelsOf(text: string): Labels {
  const read = text.trim() === '' ? ({ ok: true, matchers: [] } as const) : parseMatchers(text);
  if (!read.ok) throw new Failure('config-invalid', `--labels ${read.because}`);
  const odd = read.matchers.find(({ isRegex, isEqual }) => isRegex || !isEqual);
  if (odd !== undefined) {
    throw new Failure(
      'config-invalid',
      `--labels says what labels are, so it takes = only: ${odd.name}="…".`,
    );
  }
  return Object.fromEntries(read.matchers.map(({ name, value }) => [name, value]));
}

function factsOf(settings: AlertSettings, routing: Routing, labels: Labels): readonly (readonly string[])[] {
  const { route: name, channel, severity, environment, quiet, page, policy } = routing;
  const own = settings.routes.find((one) => one.name === name);
  const dropped = [own?.page && `page ${own.page}`, own?.policy && `policy ${own.policy}`].filter(Boolean);
  return [
    ['route', name],
    ['channel', channel],
    ['severity', `${severity} (${severityFrom(own?.severity, labels)})`],
    ['environment', environment ?? 'none'],
    [
      'quiet hours',
      quiet === undefined
        ? notQuiet(own?.quiet, severity)
        : `${quiet}, which hold back ${dropped.join(' and ') || 'nothing'}`,
    ],
    ['page', page ?? 'nobody'],
    ['policy', policy ?? 'none'],
  ];
}

function severityFrom(fixed: AlertSeverity | undefined, labels: Labels): string {
  if (fixed !== undefined) return 'set by the route';
  return Object.hasOwn(labels, 'severity')
    ? `from the label severity=${JSON.stringify(labels.severity)}`
    : 'there is no label severity';
}

function notQuiet(quiet: readonly string[] | undefined, severity: AlertSeverity): string {
  if (quiet === undefined) return 'none';
  return severity === 'critical'
    ? `${quiet.join(', ')} do not hold for what is critical`
    : `not in ${quiet.join(', ')}`;
}

function opening({ channel, page }: Routing): readonly (readonly string[])[] {
  const posted = ['+0 min', channel, '(the message)'];
  return page === undefined ? [posted] : [posted, ['+0 min', 'PagerDuty', `(page ${page})`]];
}

function timeline(
  steps: readonly PolicyStep[],
  at: Instant,
  { groups }: Config,
  { schedules }: AlertSettings,
): readonly (readonly string[])[] {
  let after = 0;
  return steps.map(({ wait, tell }) => {
    after += wait;
    const when = `+${minutes(after)} min`;
    if ('page' in tell) return [when, 'PagerDuty', `(page ${tell.page})`];
    if ('group' in tell) return [when, (groups[tell.group] ?? []).join(', '), `(group ${tell.group})`];
    const schedule = schedules[tell.schedule];
    const where = `(${tell.schedule}, ${tell.who})`;
    if (schedule === undefined || 'pagerduty' in schedule) return [when, 'as PagerDuty says then', where];
    const { now, next, until } = onCallAt(schedule, at + after);
    if (tell.who === 'next') return [when, next, where];
    return [when, now ?? 'nobody', now === undefined ? `${where} begins ${utc(until)}` : where];
  });
}

function minutes(span: number): string {
  return String(Math.round(span / 6_000) / 10);
}

function utc(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
