import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { Failure } from '../../errors.ts';
import { reveal, type Secret } from '../../secret.ts';
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
 * Tells the process id and waits for a line before it begins, so that nothing runs here that could not be ended from there; takes
 * the environment from standard input, then becomes `timeout`, which leads a process group of its own: so the command with all
 * its children can be ended from a second channel. What the login's own shell and sudo print before that is cut off at the first word.
 */
const wrapper = `printf '\\nslipway-began\\n' >&2; printf '\\nslipway-began %s\\n' "$$"; n=$1; limit=$2; as=$3; shift 3
IFS= read -r _ || exit 129
if [ -n "$as" ]; then HOME=$(getent passwd -- "$as" | cut -d : -f 6); export HOME; cd -- "$HOME" 2>/dev/null || cd /; fi
while [ "$n" -gt 0 ]; do IFS= read -r pair || exit 129; export "$pair"; n=$((n - 1)); done
exec timeout -k 2 "$limit" "$@"`;

const began = /(?:^|\n)slipway-began(?: (\d+))?\n/;

/**
 * For a script that cleans up at its end: the first signal ends it, and a second no longer cuts the clean-up short. `timeout`
 * passes each on to its child and to its group, so there always is one.
 */
export const endingOnce = `trap 'trap "" HUP INT TERM; exit 129' HUP INT TERM`;

/** Ends a process group: politely, and two seconds later for good. */
const ender = `kill -s TERM -- "-$1" 2>/dev/null || kill -s TERM -- "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -s 0 -- "-$1" 2>/dev/null || exit 0; sleep 0.1
done
kill -s KILL -- "-$1" 2>/dev/null; exit 0`;

/** Exit codes of `timeout` when it ended the command, and when the command did not heed that and was killed, from timeout(1). */
const [endedByTimeout, killed] = [124, 137];

/** Exit code of a shell that does not find a program. */
const noProgram = 127;

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
    const startedAt = performance.now();
    const { hasBegun, ...result } = await inChannel(ssh, {
      prefix,
      words,
      input: env.join('') + reveal(command.stdin ?? ''),
      signal,
      onOutput: command.streamed ? log : () => {},
      keep: command.keep ?? keptAtMost,
    });
    if (!hasBegun && prefix.length > 0) {
      const asking = { prefix: [], input: '', signal, onOutput: () => {}, keep: keptAtMost };
      const account = await inChannel(ssh, { ...asking, words: ['getent', 'passwd', '--', as] });
      throw notBecome(host, as, result.exit, account.exit === 0);
    }
    const isLate = performance.now() - startedAt >= seconds * 1_000;
    if (result.exit === endedByTimeout || (result.exit === killed && isLate)) {
      throw new Failure('timed-out', `A command on ${hostPlace(host)} was ended after ${seconds} s.`);
    }
    return result;
  });
}

function notBecome(host: Host, as: string, exit: number, isThere: boolean): Failure {
  const where = hostPlace(host);
  if (!isThere)
    return new Failure('not-found', `There is no account ${as} on ${where}; create it first (host/user).`);
  if (exit === noProgram) {
    return new Failure('permission-denied', `There is no sudo on ${where}; install it, or log in as root.`);
  }
  return new Failure(
    'permission-denied',
    `${host.user} may not run commands as ${as} on ${where} without a password; allow it in sudoers (${host.user} ALL=(ALL) NOPASSWD: ALL) or log in as root.`,
  );
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
  let isLost = false;
  ssh.connection?.once('close', () => {
    isLost = true;
  });
  const [stdout, stderr] = [bounded(onOutput, keep), bounded(onOutput, keep)];
  let pid: string | undefined;
  let exit: number | undefined;
  const fromErr = pastMark(stderr.add, () => {});
  const listen = (channel: ClientChannel) => {
    const fromOut = pastMark(stdout.add, (id) => {
      pid = id;
      channel.end(`\n${input}`);
    });
    channel.on('data', fromOut.add);
    channel.stderr.on('data', fromErr.add);
    channel.on('exit', (code: number | null) => {
      exit = code ?? killed;
    });
    // A command that does not read its input closes it early; that is no error.
    channel.on('error', () => {});
    const closed = once(channel, 'close');
    // Nobody waits for it when the signal aborts first.
    closed.catch(() => undefined);
    return { fromOut, closed };
  };
  const opened = openChannel(ssh, quoted([...prefix, ...words]), listen);
  const { fromOut, closed } = await heeding(signal, opened, () => {});
  try {
    await heeding(signal, closed, () => {});
  } catch (error) {
    // Over a connection that has gone silent nothing can be ended; there the host's own time limit does it.
    if (pid !== undefined) await Promise.race([end(ssh, prefix, pid).catch(() => undefined), after(3_000)]);
    throw error;
  }
  // The exit code may be here while the end of the output is not: half an answer is none.
  if (exit === undefined || isLost) throw lost();
  // What never began has said only why not.
  if (pid === undefined) for (const one of [fromOut, fromErr]) one.giveUp();
  return { exit, stdout: stdout.text(), stderr: stderr.text(), hasBegun: pid !== undefined };
}

/** Ends the process group of that id on the host. */
async function end(ssh: NodeSSH, prefix: readonly string[], pid: string): Promise<void> {
  const words = quoted([...prefix, 'sh', '-c', ender, 'sh', pid]);
  const { closed } = await openChannel(ssh, words, (channel) => ({
    closed: once(channel.resume(), 'close'),
  }));
  await closed;
}

/**
 * Opens a channel for a command, and hands it to `listen` at once: how a short command ended may have come with the word that it
 * began. ssh2 gives no code where the connection was lost while it waited for a channel, but tells of the loss first.
 */
function openChannel<T>(
  { connection }: NodeSSH,
  command: string,
  listen: (channel: ClientChannel) => T,
): Promise<T> {
  return new Promise((settle, fail) => {
    if (!connection) return fail(lost());
    let isLost = false;
    const onClose = () => {
      isLost = true;
    };
    connection.once('close', onClose);
    connection.exec(command, (error, channel) => {
      connection.off('close', onClose);
      if (error) fail(isLost ? lost() : error);
      else settle(listen(channel));
    });
  });
}

function lost(): Error {
  return Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' });
}

/** Hands on what comes after the line with which the wrapper begins; `giveUp` hands on what came instead. */
function pastMark(add: (chunk: Buffer) => void, onMark: (pid: string | undefined) => void) {
  let head: string | undefined = '';
  return {
    add: (chunk: Buffer) => {
      if (head === undefined) return add(chunk);
      // One character a byte, so that what follows the mark keeps its bytes.
      head += chunk.toString('latin1');
      const mark = began.exec(head);
      if (mark === null) return;
      const rest = Buffer.from(head.slice(mark.index + mark[0].length), 'latin1');
      head = undefined;
      onMark(mark[1]);
      if (rest.length > 0) add(rest);
    },
    giveUp: () => {
      if (head !== undefined) add(Buffer.from(head, 'latin1'));
    },
  };
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
