import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hidden, secretsIn } from '../hidden.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { clusterAddress, exceptionOf, withElasticsearch } from './elasticsearch-connection.ts';
import { IndexName } from './index-name.ts';

const EnvValue = Text.refine(
  (value) => typeof value !== 'string' || !/[\n\0]/.test(value),
  'no line breaks',
).meta({ type: 'string' });

const Script = z.strictObject({
  directory: z.string().regex(/^\/.*/, 'an absolute path'),
  program: z.array(z.string()).min(1).meta({ description: 'the words of the command; no shell reads them' }),
  as: z.string().min(1).optional().meta({ description: 'the account under which it runs' }),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), EnvValue).default({}),
});

const With = z
  .strictObject({
    host: HostName.optional(),
    ...clusterAddress,
    index: IndexName,
    min: z.int().min(1).default(1).meta({ description: 'how many documents there must be at least' }),
    script: Script.optional().meta({
      description: 'what fills the index, run on `host`; running it twice must do no harm',
    }),
    limit: Duration.prefault('30m'),
  })
  .refine(({ host, script }) => script === undefined || host !== undefined, {
    path: ['host'],
    message: 'a host, on which the script runs',
  });
type With = z.output<typeof With>;

const noDirectory = 48;

const running = `cd -- "$1" 2>/dev/null || exit ${noDirectory}
shift
exec "$@"`;

/**
 * An index holds at least so many documents; where it does not, its script is run. There is no undo: which documents the script
 * has brought and which came since cannot be told apart.
 */
export const elasticsearchDocuments = defineStep({
  uses: 'elasticsearch/documents',
  summary: 'An index holds at least so many documents.',
  with: With,
  timeout: '30m',
  canApply: ({ script }) => script !== undefined,
  check: (wanted, context) => look(wanted, context),
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.is === 'satisfied') return { evidence: before.evidence };
    const evidence = await ran(wanted, context);
    await withElasticsearch(wanted, context.signal, ({ client }) =>
      client.indices.refresh({ index: wanted.index }),
    );
    return { evidence: [evidence] };
  },
});

function look(wanted: With, { signal }: StepContext): Promise<Check> {
  const { index, min } = wanted;
  return withElasticsearch(wanted, signal, async ({ client, where }) => {
    const asked = `GET /${index}/_count`;
    try {
      const { count } = await client.count({ index });
      const evidence = { asked, of: where, answered: `${count} documents` };
      if (count >= min) return satisfied(evidence);
      return unsatisfied(
        `Index ${index} at ${where} holds ${count} documents, wanted are at least ${min}.`,
        evidence,
      );
    } catch (error) {
      if (exceptionOf(error) !== 'index_not_found_exception') throw error;
      const because = `There is no index ${index} at ${where}; create it first (elasticsearch/index).`;
      return unsatisfied(because, { asked, of: where, answered: 'no such index' });
    }
  });
}

async function ran(wanted: With, context: StepContext): Promise<Evidence> {
  const { script, limit } = wanted;
  if (script === undefined || wanted.host === undefined) {
    throw new Failure('not-satisfied', `No script is given that could fill index ${wanted.index}.`);
  }
  const host = hostNamed(wanted.host, context);
  const { directory, program, as, env } = script;
  const words = ['sh', '-c', running, 'sh', directory, ...program];
  const command = { words, env, limit, streamed: true, ...(as === undefined ? {} : { as }) };
  const result = await runOn(host, command, context);
  const secrets = secretsIn(wanted);
  const where = hostPlace(host);
  const asked = `${program.join(' ')} in ${directory}${as === undefined ? '' : ` as ${as}`}`;
  if (result.exit === noDirectory) {
    throw new Failure(
      'not-found',
      `There is no folder ${directory} on ${where}, or ${as ?? host.user} may not enter it.`,
    );
  }
  if (result.exit !== 0) {
    const last = lastLine(result.stderr.trim() || result.stdout);
    const said = hidden(last.slice(0, 300) || 'it printed nothing', secrets);
    throw new Failure('command-failed', `${asked} on ${where} ended with exit code ${result.exit}: ${said}`);
  }
  const answered = hidden(`exit code 0\n${result.stdout}${result.stderr}`, secrets).slice(0, 8_192);
  return { asked, of: where, answered };
}
