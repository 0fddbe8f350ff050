import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hidden, secretsIn } from '../hidden.ts';
import {
  defineStep,
  type Evidence,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { hostNamed, hostPlace } from './ssh-connection.ts';
import { type RemoteResult, runOn } from './ssh-run.ts';

const Words = z.array(z.string()).min(1);

const EnvValue = Text.refine(
  (value) => typeof value !== 'string' || !/[\n\0]/.test(value),
  'no line breaks',
).meta({ type: 'string' });

const With = z.strictObject({
  host: HostName,
  run: Words,
  check: Words.optional().meta({
    description: 'a command that changes nothing; exit code 0 means satisfied',
  }),
  undo: Words.optional(),
  safe: z
    .boolean()
    .default(false)
    .meta({ description: 'whether `run` itself changes nothing and so is the check' }),
  stdin: Text.optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), EnvValue).default({}),
  expect: z
    .strictObject({
      exit: z.int().min(0).max(255).default(0),
      stdout: z
        .union([z.strictObject({ contains: z.string() }), z.strictObject({ matches: z.string() })])
        .optional(),
    })
    .prefault({}),
  limit: Duration.prefault('30m'),
});
type With = z.output<typeof With>;

/** A command has run on a host as expected; without a `check` of its own only running it can tell. */
export const sshCommand = defineStep({
  uses: 'ssh/command',
  summary: 'A command has run on a host as expected.',
  with: With,
  timeout: '5m',
  canApply: ({ safe }) => !safe,
  canUndo: ({ undo }) => undo !== undefined,
  check: async (wanted, context) => {
    if (wanted.safe) {
      const { evidence, because } = await judged(wanted, context);
      return because === undefined ? satisfied(evidence) : unsatisfied(because, evidence);
    }
    if (!wanted.check) {
      return {
        is: 'unknown',
        because: 'There is no command that could check; only running it tells.',
        evidence: [],
      };
    }
    const { result, evidence, where } = await ran(wanted, wanted.check, context);
    if (result.exit === 0) return satisfied(evidence);
    return unsatisfied(
      `The check ${wanted.check[0]} on ${where} ended with exit code ${result.exit}.`,
      evidence,
    );
  },
  apply: async (wanted, context) => {
    const { evidence, because } = await judged(wanted, context);
    if (because !== undefined) throw new Failure('command-failed', because);
    return { evidence: [evidence] };
  },
  undo: async (wanted, context) => {
    if (!wanted.undo) {
      throw new Failure(
        'not-undone',
        `No command is given that takes ${wanted.run[0]} on ${wanted.host} back.`,
      );
    }
    const { result, evidence, where } = await ran(wanted, wanted.undo, context);
    if (result.exit === 0) return [evidence];
    const because = `${wanted.undo[0]} on ${where} ended with exit code ${result.exit}: ${lastSaid(result, wanted)}`;
    throw new Failure('not-undone', because);
  },
});

async function judged(wanted: With, context: StepContext): Promise<{ evidence: Evidence; because?: string }> {
  const { result, evidence, where } = await ran(wanted, wanted.run, context);
  const { exit, stdout } = wanted.expect;
  const name = `${wanted.run[0]} on ${where}`;
  if (result.exit !== exit) {
    const because = `${name} ended with exit code ${result.exit}, wanted is ${exit}: ${lastSaid(result, wanted)}`;
    return { evidence, because };
  }
  if (!stdout) return { evidence };
  const met =
    'contains' in stdout
      ? result.stdout.includes(stdout.contains)
      : new RegExp(stdout.matches).test(result.stdout);
  if (met) return { evidence };
  const pattern = 'contains' in stdout ? `"${stdout.contains}"` : `a match of /${stdout.matches}/`;
  return { evidence, because: `${name} printed no ${pattern}.` };
}

async function ran(wanted: With, words: readonly string[], context: StepContext) {
  const host = hostNamed(wanted.host, context);
  const { stdin, env, limit } = wanted;
  const result = await runOn(
    host,
    { words, env, limit, streamed: true, ...(stdin === undefined ? {} : { stdin }) },
    context,
  );
  const secrets = secretsIn(wanted);
  const answered = hidden(`exit code ${result.exit}\n${result.stdout}${result.stderr}`, secrets).slice(
    0,
    8_192,
  );
  const where = hostPlace(host);
  return { result, where, evidence: { asked: hidden(words.join(' '), secrets), of: where, answered } };
}

function lastSaid({ stdout, stderr }: RemoteResult, wanted: With): string {
  return hidden(lastLine(stderr.trim() || stdout).slice(0, 300) || 'it printed nothing', secretsIn(wanted));
}
