import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { namesIn } from '../deploy/interpolate.ts';
import { suggestion } from '../nearest.ts';
import { lookAtFolder, nothingRead } from '../runbooks/folder.ts';
import type { Fault } from '../runbooks/library.ts';
import { lintRunbooks, type RuleAlert } from '../runbooks/lint.ts';
import type { Block, Runbook } from '../runbooks/runbook.ts';
import { shelfOf } from '../runbooks/shelf.ts';
import { parametersOf } from '../step-parameters.ts';
import type { Step } from '../steps/step.ts';
import { counted, type Out, table } from './table.ts';

interface Ground {
  /** The folder of all runbooks, in which `incidents` is. */
  readonly runbooks: string;
  readonly out: Out;
}

/** Prints all runbooks with their alerts and ages; the exit code is 0. */
export async function list({ runbooks, out }: Ground): Promise<number> {
  const { runbooks: all } = await shelf(runbooks);
  const rows = [...all.values()].map(({ name, severity = '–', owner = '–', reviewed = 'never', alerts }) => [
    ...[name, severity, owner, reviewed],
    alerts.join(', ') || '–',
  ]);
  out.write(table([['runbook', 'severity', 'owner', 'reviewed', 'alerts'], ...rows]));
  return 0;
}

/** Prints the file of a runbook; the exit code is 2 when there is none. */
export async function show({ runbooks, out, name }: Ground & { readonly name: string }): Promise<number> {
  const state = await lookAtFolder(join(runbooks, 'incidents'), nothingRead, Date.now);
  const known = [...state.files].flatMap(([file, { runbook }]) => (runbook ? [{ file, runbook }] : []));
  const found = known.find(({ runbook }) => runbook.name === name);
  if (found === undefined) {
    const names = known.map(({ runbook }) => runbook.name);
    out.write(`There is no runbook ${name}; ${suggestion(name, names)}.\n`);
    return 2;
  }
  out.write(await readFile(join(runbooks, 'incidents', found.file), 'utf8'));
  return 0;
}

/**
 * Checks all runbooks, prints everything that is wrong with its file and line, and gives the exit code: 0 when nothing is, else
 * 2. `rules` are files or folders of Prometheus rules; those that do not exist are left out.
 */
export async function lint(
  options: Ground & {
    readonly rules: readonly string[];
    readonly config: Pick<Config, 'environments' | 'groups'> | undefined;
    readonly findStep: (uses: string) => Step | undefined;
    readonly now: number;
  },
): Promise<number> {
  const { runbooks, rules, config, findStep, now, out } = options;
  const folder = join(runbooks, 'incidents');
  const state = await lookAtFolder(folder, nothingRead, Date.now);
  const parsed = [...state.files].flatMap(([file, { runbook }]) => (runbook ? [{ file, runbook }] : []));
  const files = await Promise.all(
    parsed.map(async (one) => ({ ...one, text: await readFile(join(folder, one.file), 'utf8') })),
  );
  const texts = new Map(files.map(({ file, text }) => [file, text]));
  const alerts = (await Promise.all(rules.filter(existsSync).map(alertsIn))).flat();
  const faults: readonly Fault[] = [
    ...shelfOf(state).faults,
    ...lintRunbooks(files, {
      now,
      ...(alerts.length > 0 && { alerts }),
      ...(config && { groups: Object.keys(config.groups) }),
      stepFaults: (step) => stepFaults(step, findStep(step.uses), config),
      exists: (path) => existsSync(join(folder, path)),
      textOf: (path) => texts.get(path),
    }),
  ];
  for (const { file, line, message } of faults) {
    out.write(`${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  }
  const verdict = faults.length === 0 ? 'nothing is wrong' : counted(faults.length, 'fault');
  out.write(`${counted(files.length, 'runbook')}, ${verdict}.\n`);
  return faults.length === 0 ? 0 : 2;
}

async function shelf(runbooks: string): Promise<{ readonly runbooks: ReadonlyMap<string, Runbook> }> {
  return shelfOf(await lookAtFolder(join(runbooks, 'incidents'), nothingRead, Date.now));
}

/** What is wrong with a step: no such step, a name that no environment gives a value, parameters that it does not take. */
function stepFaults(
  { uses, with: written }: Block,
  step: Step | undefined,
  config: Pick<Config, 'environments'> | undefined,
): readonly string[] {
  if (step === undefined) return [`there is no step ${uses}; slipway steps lists all`];
  const environments = Object.values(config?.environments ?? {});
  const names = namesIn(written);
  const given = { VERSION: 'v1', ENVIRONMENT: 'production' };
  const unknown = names.filter(
    (name) =>
      environments.length > 0 &&
      !Object.hasOwn(given, name) &&
      !environments.some(({ values }) => Object.hasOwn(values, name)),
  );
  if (unknown.length > 0) {
    return unknown.map((name) => `\${${name}} of ${uses} has no value in any environment of slipway.yaml`);
  }
  // Only the form matters here: what the values are is checked where they are set.
  const result = parametersOf(step.with, written, Object.fromEntries(names.map((name) => [name, 'x'])));
  if ('value' in result) return [];
  return result.faults
    .filter(({ path }) => !/\{\{|\$\{/.test(JSON.stringify(valueAt(written, path) ?? '')))
    .map(({ path, message }) => `${uses}: with.${path.map(String).join('.')} ${message}`);
}

function valueAt(written: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    written,
  );
}

const Rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.looseObject({ alert: z.string().optional() })) })).default([]),
});

const Told = z.object({
  labels: z.record(z.string(), z.coerce.string()).default({}),
  annotations: z.record(z.string(), z.coerce.string()).default({}),
});

/** The alerts of a rule file, or of all rule files of a folder. */
async function alertsIn(path: string): Promise<readonly RuleAlert[]> {
  const names = await readdir(path).catch(() => undefined);
  if (names !== undefined) {
    const files = names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name));
    return (await Promise.all(files.map(alertsIn))).flat();
  }
  const text = await readFile(path, 'utf8');
  const rules = Rules.safeParse(parse(text));
  if (!rules.success) return [];
  const places = [...text.matchAll(/^\s*-?\s*alert:\s*["']?([^\s"']+)/gm)];
  return rules.data.groups.flatMap((group) =>
    group.rules.flatMap((rule): RuleAlert[] => {
      if (rule.alert === undefined) return [];
      const place = places.find(([, name]) => name === rule.alert);
      const line = place === undefined ? 1 : text.slice(0, place.index + place[0].length).split('\n').length;
      return [{ name: rule.alert, file: basename(path), line, ...Told.parse(rule) }];
    }),
  );
}
