import type { Matcher } from './alerts/group.ts';
import { parseMatchers } from './alerts/matcher.ts';
import type {
  AlertSettings,
  PagerDutySchedule,
  PolicyStep,
  QuietHours,
  Rotation,
  Route,
} from './alerts/settings.ts';
import type {
  AlertSource,
  AlertsConfig,
  Credential,
  PagerDutySettings,
  Watchdog,
} from './alerts/surroundings.ts';
import { type AlertsSection, weekdays } from './alerts-file.ts';
import type { SecretSource } from './config-terms.ts';
import { type Reading, secretFrom } from './config-values.ts';
import type { Secret } from './secret.ts';

type Path = readonly PropertyKey[];

/** `alerts` with the values of its secrets and its matchers read; what is wrong with these is added to the problems. */
export async function alertsOf(section: AlertsSection, reading: Reading): Promise<AlertsConfig> {
  const sources: Record<string, AlertSource> = {};
  for (const name of Object.keys(section.sources)) {
    const source = await sourceOf(name, section.sources[name], reading);
    if (source !== undefined) sources[name] = source;
  }
  const pagerduty = await pagerDutyOf(section.pagerduty, reading);
  return {
    settings: settingsOf(section, reading),
    listen: section.listen,
    maxBytes: section.maxBody,
    sources,
    ...(pagerduty && { pagerduty }),
  };
}

function settingsOf(section: AlertsSection, reading: Reading): AlertSettings {
  const routes = section.routes.map(({ match, name, channel, quiet, ...rest }, index): Route => {
    const { severity, page, policy, environment } = rest;
    return {
      name,
      match: matchersOf(match, ['alerts', 'routes', index, 'match'], reading),
      channel,
      ...(severity && { severity }),
      ...(page !== undefined && { page }),
      ...(policy !== undefined && { policy }),
      ...(environment !== undefined && { environment }),
      ...(quiet.length > 0 && { quiet }),
    };
  });
  const { may, flapping, relateWithin, endSilences } = section;
  return {
    routes,
    severities: Object.fromEntries(
      Object.entries(section.severities).map(([label, severity]) => [label.trim().toLowerCase(), severity]),
    ),
    quietHours: mapped(section.quietHours, quietHoursOf),
    schedules: mapped(section.schedules, scheduleOf),
    policies: mapped(section.policies, (_name, steps) => policyOf(steps)),
    flapping,
    relateWithin,
    may,
    endSilences,
  };
}

async function sourceOf(
  name: string,
  entry: AlertsSection['sources'][string] | undefined,
  reading: Reading,
): Promise<AlertSource | undefined> {
  if (entry === undefined) return undefined;
  const path = ['alerts', 'sources', name];
  const { alertmanagers, poll, driftAfter, watchdog } = entry;
  const credential = await credentialOf(
    `credential of ${name}`,
    entry.credential,
    [...path, 'credential'],
    reading,
  );
  const api =
    entry.api && (await credentialOf(`Alertmanager of ${name}`, entry.api, [...path, 'api'], reading));
  return {
    name,
    credential,
    alertmanagers,
    ...(api && { api }),
    pollEvery: poll,
    driftAfter,
    ...(watchdog && { watchdog: watchdogOf(watchdog, [...path, 'watchdog'], reading) }),
  };
}

function watchdogOf(
  { match, silence, channel, page }: NonNullable<AlertsSection['sources'][string]['watchdog']>,
  path: Path,
  reading: Reading,
): Watchdog {
  const matchers = matchersOf(match, [...path, 'match'], reading);
  return { match: matchers, silence, channel, ...(page !== undefined && { page }) };
}

async function credentialOf(
  name: string,
  entry: AlertsSection['sources'][string]['credential'],
  path: Path,
  reading: Reading,
): Promise<Credential> {
  if ('bearer' in entry)
    return { bearer: await secretFrom(name, entry.bearer, [...path, 'bearer'], reading) };
  const password = await secretFrom(name, entry.password, [...path, 'password'], reading);
  return { user: entry.user, password };
}

async function pagerDutyOf(
  entry: AlertsSection['pagerduty'],
  reading: Reading,
): Promise<PagerDutySettings | undefined> {
  if (entry === undefined) return undefined;
  const secret = (what: string, from: SecretSource, ...path: Path) =>
    secretFrom(`PagerDuty ${what}`, from, ['alerts', 'pagerduty', ...path], reading);
  const keys: Record<string, Secret> = {};
  for (const [name, from] of Object.entries(entry.keys)) {
    keys[name] = await secret(`key ${name}`, from, 'keys', name);
  }
  const webhookSecrets: Secret[] = [];
  for (const [index, from] of entry.webhookSecrets.entries()) {
    webhookSecrets.push(await secret(`webhook secret ${index + 1}`, from, 'webhookSecrets', index));
  }
  return {
    eventsUrl: entry.events,
    apiUrl: entry.api,
    ...(entry.token && { token: await secret('token', entry.token, 'token') }),
    keys,
    webhookSecrets,
    users: entry.users,
  };
}

function matchersOf(texts: readonly string[], path: Path, { yaml, problems }: Reading): readonly Matcher[] {
  return texts.flatMap((text, index) => {
    const read = parseMatchers(text);
    if (read.ok) return read.matchers;
    problems.push(yaml.problem([...path, index], read.because));
    return [];
  });
}

function quietHoursOf(
  name: string,
  { timeZone, days, from, to }: AlertsSection['quietHours'][string],
): QuietHours {
  return {
    name,
    timeZone,
    days: days.map((day) => weekdays.indexOf(day) + 1),
    from: minutesOf(from),
    to: minutesOf(to),
  };
}

function scheduleOf(name: string, entry: AlertsSection['schedules'][string]): Rotation | PagerDutySchedule {
  return { name, ...entry };
}

// In the file a step says how long after the opening it comes; the rules wait from one step to the next.
function policyOf(steps: AlertsSection['policies'][string]): readonly PolicyStep[] {
  return steps.map(({ tell, after }, index) => ({
    wait: Math.max(0, after - (steps[index - 1]?.after ?? 0)),
    tell,
  }));
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function mapped<From, To>(
  record: Readonly<Record<string, From>>,
  make: (name: string, value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(name, value)]));
}
