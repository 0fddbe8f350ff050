import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Host } from '../../src/steps/step.ts';
import { type Part, withoutParts } from './parts.ts';

const folder = new URL('./', import.meta.url);
const planFile = 'runbooks/deploy/demo.yaml';

/** What an installation of the demo is made of. */
interface InstallationOptions {
  readonly dir: string;
  /** The values of the plan's `${NAME}` that are known only now. */
  readonly variables: Readonly<Record<string, string>>;
  readonly host: Pick<Host, 'address' | 'port' | 'user' | 'hostKey'>;
  readonly missing: readonly Part[];
}

/** Secrets that nobody can give where a part is missing. */
const secretsOfParts: Readonly<Record<Part, readonly string[]>> = {
  linux: [],
  redis: ['REDIS_URL'],
  git: [],
  openssl: ['TLS_CERTIFICATE', 'TLS_KEY', 'TLS_CA'],
};

/** Writes slipway.yaml, the plan and the runbooks into `dir`, without anything that needs a missing part; returns the path of slipway.yaml. */
export async function writeInstallation({
  dir,
  variables,
  host,
  missing,
}: InstallationOptions): Promise<string> {
  await mkdir(join(dir, 'runbooks/deploy'), { recursive: true });
  const plan = await readFile(new URL(planFile, folder), 'utf8');
  await writeFile(join(dir, planFile), withoutParts(plan, missing));
  const runbooks = new URL('runbooks/incidents/', folder);
  await cp(runbooks, join(dir, 'runbooks/incidents'), { recursive: true });

  const config = parseDocument(await readFile(new URL('slipway.yaml', folder), 'utf8'));
  const production = ['environments', 'production'];
  for (const [name, value] of Object.entries(variables)) {
    config.setIn([...production, 'variables', name], value);
  }
  for (const key of ['address', 'port', 'user', 'hostKey'] as const) {
    config.setIn([...production, 'hosts', 'app', key], host[key]);
  }
  if (missing.includes('git')) config.deleteIn([...production, 'source']);
  else config.setIn([...production, 'source', 'repository'], variables.REPOSITORY);
  for (const name of missing.flatMap((part) => secretsOfParts[part])) {
    config.deleteIn([...production, 'secrets', name]);
  }
  const file = join(dir, 'slipway.yaml');
  await writeFile(file, config.toString());
  return file;
}
