import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import type { Host } from '../../src/steps/step.ts';

const folder = new URL('./', import.meta.url);
const planFile = 'runbooks/deploy/demo.yaml';

/** What an installation of the demo is made of. */
interface InstallationOptions {
  readonly dir: string;
  /** The values of the plan's `${NAME}` that are known only now. */
  readonly variables: Readonly<Record<string, string>>;
  readonly host: Pick<Host, 'address' | 'port' | 'user' | 'hostKey'>;
  readonly hasRedis: boolean;
}

const Written = z.looseObject({
  phases: z.array(
    z.looseObject({
      id: z.string(),
      needs: z.array(z.string()).default([]),
      steps: z.array(z.looseObject({ uses: z.string() })),
    }),
  ),
});

/** Writes slipway.yaml and the plan into `dir`, without anything of Redis where there is none; returns the path of slipway.yaml. */
export async function writeInstallation({
  dir,
  variables,
  host,
  hasRedis,
}: InstallationOptions): Promise<string> {
  await mkdir(join(dir, 'runbooks/deploy'), { recursive: true });
  const plan = await readFile(new URL(planFile, folder), 'utf8');
  await writeFile(join(dir, planFile), hasRedis ? plan : withoutRedis(plan));

  const config = parseDocument(await readFile(new URL('slipway.yaml', folder), 'utf8'));
  const production = ['environments', 'production'];
  for (const [name, value] of Object.entries(variables)) {
    config.setIn([...production, 'variables', name], value);
  }
  for (const key of ['address', 'port', 'user', 'hostKey'] as const) {
    config.setIn([...production, 'hosts', 'app', key], host[key]);
  }
  if (!hasRedis) config.deleteIn([...production, 'secrets', 'REDIS_URL']);
  const file = join(dir, 'slipway.yaml');
  await writeFile(file, config.toString());
  return file;
}

/** A plan's text without the steps that need Redis, and without the phases that then have none. */
export function withoutRedis(plan: string): string {
  const written = Written.parse(parse(plan));
  const left = written.phases
    .map((phase) => ({ ...phase, steps: phase.steps.filter(({ uses }) => !uses.startsWith('redis/')) }))
    .filter(({ steps }) => steps.length > 0);
  const ids = new Set(left.map(({ id }) => id));
  const phases = left.map((phase) => ({ ...phase, needs: phase.needs.filter((need) => ids.has(need)) }));
  return stringify({ ...written, phases });
}
