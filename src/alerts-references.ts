import { faceOf, isTimeZone } from './alerts/wall-clock.ts';
import type { AlertsSection } from './alerts-file.ts';
import type { ConfigFile } from './config-file.ts';
import { suggestion } from './nearest.ts';
import type { Problem, YamlFile } from './yaml-file.ts';

type Path = readonly PropertyKey[];

/** Notes a problem at a path below `alerts`. */
type Note = (path: Path, message: string) => void;

/** What is wrong with `alerts` as a whole: names that nothing has, routes that cannot be reached, times that no clock shows. */
export function alertProblems(yaml: YamlFile, file: ConfigFile): readonly Problem[] {
  const { alerts } = file;
  if (alerts === undefined) return [];
  const problems: Problem[] = [];
  const note: Note = (path, message) => problems.push(yaml.problem(['alerts', ...path], message));
  noteStrangers(alerts, file, note);
  noteRoutes(alerts, note);
  noteSources(alerts, note);
  noteTimes(alerts, note);
  notePolicies(alerts, note);
  return problems;
}

function noteStrangers(alerts: AlertsSection, { groups, environments }: ConfigFile, note: Note): void {
  const { pagerduty, policies, schedules, quietHours, sources, routes, may } = alerts;
  const known = {
    group: Object.keys(groups),
    environment: Object.keys(environments),
    'routing key': Object.keys(pagerduty?.keys ?? {}),
    policy: Object.keys(policies),
    schedule: Object.keys(schedules),
    'quiet hours': Object.keys(quietHours),
  };
  const where = {
    group: 'groups',
    environment: 'environments',
    'routing key': 'alerts.pagerduty.keys',
    policy: 'alerts.policies',
    schedule: 'alerts.schedules',
    'quiet hours': 'alerts.quietHours',
  };
  const meant = (kind: keyof typeof known, name: string | undefined, ...path: Path): void => {
    if (name === undefined || known[kind].includes(name)) return;
    const article = kind === 'quiet hours' ? 'are no' : 'is no';
    note(path, `there ${article} ${kind} "${name}" under ${where[kind]}; ${suggestion(name, known[kind])}`);
  };
  for (const right of ['respond', 'silence'] as const) {
    for (const [index, group] of may[right].entries()) meant('group', group, 'may', right, index);
  }
  for (const [name, { watchdog }] of Object.entries(sources)) {
    meant('routing key', watchdog?.page, 'sources', name, 'watchdog', 'page');
  }
  for (const [index, route] of routes.entries()) {
    meant('routing key', route.page, 'routes', index, 'page');
    meant('policy', route.policy, 'routes', index, 'policy');
    meant('environment', route.environment, 'routes', index, 'environment');
    for (const [at, quiet] of route.quiet.entries())
      meant('quiet hours', quiet, 'routes', index, 'quiet', at);
  }
  for (const [name, steps] of Object.entries(policies)) {
    for (const [index, { tell }] of steps.entries()) {
      const path = ['policies', name, index, 'tell'];
      if ('schedule' in tell) meant('schedule', tell.schedule, ...path, 'schedule');
      else if ('group' in tell) meant('group', tell.group, ...path, 'group');
      else meant('routing key', tell.page, ...path, 'page');
    }
  }
}

function noteRoutes({ routes }: AlertsSection, note: Note): void {
  const takesAll = (match: readonly string[]) => match.every((text) => /^\s*\{\s*\}\s*$/.test(text));
  for (const [index, { name, match }] of routes.entries()) {
    const isLast = index === routes.length - 1;
    if (routes.findIndex((route) => route.name === name) < index) {
      note(['routes', index, 'name'], `there is a route "${name}" above; choose another name`);
    }
    if (isLast && !takesAll(match)) {
      const message = 'the last route takes every alert that is left, so it has no match; add one without';
      note(['routes', index, 'match'], message);
    }
    if (!isLast && takesAll(match)) {
      note(['routes', index], `"${name}" takes every alert, so none reaches the routes below; put it last`);
    }
  }
}

function noteSources({ sources, schedules, pagerduty }: AlertsSection, note: Note): void {
  if (Object.keys(sources).length === 0) note(['sources'], 'has no source; name at least one');
  for (const [name, { poll, driftAfter, watchdog }] of Object.entries(sources)) {
    if (poll < 1_000) note(['sources', name, 'poll'], 'is too often; wait at least 1s');
    if (driftAfter < 1_000) note(['sources', name, 'driftAfter'], 'is too short; wait at least 1s');
    if (watchdog !== undefined && watchdog.silence < 1_000) {
      note(['sources', name, 'watchdog', 'silence'], 'is too short; wait at least 1s');
    }
  }
  if (pagerduty?.token !== undefined) return;
  for (const [name, schedule] of Object.entries(schedules)) {
    if (!('pagerduty' in schedule)) continue;
    const message = 'a schedule of PagerDuty is asked for with a token; set alerts.pagerduty.token';
    note(['schedules', name, 'pagerduty'], message);
  }
}

function noteTimes({ quietHours, schedules }: AlertsSection, note: Note): void {
  const zone = (timeZone: string, ...path: Path): void => {
    if (isTimeZone(timeZone)) return;
    const zones = Intl.supportedValuesOf('timeZone');
    const meant = suggestion(timeZone, zones);
    const advice = meant.startsWith('did') ? meant : 'write one such as Europe/Berlin';
    note([...path, 'timeZone'], `there is no time zone "${timeZone}"; ${advice}`);
  };
  for (const [name, { timeZone }] of Object.entries(quietHours)) zone(timeZone, 'quietHours', name);
  for (const [name, schedule] of Object.entries(schedules)) {
    if ('pagerduty' in schedule) continue;
    const path = ['schedules', name];
    zone(schedule.timeZone, ...path);
    date(schedule.start, note, ...path, 'start');
    for (const [index, { from, to }] of schedule.overrides.entries()) {
      const own = [...path, 'overrides', index];
      const isRead = [date(from, note, ...own, 'from'), date(to, note, ...own, 'to')].every(Boolean);
      if (isRead && from >= to) note([...own, 'to'], `ends at ${to}, not after it begins at ${from}`);
      const other = schedule.overrides.slice(0, index).find((one) => one.from < to && from < one.to);
      if (isRead && other !== undefined) {
        note(own, `overlaps with the one above from ${other.from} to ${other.to}; one person at a time`);
      }
    }
  }
}

function date(text: string, note: Note, ...path: Path): boolean {
  const isReal = faceOf(text) !== undefined;
  if (!isReal) note(path, `there is no ${text} in any calendar`);
  return isReal;
}

function notePolicies({ policies }: AlertsSection, note: Note): void {
  for (const [name, steps] of Object.entries(policies)) {
    for (const [index, { after }] of steps.entries()) {
      if (after >= (steps[index - 1]?.after ?? 0)) continue;
      const message =
        'comes before the step above it; the time counts from the opening of the group, not from step to step';
      note(['policies', name, index, 'after'], message);
    }
  }
}
