import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Environment } from './config.ts';
import type { EnvironmentEntry } from './config-file.ts';
import type { SecretSource } from './config-terms.ts';
import { runNames } from './deploy/interpolate.ts';
import { Secret } from './secret.ts';
import type { Problem, YamlFile } from './yaml-file.ts';

/** A path of slipway.yaml made absolute; relative ones start at the folder of the file. */
export function within(file: string, path: string): string {
  return resolve(dirname(file), path);
}

const secretAlertParts: ReadonlySet<PropertyKey> = new Set([
  'credential',
  'alertmanagers',
  'api',
  'events',
  'token',
  'keys',
  'webhookSecrets',
]);

/** Whether a path of slipway.yaml is where somebody may have written a secret itself. */
export function isSecretPath(path: readonly PropertyKey[]): boolean {
  if (path.includes('secrets') || path.includes('privateKey')) return true;
  // An address may have been given a password, too.
  if (path[0] === 'alerts') return path.some((part) => secretAlertParts.has(part));
  if (path[0] === 'incidents') return path.includes('statusPage');
  // A repository's address is where a token is written by mistake.
  return path.includes('source') && ['key', 'password', 'repository'].some((name) => path.includes(name));
}

/** What secrets are read with. */
export interface Reading {
  readonly yaml: YamlFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where problems are added. */
  readonly problems: Problem[];
  /** Whether a secret without a value is a problem. */
  readonly secrets: boolean;
}

interface Source extends Reading {
  readonly name: string;
  readonly entry: EnvironmentEntry;
}

/** One environment with the values of its secrets; a secret without a value becomes an empty one and a problem. */
export async function environmentOf(source: Source): Promise<Environment> {
  const { name, entry, yaml, problems } = source;
  const values: Record<string, string | Secret> = { ...entry.variables };
  for (const section of ['variables', 'secrets'] as const) {
    for (const taken of runNames.filter((given) => Object.hasOwn(entry[section], given))) {
      const message = `${taken} is set by every deployment itself; choose another name`;
      problems.push(yaml.problem(['environments', name, section, taken], message, 'key'));
    }
  }
  for (const [secret, from] of Object.entries(entry.secrets)) {
    const path = ['environments', name, 'secrets', secret];
    if (Object.hasOwn(entry.variables, secret)) {
      const message = `${secret} is also a variable of this environment; keep one of the two`;
      problems.push(yaml.problem(path, message, 'key'));
    }
    values[secret] = await secretFrom(secret, from, path, source);
  }
  const hosts: Record<string, Environment['hosts'][string]> = {};
  for (const [host, { privateKey, ...rest }] of Object.entries(entry.hosts)) {
    const path = ['environments', name, 'hosts', host, 'privateKey'];
    hosts[host] = { ...rest, privateKey: await secretFrom(`key of ${host}`, privateKey, path, source) };
  }
  const { channel, plan, may, selfApproval } = entry;
  const from = await sourceOf(source);
  return { name, channel, plan, may, selfApproval, values, hosts, ...(from && { source: from }) };
}

async function sourceOf(source: Source): Promise<Environment['source']> {
  const { name, entry } = source;
  if (entry.source === undefined) return undefined;
  const { repository, key, knownHosts, image, registry } = entry.source;
  const path = ['environments', name, 'source'];
  return {
    repository,
    ...(key && { key: await secretFrom(`key of the source of ${name}`, key, [...path, 'key'], source) }),
    ...(knownHosts !== undefined && { knownHosts }),
    ...(image !== undefined && { image }),
    ...(registry && {
      registry: {
        user: registry.user,
        password: await secretFrom(
          `registry password of ${name}`,
          registry.password,
          [...path, 'registry', 'password'],
          source,
        ),
      },
    }),
  };
}

/** The secret behind its source at a path of slipway.yaml; one without a value becomes an empty one and a problem. */
export async function secretFrom(
  name: string,
  from: SecretSource,
  path: readonly PropertyKey[],
  reading: Reading,
): Promise<Secret> {
  const { yaml, env } = reading;
  const problems = reading.secrets ? reading.problems : [];
  if ('env' in from) {
    const value = env[from.env] ?? '';
    if (value === '') {
      problems.push(
        yaml.problem(
          [...path, 'env'],
          `the environment variable ${from.env} is not set; set it, or name a file with { file: … }`,
        ),
      );
    }
    return new Secret(name, value);
  }
  const file = within(yaml.file, from.file);
  try {
    // Editors end a file with a newline that is no part of the secret; a private key keeps it.
    const text = await readFile(file, 'utf8');
    const value = text.includes('-----BEGIN') ? text : text.replace(/\r?\n$/, '');
    if (value === '')
      problems.push(yaml.problem([...path, 'file'], `${file} is empty; write the secret into it`));
    return new Secret(name, value);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    problems.push(
      yaml.problem([...path, 'file'], `${file} cannot be read (${code}); create it or name another`),
    );
    return new Secret(name, '');
  }
}
