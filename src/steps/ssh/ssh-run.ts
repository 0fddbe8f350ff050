import { once } from 'node:events';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
import { asFailure } from '../failures.ts';
import type { Host } from '../step.ts';
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
}

/** How a remote command ended; both texts hold at most the first 64 kB. */
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
const wrapper = `printf '%s\\n' "$$"; n=$1; limit=$2; shift 2
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
export function runOn(host: Host, command: RemoteCommand, signal: AbortSignal): Promise<RemoteResult> {
  return withSsh(host, signal, async (ssh) => {
    const env = Object.entries(command.env ?? {}).map(([name, value]) => `${name}=${reveal(value)}\n`);
    const seconds = Math.max(1, Math.ceil(command.limit / 1_000));
    const words = ['sh', '-c', wrapper, 'sh', String(env.length), String(seconds), ...command.words];
    const result = await inChannel(ssh, words, env.join('') + reveal(command.stdin ?? ''), signal);
    if (result.exit === endedByTimeout) {
      throw new Failure('timed-out', `A command on ${hostPlace(host)} was ended after ${seconds} s.`);
    }
    return result;
  });
}

/** Each word in single quotes, within which a POSIX shell interprets nothing. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

async function inChannel(
  ssh: NodeSSH,
  words: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<RemoteResult> {
  const channel = await heeding(signal, openChannel(ssh, quoted(words)), () => {});
  const [stdout, stderr] = [bounded(), bounded()];
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
    await Promise.race([end(ssh, pid).catch(() => undefined), after(3_000)]);
    throw error;
  }
  if (exit === undefined)
    throw Object.assign(new Error('closed without an exit code'), { code: 'ECONNRESET' });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

/** Ends the process group of that id on the host, and does nothing before the id is known. */
async function end(ssh: NodeSSH, pid: string): Promise<void> {
  if (!/^\d+\n$/.test(pid)) return;
  const channel = await openChannel(ssh, quoted(['sh', '-c', ender, 'sh', pid.trim()]));
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

function bounded() {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk: Buffer) => {
      if (size < keptAtMost) chunks.push(chunk);
      size += chunk.length;
    },
    text: () => {
      const text = Buffer.concat(chunks).subarray(0, keptAtMost).toString('utf8');
      return size > keptAtMost ? `${text}\n… ${size - keptAtMost} bytes more` : text;
    },
  };
}

function after(span: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, span).unref());
}
