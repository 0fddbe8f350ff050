import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal, Secret } from '../../secret.ts';
import { putFile, takeBackFile, unrecorded } from '../host/file-in-place.ts';
import { AbsolutePath, Account, Mode } from '../host/file-parameters.ts';
import { KeptFile, type RemoteFile, readRemoteFile } from '../host/remote-file.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { defineStep, HostName, satisfied, unsatisfied } from '../step.ts';
import { DotenvKey, DotenvRule } from './dotenv-rule.ts';
import { dotenvFaults, softfactoryRules } from './dotenv-rules.ts';
import { dotenvText, dotenvValues, unwritable } from './dotenv-text.ts';

const Value = z.union([z.string(), z.instanceof(Secret), z.number().transform(String)]);

const With = z.strictObject({
  host: HostName,
  path: AbsolutePath,
  owner: Account,
  group: Account,
  mode: Mode.default('0600'),
  values: z.record(DotenvKey, Value).meta({ description: 'what the file sets, in alphabetical order' }),
  require: z
    .array(DotenvKey)
    .optional()
    .meta({ description: 'the keys that must be there; without it the 62 keys of the checklist' }),
  rules: z
    .record(DotenvKey, DotenvRule)
    .default({})
    .meta({ description: 'what the value of a key must be, in place of the rule that is built in' }),
});
type With = z.output<typeof With>;

const Remembered = z.object({ file: KeptFile.nullable() });

/** An environment file sets exactly the given keys, each checked by its rule before anything is written; systemd and python-dotenv read it alike. */
export const codeDotenv = defineStep({
  uses: 'code/dotenv',
  summary:
    'An environment file has all its keys, each with a value of the right kind, and is closed to others.',
  with: With,
  timeout: '2m',
  check: async (wanted, context) => {
    const content = checkedText(wanted);
    const host = hostNamed(wanted.host, context);
    const found = await readRemoteFile(host, wanted.path, context);
    const wrong = differences(wanted, content, found);
    const where = hostPlace(host);
    const count = Object.keys(wanted.values).length;
    const evidence = {
      asked: `${wanted.path}: ${count} keys with their values, ${wanted.owner}:${wanted.group}, mode ${wanted.mode}`,
      of: where,
      answered: [wrong.join('; ') || 'as wanted', lengths(found)].join('\n').trim(),
    };
    if (wrong.length === 0) return satisfied(evidence);
    return unsatisfied(`${wanted.path} on ${where} ${wrong.join(', ')}.`, evidence);
  },
  apply: async (wanted, context) => {
    const content = new Secret(wanted.path, checkedText(wanted));
    const { path, owner, group, mode } = wanted;
    const host = hostNamed(wanted.host, context);
    const { evidence, kept } = await putFile(host, { path, owner, group, mode, content }, context);
    return { evidence, remember: { file: kept } satisfies z.output<typeof Remembered> };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(wanted.path, host);
    return [await takeBackFile(host, Remembered.parse(remembered).file, context)];
  },
});

/** The text of the file; throws `config-invalid` with every fault of the values at once. */
function checkedText(wanted: With): string {
  const values = Object.fromEntries(
    Object.entries(wanted.values).map(([key, value]) => [key, reveal(value)]),
  );
  const required = wanted.require ?? Object.keys(softfactoryRules);
  const faults = [
    ...dotenvFaults(values, required, { ...softfactoryRules, ...wanted.rules }),
    ...Object.entries(values).flatMap(([key, value]) => {
      const reason = unwritable(value);
      return reason === undefined ? [] : [`${key} ${reason}`];
    }),
  ];
  if (faults.length === 0) return dotenvText(values);
  throw new Failure(
    'config-invalid',
    `${wanted.path} was not looked at, because its values have ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}: ${faults.join('; ')}. Correct the plan or the environment.`,
  );
}

function differences(wanted: With, content: string, found: RemoteFile | undefined): readonly string[] {
  if (!found) return ['does not exist'];
  const wrong: string[] = [];
  if (found.content !== content)
    wrong.push(...differentKeys(dotenvValues(content), dotenvValues(found.content)));
  const [owner, wantedOwner] = [`${found.owner}:${found.group}`, `${wanted.owner}:${wanted.group}`];
  if (owner !== wantedOwner) wrong.push(`belongs to ${owner}, wanted is ${wantedOwner}`);
  if (found.mode !== wanted.mode) wrong.push(`has mode ${found.mode}, wanted is ${wanted.mode}`);
  return wrong;
}

/** A file may say the same with other quotes, order or comments; then only one of its readers can be trusted to see that. */
function differentKeys(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly string[] {
  const lacking = Object.keys(wanted).filter((key) => !Object.hasOwn(found, key));
  const extra = Object.keys(found).filter((key) => !Object.hasOwn(wanted, key));
  const other = Object.keys(wanted).filter((key) => Object.hasOwn(found, key) && found[key] !== wanted[key]);
  const wrong = [
    lacking.length > 0 ? `lacks ${lacking.join(', ')}` : '',
    extra.length > 0 ? `has ${extra.join(', ')}, which is not wanted` : '',
    other.length > 0 ? `has another value than wanted for ${other.join(', ')}` : '',
  ].filter((words) => words !== '');
  return wrong.length > 0 ? wrong : ['has the wanted values, but in another form'];
}

/** A length tells a cut-off or empty secret from a whole one without showing it. */
function lengths(found: RemoteFile | undefined): string {
  if (!found) return '';
  const values = Object.entries(dotenvValues(found.content));
  return `characters: ${values.map(([key, value]) => `${key} ${value.length}`).join(', ')}`;
}
