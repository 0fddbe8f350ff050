import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { asFailure } from '../failures.ts';
import type { Host, StepContext } from '../step.ts';
import { heeding } from '../waits.ts';
import { hostPlace, withSsh } from './ssh-connection.ts';

/** A command as its words; nothing in them is interpreted by a shell on the other side. */
export interface RemoteCommand {
  readonly words: readonly string[];
  readonly stdin?: string | Secret;
  /** Travels through standard input, so the values are in no process list. No line breaks in them. */
  readonly env?: Readonly<Record<string, string | Secret>>;
  /** Milliseconds after which the host itself ends the command, even when the connection is lost. */
  readonly limit: number;
  /** The account under which it runs, such as `root`, through `sudo -n` or, when the login is root's, `runuser`; else the login's own. */
  readonly as?: string;
  /** Whether its output goes line by line into the step's log while it runs. */
  readonly streamed?: boolean;
  /** How many bytes of each of its outputs the result holds at most, when the usual 64 kB are too few. */
  readonly keep?: number;
}

/** How a remote command ended; both texts hold at most their beginning. */
export interface RemoteResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const keptAtMost = 65_536;

/**
 * Tells the process id, takes the environment from standard input, then becomes `timeout`, which leads a process group of its own:
 * so the command with all its children can be ended from a second channel.
 */
const wrapper = `printf '%s\\n' "$$"; n=$1; limit=$2; as=$3; shift 3
if [ -n "$as" ]; then HOME=$(getent passwd "$as" | cut -d : -f 6); export HOME; cd -- "$HOME" 2>/dev/null || cd /; fi
while [ "$n" -gt 0 ]; do IFS= read -r pair; export "$pair"; n=$((n - 1)); done
exec timeout -k 2 "$limit" "$@"`;

/** Ends a process group: politely, and two seconds later for good. */
const ender = `kill -s TERM -- "-$1" 2>/dev/null || kill -s TERM -- "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -s 0 -- "-$1" 2>/dev/null || exit 0; sleep 0.1
done
kill -s KILL -- "-$1" 2>/dev/null; exit 0`;

/** Exit code of `timeout` when it had to end the command, from timeout(1). */
const endedByTimeout = 124;

/**
 * Runs a command on a host; when the signal aborts, the command and its children are ended there before this rejects. An exit
 * code other than 0 is a result, not an error; throws Failures only.
 */
export function runOn(
  host: Host,
  command: RemoteCommand,
  { signal, log }: Pick<StepContext, 'signal' | 'log'>,
): Promise<RemoteResult> {
  return withSsh(host, signal, async (ssh) => {
    const { as = '' } = command;
    const prefix = becoming(host, as);
    const env = Object.entries(command.env ?? {}).map(([name, value]) => `${name}=${reveal(value)}\n`);
    const seconds = Math.max(1, Math.ceil(command.limit / 1_000));
    const words = ['sh', '-c', wrapper, 'sh', String(env.length), String(seconds), as, ...command.words];
    const result = await inChannel(ssh, {
      prefix,
      words,
      input: env.join('') + reveal(command.stdin ?? ''),
      signal,
      onOutput: command.streamed ? log : () => {},
      keep: command.keep ?? keptAtMost,
    });
    if (!result.hasBegun && prefix.length > 0) {
      throw new Failure(
        'permission-denied',
        `${host.user} may not run commands as ${as} on ${hostPlace(host)} without a password; allow it in sudoers (${host.user} ALL=(ALL) NOPASSWD: ALL) or log in as root.`,
      );
    }
    if (result.exit === endedByTimeout) {
      throw new Failure('timed-out', `A command on ${hostPlace(host)} was ended after ${seconds} s.`);
    }
    return result;
  });
}

function becoming({ user }: Host, as: string): readonly string[] {
  if (as === '' || as === user) return [];
  return user === 'root' ? ['runuser', '-u', as, '--'] : ['sudo', '-n', '-u', as, '--'];
}

/** Each word in single quotes, within which a POSIX shell interprets nothing. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

interface Channel {
  /** The words that change the account, none when it is the login's own. */
  readonly prefix: readonly string[];
  readonly words: readonly string[];
  readonly input: string;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  readonly keep: number;
}

/** `hasBegun` is false when the wrapper itself was never started. */
async function inChannel(
  ssh: NodeSSH,
  { prefix, words, input, signal, onOutput, keep }: Channel,
): Promise<RemoteResult & { readonly hasBegun: boolean }> {
  const channel = await heeding(signal, openChannel(ssh, quoted([...prefix, ...words])), () => {});
  const [stdout, stderr] = [bounded(onOutput, keep), bounded(onOutput, keep)];
  let pid = '';
  channel.stderr.on('data', stderr.add);
  channel.on('data', (chunk: Buffer) => {
    const end = pid.endsWith('\n') ? -1 : chunk.indexOf(0x0a);
    if (pid.endsWith('\n')) stdout.add(chunk);
    else if (end === -1) pid += chunk.toString();
    else {
      pid += chunk.subarray(0, end + 1).toString();
      stdout.add(chunk.subarray(end + 1));
    }
  });
  let exit: number | undefined;
  channel.on('exit', (code: number | null) => {
    exit = code ?? 137;
  });
  const closed = once(channel, 'close');
  // A command that does not read its input closes it early; that is no error.
  channel.on('error', () => {});
  channel.end(input);
  try {
    await heeding(signal, closed, () => {});
  } catch (error) {
    // Over a connection that has gone silent nothing can be ended; there the host's own time limit does it.
    await Promise.race([end(ssh, prefix, pid).catch(() => undefined), after(3_000)]);
    throw error;
  }
  if (exit === undefined)
    throw Object.assign(new Error('closed without an exit code'), { code: 'ECONNRESET' });
  return { exit, stdout: stdout.text(), stderr: stderr.text(), hasBegun: pid.endsWith('\n') };
}

/** Ends the process group of that id on the host, and does nothing before the id is known. */
async function end(ssh: NodeSSH, prefix: readonly string[], pid: string): Promise<void> {
  if (!/^\d+\n$/.test(pid)) return;
  const channel = await openChannel(ssh, quoted([...prefix, 'sh', '-c', ender, 'sh', pid.trim()]));
  await once(channel.resume(), 'close');
}

function openChannel(ssh: NodeSSH, command: string) {
  const { connection } = ssh;
  if (!connection)
    throw asFailure(Object.assign(new Error('lost'), { code: 'ECONNRESET' }), 'The SSH connection');
  return new Promise<ClientChannel>((settle, fail) => {
    connection.exec(command, (error, channel) => (error ? fail(error) : settle(channel)));
  });
}

function bounded(onOutput: (text: string) => void, keep: number) {
  const chunks: Buffer[] = [];
  const decoder = new StringDecoder('utf8');
  let size = 0;
  return {
    add: (chunk: Buffer) => {
      onOutput(decoder.write(chunk));
      if (size < keep) chunks.push(chunk);
      size += chunk.length;
    },
    text: () => {
      const text = Buffer.concat(chunks).subarray(0, keep).toString('utf8');
      return size > keep ? `${text}\n… ${size - keep} bytes more` : text;
    },
  };
}

function after(span: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, span).unref());
}
