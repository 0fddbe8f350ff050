import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AlertsConfig } from './alerts/surroundings.ts';
import { alertProblems } from './alerts-references.ts';
import { alertsOf } from './alerts-values.ts';
import { ConfigFile } from './config-file.ts';
import { environmentOf, isSecretPath, within } from './config-values.ts';
import type { IncidentSettings } from './incidents/settings.ts';
import { incidentProblems, incidentsOf } from './incidents-values.ts';
import { suggestion } from './nearest.ts';
import { planNames } from './plan-files.ts';
import { type ProcessEnvironment, readProcessEnvironment } from './process-environment.ts';
import { Secret } from './secret.ts';
import type { Host } from './steps/step.ts';
import { checkYaml, type Problem, placeless, readYaml, type YamlFile } from './yaml-file.ts';

/** Where deployments go: its Slack channel (id), its plan (name), which groups may do what, and the values that the plan takes. */
export interface Environment {
  readonly name: string;
  readonly channel: string;
  readonly plan: string;
  readonly may: Readonly<Record<'deploy' | 'rollback' | 'lock', readonly string[]>>;
  readonly selfApproval: boolean;
  readonly values: Readonly<Record<string, string | Secret>>;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly source?: Source;
}

/** Where an environment's versions are kept: a git repository, and an image (with its registry, without a tag) whose tags are versions too. */
export interface Source {
  readonly repository: string;
  readonly key?: Secret;
  /** Lines of known_hosts for the repository's host, instead of those of the own account. */
  readonly knownHosts?: string;
  readonly image?: string;
  readonly registry?: { readonly user: string; readonly password: Secret };
}

/** Slack's tokens and address; Socket Mode when there is an app token, else signed HTTP on `host` and `port`. */
export interface SlackConfig {
  readonly botToken: Secret;
  readonly appToken?: Secret;
  readonly signingSecret?: Secret;
  readonly apiUrl?: string;
  readonly host: string;
  readonly port: number;
}

/** Everything that is configured, checked and frozen; folders are absolute, `leaseMs` is in milliseconds. */
export interface Config {
  readonly file: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly environments: Readonly<Record<string, Environment>>;
  readonly runbooks: string;
  readonly databaseUrl?: Secret;
  readonly redisUrl?: Secret;
  readonly slack: SlackConfig;
  /** Absent when no alerts are taken. */
  readonly alerts?: AlertsConfig;
  /** Absent when no incidents are declared. */
  readonly incidents?: IncidentSettings;
  readonly dataDir: string;
  readonly metricsPort?: number;
  readonly logLevel: NonNullable<ProcessEnvironment['LOG_LEVEL']>;
  readonly concurrency: number;
  readonly leaseMs: number;
}

/** A configuration, or everything that is wrong with it; `draft` is what could be read all the same, for checking the plans too. */
export type LoadedConfig =
  | { readonly config: Config }
  | { readonly problems: readonly Problem[]; readonly draft?: Config };

/**
 * Reads slipway.yaml and the given environment variables into one frozen value, or tells every problem at once. Without
 * `need.slack` (commands that work offline) the Slack tokens may be absent, without `need.secrets` all that slipway.yaml names;
 * absent ones are then empty secrets.
 */
export async function loadConfig(options: {
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly need?: { readonly slack?: boolean; readonly secrets?: boolean };
}): Promise<LoadedConfig> {
  const { variables, problems: environmentProblems } = readProcessEnvironment(options.env);
  const problems: Problem[] = [...environmentProblems];
  const file = options.file ?? variables.SLIPWAY_CONFIG ?? 'slipway.yaml';
  if (options.need?.slack ?? true) problems.push(...missingTokens(variables, environmentProblems));

  const text = await readText(file);
  if (text === undefined) {
    const message =
      'cannot be read; copy slipway.example.yaml there, or name another file with SLIPWAY_CONFIG';
    return { problems: [...problems, placeless(file, '', message)] };
  }
  const yaml = readYaml(file, text);
  if ('problems' in yaml) return { problems: [...problems, ...yaml.problems] };
  const checked = checkYaml(yaml.read, ConfigFile, isSecretPath);
  if ('problems' in checked) return { problems: [...problems, ...checked.problems] };

  const entries = checked.value;
  const runbooks = within(file, entries.runbooks);
  problems.push(...groupProblems(yaml.read, entries), ...(await planProblems(yaml.read, entries, runbooks)));
  const { env, need } = options;
  const reading = { yaml: yaml.read, env, problems, secrets: need?.secrets ?? true };
  const environments: Record<string, Environment> = {};
  for (const [name, entry] of Object.entries(entries.environments)) {
    environments[name] = await environmentOf({ name, entry, ...reading });
  }
  problems.push(...alertProblems(yaml.read, entries), ...incidentProblems(yaml.read, entries));
  const alerts = entries.alerts && (await alertsOf(entries.alerts, reading));
  const incidents = entries.incidents && (await incidentsOf(entries.incidents, reading));
  const config = frozen({
    ...assembled(file, runbooks, entries, environments, variables),
    ...(alerts && { alerts }),
    ...(incidents && { incidents }),
  });
  return problems.length === 0 ? { config } : { problems, draft: config };
}

function assembled(
  file: string,
  runbooks: string,
  entries: ConfigFile,
  environments: Record<string, Environment>,
  variables: ProcessEnvironment,
): Config {
  const secret = (name: string, value: string | undefined) =>
    value === undefined ? undefined : new Secret(name, value);
  const appToken = secret('SLACK_APP_TOKEN', variables.SLACK_APP_TOKEN);
  const signingSecret = secret('SLACK_SIGNING_SECRET', variables.SLACK_SIGNING_SECRET);
  const databaseUrl = secret('DATABASE_URL', variables.DATABASE_URL);
  const redisUrl = secret('REDIS_URL', variables.REDIS_URL);
  return {
    file: resolve(file),
    groups: entries.groups,
    environments,
    runbooks,
    ...(databaseUrl && { databaseUrl }),
    ...(redisUrl && { redisUrl }),
    slack: {
      botToken: new Secret('SLACK_BOT_TOKEN', variables.SLACK_BOT_TOKEN ?? ''),
      ...(appToken && { appToken }),
      ...(signingSecret && { signingSecret }),
      ...(variables.SLACK_API_URL !== undefined && { apiUrl: variables.SLACK_API_URL }),
      host: entries.listen,
      port: variables.PORT ?? 3000,
    },
    dataDir:
      variables.SLIPWAY_DATA_DIR === undefined
        ? within(file, '.slipway')
        : resolve(variables.SLIPWAY_DATA_DIR),
    ...(variables.SLIPWAY_METRICS_PORT !== undefined && { metricsPort: variables.SLIPWAY_METRICS_PORT }),
    logLevel: variables.LOG_LEVEL ?? 'info',
    concurrency: entries.workers.concurrency,
    leaseMs: entries.workers.lease,
  };
}

function missingTokens(variables: ProcessEnvironment, already: readonly Problem[]): Problem[] {
  const told = new Set(already.map(({ path }) => path));
  const missing = (name: keyof ProcessEnvironment) => variables[name] === undefined && !told.has(name);
  const problems: Problem[] = [];
  if (missing('SLACK_BOT_TOKEN')) {
    problems.push(
      placeless(
        'environment variables',
        'SLACK_BOT_TOKEN',
        'is not set; it begins with xoxb- and is found at api.slack.com/apps under OAuth & Permissions',
      ),
    );
  }
  if (missing('SLACK_APP_TOKEN') && missing('SLACK_SIGNING_SECRET')) {
    problems.push(
      placeless(
        'environment variables',
        'SLACK_APP_TOKEN',
        'is not set, and neither is SLACK_SIGNING_SECRET; set the first (xapp-…) for Socket Mode or the second for signed HTTP',
      ),
    );
  }
  return problems;
}

function groupProblems(yaml: YamlFile, { groups, environments }: ConfigFile): Problem[] {
  const empty = Object.entries(groups)
    .filter(([, members]) => members.length === 0)
    .map(([name]) => yaml.problem(['groups', name], 'has nobody in it; list at least one Slack id'));
  const unknown = Object.entries(environments).flatMap(([name, { may }]) =>
    (['deploy', 'rollback', 'lock'] as const).flatMap((right) =>
      may[right].flatMap((group, index) => {
        if (Object.hasOwn(groups, group)) return [];
        const message = `there is no group "${group}" under groups; ${suggestion(group, Object.keys(groups))}`;
        return [yaml.problem(['environments', name, 'may', right, index], message)];
      }),
    ),
  );
  return [...empty, ...unknown];
}

async function planProblems(
  yaml: YamlFile,
  { environments }: ConfigFile,
  runbooks: string,
): Promise<Problem[]> {
  const known = await planNames(runbooks);
  return Object.entries(environments)
    .filter(([, { plan }]) => !known.includes(plan))
    .map(([name, { plan }]) =>
      yaml.problem(
        ['environments', name, 'plan'],
        `there is no plan "${plan}" in ${runbooks}/deploy; ${suggestion(plan, known)}`,
      ),
    );
}

async function readText(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch(() => undefined);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}
