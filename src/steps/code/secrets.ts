import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { AbsolutePath } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../step.ts';
import { gitExits, gitPrelude } from './git-account.ts';
import { secretAnchors, secretKinds } from './secret-rules.ts';

const With = z.strictObject({
  host: HostName,
  directory: AbsolutePath.meta({ description: 'a git checkout; what is tracked at its HEAD is looked at' }),
  allow: z
    .array(
      z.strictObject({
        path: z.string().min(1).meta({ description: 'a file, or a folder with a slash at its end' }),
        reason: z.string().min(1),
      }),
    )
    .default([])
    .meta({ description: 'where findings are known and accepted' }),
});
type With = z.output<typeof With>;

interface Finding {
  readonly path: string;
  readonly line: number;
  readonly kinds: readonly string[];
}

const limit = 300_000;

const failed = 45;

/** The most that is judged, in bytes; the last line tells that nothing is missing. */
const keep = 64 << 20;
const end = 'slipway-end';

/** First the commit, files, bytes and text files; then each line with an anchor in it, as path, line number and text. */
const scanning = `dir=$1
[ -d "$dir" ] || exit ${gitExits.noDirectory}
as=$(stat -c %U -- "$dir")
${gitPrelude}g rev-parse --verify --quiet 'HEAD^{commit}' 2>/dev/null || exit ${gitExits.noRepository}
g ls-tree -r -l HEAD 2>/dev/null | awk '/^100/ { n++; b += $4; if ($4 > 0) full++ } END { print n + 0, b + 0, full + 0 }'
g grep -I -l -z -e '' HEAD 2>/dev/null | tr -cd '\\000' | wc -c
g -c grep.fullName=true -c core.quotePath=false grep --no-color -I -n -z -i -E -e "$2" HEAD 2>/dev/null
[ $? -le 1 ] || exit ${failed}
echo ${end}`;

/**
 * No secret stands in the tracked files of a checkout. The host picks the lines that could hold one, the rules judge them here; a
 * finding is told by path, line and kind, never by value. Passwords that are words are not found: they look like any text.
 */
export const codeSecrets = defineStep({
  uses: 'code/secrets',
  summary: 'No secret stands in the tracked files of a checkout.',
  with: With,
  timeout: '5m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    return judged(wanted, host, await scan(wanted, host, context));
  },
});

interface Scan {
  readonly head: readonly string[];
  readonly findings: readonly Finding[];
}

async function scan({ directory }: With, host: Host, context: StepContext): Promise<Scan> {
  const words = ['sh', '-c', scanning, 'sh', directory, secretAnchors.join('|')];
  const { exit, stdout } = await runOn(host, { words, as: 'root', limit, keep }, context);
  const lines = stdout.split('\n');
  if (exit === 0 && lines.at(-2) === end) {
    return { head: lines.slice(0, 3), findings: lines.slice(3, -2).flatMap(findingsIn) };
  }
  const where = `${directory} on ${hostPlace(host)}`;
  if (exit === gitExits.noDirectory || exit === gitExits.noRepository) {
    throw new Failure(
      'not-found',
      `${where} is no git checkout with a commit; clone it first (code/checkout).`,
    );
  }
  if (exit === gitExits.noGit) {
    throw new Failure('not-found', `There is no git on ${hostPlace(host)}; install it first (host/package).`);
  }
  if (exit === 0) {
    throw new Failure(
      'command-failed',
      `${where} has more than ${keep >> 20} MB of lines that could hold a secret, too many to judge; track no data there.`,
    );
  }
  throw new Failure(
    'command-failed',
    `git could not search ${where} (exit code ${exit}); run git grep there by hand to see why.`,
  );
}

function findingsIn(record: string): readonly Finding[] {
  const [name = '', number = '', ...text] = record.split('\0');
  const kinds = secretKinds(text.join('\0'));
  return kinds.length === 0 ? [] : [{ path: name.replace(/^HEAD:/, ''), line: Number(number), kinds }];
}

function judged({ directory, allow }: With, host: Host, { head, findings }: Scan): Check {
  const [commit = '', counts = '', texts = '0'] = head;
  const [files = 0, bytes = 0, full = 0] = counts.split(' ').map(Number);
  const allowed = ({ path }: Finding) =>
    allow.some((one) => one.path === path || (one.path.endsWith('/') && path.startsWith(one.path)));
  const open = findings.filter((finding) => !allowed(finding));
  const known = findings.length - open.length;
  const where = hostPlace(host);
  const evidence = {
    asked: `secrets in the tracked files of ${directory} at ${commit}`,
    of: where,
    answered: [
      `${files} files, ${bytes} bytes, of which ${full - Number(texts)} are binary and were not looked at`,
      `${open.length} findings${known > 0 ? `, and ${known} that are accepted` : ''}`,
      ...open.slice(0, 200).map(shown),
      ...allow.map(({ path, reason }) => `accepted in ${path}: ${reason}`),
    ].join('\n'),
  };
  if (open.length === 0) return satisfied(evidence);
  const first = open.slice(0, 5).map(shown).join(', ');
  const more = open.length > 5 ? ` and ${open.length - 5} more` : '';
  return unsatisfied(
    `The tracked files of ${directory} on ${where} hold what looks like secrets: ${first}${more}; replace them by new ones and keep those in the environment.`,
    evidence,
  );
}

function shown({ path, line, kinds }: Finding): string {
  return `${path}:${line} (${kinds.join(', ')})`;
}
