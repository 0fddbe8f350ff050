import { basename } from 'node:path/posix';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { endingOnce, runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';

/** A file that is not in place yet. */
interface Candidate {
  readonly path: string;
  readonly content: string | Secret;
  readonly owner: string;
  readonly group: string;
  readonly mode: string;
  /** Whether what the program says of it must not be told. */
  readonly isSecret: boolean;
}

const exits = { refused: 52, noProgram: 53, noRoom: 54 };

/** The copy keeps the file's name, since some programs tell from it what the file is. */
const validating = `set -u
name=$1 owner=$2 group=$3 mode=$4 size=$5; shift 5
command -v -- "$1" >/dev/null || exit ${exits.noProgram}
umask 077
dir=$(mktemp -d) || exit ${exits.noRoom}
trap 'rm -rf -- "$dir"' EXIT
${endingOnce}
cat >"$dir/$name" && [ "$(stat -c %s -- "$dir/$name")" = "$size" ] || exit ${exits.noRoom}
chown -- "$owner:$group" "$dir/$name" && chmod -- "$mode" "$dir/$name" || exit 1
echo "$dir"
"$@" "$dir/$name" 2>&1 </dev/null || { echo "(exit code $?)"; exit ${exits.refused}; }`;

/**
 * Hands a copy of a file to a program on the host, as root, and throws `config-refused` with what it said when its exit code is not
 * 0. The copy is gone afterwards; nothing else changes.
 */
export async function validateFile(
  host: Host,
  candidate: Candidate,
  words: readonly string[],
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<Evidence> {
  const { path, content, owner, group, mode, isSecret } = candidate;
  const size = String(Buffer.byteLength(reveal(content)));
  const command = ['sh', '-c', validating, 'sh', basename(path), owner, group, mode, size, ...words];
  const ran = { words: command, stdin: content, as: 'root', limit: 60_000 };
  const { exit, stdout, stderr } = await runOn(host, ran, context);
  const where = hostPlace(host);
  const program = words[0] ?? '';
  const [folder = '', ...lines] = stdout.trim().split('\n');
  const said = isSecret
    ? 'what it said is not told, since the file is secret; run it there by hand'
    : lines
        .join('; ')
        .replaceAll(`${folder}/${basename(path)}`, path)
        .slice(-600);
  if (exit === 0)
    return { asked: `${words.join(' ')} a copy of ${path}`, of: where, answered: `accepted\n${said}` };
  if (exit === exits.refused) {
    throw new Failure(
      'config-refused',
      `${program} on ${where} refuses ${path}, which was left as it was: ${said}`,
    );
  }
  if (exit === exits.noProgram) {
    throw new Failure(
      'not-found',
      `${program}, which is to look at ${path} first, is not on ${where}; install it (host/package). Nothing was changed.`,
    );
  }
  if (exit === exits.noRoom) {
    throw new Failure(
      'disk-full',
      `There is no room for a copy of ${path} in the temporary folder of ${where}.`,
    );
  }
  const last = lastLine(stderr);
  throw new Failure(
    'command-failed',
    `${path} could not be tried on ${where}: ${last || `exit code ${exit}`}`,
  );
}
