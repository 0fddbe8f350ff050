import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import type { ClusterNode } from './cluster-nodes.ts';

/** How Elasticsearch is installed on its hosts. */
export interface Installation {
  /** The path of `elasticsearch-plugin`. */
  readonly program: string;
  readonly service: string;
  readonly plugin: string;
}

const exits = { noProgram: 44 };

/** The host's own names and addresses, then after an empty line the plugins that are installed, one a line. */
const looking = `[ -x "$1" ] || exit ${exits.noProgram}
uname -n
hostname -f 2>/dev/null
hostname -I 2>/dev/null | tr ' ' '\\n'
echo '=='
"$1" list`;

/**
 * Without --batch a plugin that wants more rights would ask on a terminal that nobody sees. An earlier attempt whose connection
 * was lost may still run and be first, so what lies there in the end decides.
 */
const changing = `[ -x "$1" ] || exit ${exits.noProgram}
batch=
[ "$2" = install ] && batch=--batch
"$1" "$2" $batch "$3"
code=$?
if "$1" list | grep -qxF -- "$3"; then is=install; else is=remove; fi
[ "$is" = "$2" ] && exit 0
[ "$code" -ne 0 ] && exit "$code"
exit 1`;

/** Waits until systemd calls the service started or failed. */
const restarting = `systemctl restart -- "$1"`;

const limits = { look: 60_000, change: 600_000, restart: 600_000 };

/** What is installed on a host and under which names it is known. */
export interface HostPlugins {
  readonly names: readonly string[];
  readonly plugins: readonly string[];
}

/** Looks on the host which plugins lie there, whether the node has loaded them or not. Throws Failures only. */
export async function pluginsOn(
  host: Host,
  { program }: Installation,
  context: StepContext,
): Promise<HostPlugins> {
  const words = ['sh', '-c', looking, 'sh', program];
  const result = await runOn(host, { words, as: 'root', limit: limits.look }, context);
  if (result.exit !== 0) throw refused(host, `${program} list`, program, result);
  const [names = '', plugins = ''] = result.stdout.split('==\n');
  return { names: linesOf(names), plugins: linesOf(plugins) };
}

/** Installs or removes a plugin, telling the log what the program says; the node knows of it only after a restart. */
export async function changePlugin(
  host: Host,
  action: 'install' | 'remove',
  { program, plugin }: Installation,
  context: StepContext,
): Promise<Evidence> {
  const words = ['sh', '-c', changing, 'sh', program, action, plugin];
  const command = { words, as: 'root', limit: limits.change, streamed: true };
  const result = await runOn(host, command, context);
  const asked = `elasticsearch-plugin ${action} ${plugin}`;
  if (result.exit !== 0) throw refused(host, asked, program, result);
  return { asked, of: hostPlace(host), answered: result.stdout.trim().slice(-2_000) };
}

/** Restarts the service; when systemd says that it failed, so does this. */
export async function restartService(
  host: Host,
  { service }: Installation,
  context: StepContext,
): Promise<Evidence> {
  const words = ['sh', '-c', restarting, 'sh', service];
  const result = await runOn(host, { words, as: 'root', limit: limits.restart, streamed: true }, context);
  if (result.exit !== 0) {
    throw new Failure(
      'command-failed',
      `Service ${service} on ${hostPlace(host)} did not start again (exit code ${result.exit}); look at journalctl -u ${service} there. No other node was touched after it.`,
    );
  }
  return { asked: `systemctl restart ${service}`, of: hostPlace(host), answered: 'started' };
}

/** The node that runs on a host: the one with an address or a name of the host, or the only one where there is only one host. */
export function nodeOn(
  host: Host,
  { names }: HostPlugins,
  nodes: readonly ClusterNode[],
  isOnlyHost: boolean,
): ClusterNode | undefined {
  const own = [host.address, ...names];
  const found =
    nodes.find(({ addresses }) => addresses.some((known) => own.includes(known))) ??
    nodes.find(({ name }) => own.includes(name));
  return found ?? (isOnlyHost && nodes.length === 1 ? nodes[0] : undefined);
}

function refused(
  host: Host,
  asked: string,
  program: string,
  { exit, stdout, stderr }: RemoteResult,
): Failure {
  const where = hostPlace(host);
  if (exit === exits.noProgram) {
    return new Failure(
      'not-found',
      `There is no ${program} on ${where}; install Elasticsearch there or name its path in \`program\`.`,
    );
  }
  const last = lastLine(stderr.trim() || stdout).slice(0, 300);
  return new Failure(
    'command-failed',
    `${asked} on ${where} ended with exit code ${exit}: ${last || 'it printed nothing'}`,
  );
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
