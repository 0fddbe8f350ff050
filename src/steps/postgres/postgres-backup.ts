import { z } from 'zod';
import { Duration, readable } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import { type Check, defineStep, HostName, type StepContext, satisfied, Text, unsatisfied } from '../step.ts';
import { dumpTarget, findingNewest, lastWords, passwordEnv, takingDump } from './dump-scripts.ts';

const With = z.strictObject({
  host: HostName,
  url: Text.meta({ description: "the database's address as seen from the host" }),
  directory: z.string().regex(/^\/.+/, 'an absolute path'),
  as: Account.optional().meta({
    description: "the account that takes the dump and owns it; else the login's",
  }),
  maxAge: Duration.prefault('24h'),
  keep: z.int().min(1).max(1_000).default(7),
  limit: Duration.prefault('2h'),
});
type With = z.output<typeof With>;

/** Tells of the newest dump: its name, age in seconds and size, then whether checksum and table of contents are sound. */
const looking = `cd -- "$1" 2>/dev/null || { echo none; exit 0; }
${findingNewest}
[ -n "$newest" ] || { echo none; exit 0; }
echo "found $newest $(($(date +%s) - $(stat -c %Y -- "$newest"))) $(stat -c %s -- "$newest")"
sha256sum --status -c -- "$newest.sha256" 2>/dev/null || { echo checksum; exit 0; }
pg_restore --list -- "$newest" >/dev/null || { echo contents; exit 0; }
echo sound`;

/** Older dumps go last, when the new one is safe. */
const dumping = `set -eu
umask 077
${takingDump}
mkdir -p -- "$1"
cd -- "$1"
take_dump "$2-$3.dump" "$5"
count=0
for file in "$2"-*.dump; do [ -f "$file" ] && count=$((count + 1)); done
for file in "$2"-*.dump; do
  [ "$count" -gt "$4" ] || break
  remove_dump "$file"
  count=$((count - 1))
done
echo "$2-$3.dump $(stat -c %s -- "$2-$3.dump")"`;

/**
 * A recent dump of a database lies on a host, complete and readable. There is no undo: taking a backup away mends nothing. pg_dump
 * must be at least as new as the server (https://www.postgresql.org/docs/current/app-pgdump.html).
 */
export const postgresBackup = defineStep({
  uses: 'postgres/backup',
  summary: 'A recent dump of a database lies on a host, complete and readable.',
  with: With,
  timeout: '2h',
  check: look,
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.is === 'satisfied') return { evidence: before.evidence };
    const stamp = new Date(context.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const { prefix: database, connection, password } = dumpTarget(wanted.url);
    const words = [
      'sh',
      '-c',
      dumping,
      'sh',
      wanted.directory,
      database,
      stamp,
      String(wanted.keep),
      connection,
    ];
    const { result, where } = await ran(wanted, words, context, passwordEnv(password));
    if (result.exit !== 0) {
      const last = lastWords(result.stderr, wanted.url);
      throw new Failure(
        'command-failed',
        `The dump of ${database} on ${where} failed and left no file: ${last || `exit code ${result.exit}`}`,
      );
    }
    const [name = '', size = ''] = result.stdout.trim().split(' ');
    const asked = `pg_dump of ${database} into ${wanted.directory}`;
    return {
      evidence: [{ asked, of: where, answered: `${name}, ${size} bytes, row counts and checksum written` }],
    };
  },
});

async function look(wanted: With, context: StepContext): Promise<Check> {
  const { prefix: database } = dumpTarget(wanted.url);
  const words = ['sh', '-c', looking, 'sh', wanted.directory, database];
  const { result, where } = await ran(wanted, words, context, {});
  const [first = '', state = ''] = result.stdout.trim().split('\n');
  const [, name = '', age = '', size = ''] = first.split(' ');
  const asked = `newest dump of ${database} in ${wanted.directory}: age, checksum, contents`;
  const answered =
    name === '' ? 'none' : `${name}, ${size} bytes, ${readable(Number(age) * 1_000)} old, ${state}`;
  const evidence = { asked, of: where, answered };
  if (name === '')
    return unsatisfied(`There is no dump of ${database} in ${wanted.directory} on ${where}.`, evidence);
  if (state !== 'sound') {
    const wrong = state === 'checksum' ? 'does not match its checksum' : 'has no readable table of contents';
    return unsatisfied(`The newest dump ${name} on ${where} ${wrong}.`, evidence);
  }
  if (Number(age) * 1_000 > wanted.maxAge) {
    const because = `The newest dump ${name} on ${where} is ${readable(Number(age) * 1_000)} old, wanted is at most ${readable(wanted.maxAge)}.`;
    return unsatisfied(because, evidence);
  }
  return satisfied(evidence);
}

async function ran(
  wanted: With,
  words: readonly string[],
  context: StepContext,
  env: Readonly<Record<string, string>>,
): Promise<{ result: RemoteResult; where: string }> {
  const host = hostNamed(wanted.host, context);
  const result = await runOn(
    host,
    { words, env, limit: wanted.limit, ...(wanted.as && { as: wanted.as }) },
    context,
  );
  return { result, where: hostPlace(host) };
}
