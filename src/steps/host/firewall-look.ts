import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';
import { spanOf } from './firewall-addresses.ts';
import type { Surroundings } from './firewall-exposure.ts';
import { rulesetOf, untranslated } from './firewall-rules.ts';

/** What a host tells of its firewall and of what listens behind it. */
export interface FirewallState extends Surroundings {
  /** The address from which this connection comes and the port of the host to which it goes, as sshd sees them. */
  readonly client: string;
  readonly serverPort: number;
  /** Whether the kernel holds tables of the older iptables that could not be read. */
  readonly hasLegacyTables: boolean;
  /** Whether the table `inet slipway` is loaded. */
  readonly isLoaded: boolean;
  /** Whether loaded rules wait to be proven by a new login. */
  readonly isOnTrial: boolean;
  /** The services that load rules when the machine starts and are enabled. */
  readonly loaders: readonly string[];
}

/** The timer that takes unproven rules back. */
export const trialName = 'slipway-firewall-trial';

const exits = { noNft: 42, noRuleset: 43 };

/**
 * What only the programs of iptables can show (ufw and Docker write such rules) is translated by them and listed anew in a network
 * namespace of its own, which ends with the command; rules that they cannot translate are marked.
 */
const translating = `translate() {
  "$1" 2>/dev/null | "$2" -f /dev/stdin 2>/dev/null | sed -n \\
    -e "s/^# -t \\([a-z]*\\) -A \\([^ ]*\\) .*/add rule $3 \\1 \\2 counter comment \\"${untranslated}\\"/" \\
    -e "s/^add \\([a-z]*\\) $3 /add \\1 $3 $4/p"
}
translated() {
  translate iptables-nft-save iptables-restore-translate ip ''
  translate ip6tables-nft-save ip6tables-restore-translate ip6 ''
  [ -z "$legacy" ] && return
  translate iptables-legacy-save iptables-restore-translate ip legacy-
  translate ip6tables-legacy-save ip6tables-restore-translate ip6 legacy-
}`;

/** Each answer ends with a NUL; the ruleset is packed, since some are larger than what is kept of an output. */
const reading = `command -v nft >/dev/null || exit ${exits.noNft}
${translating}
legacy=$(cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null)
rules=$(nft -j list ruleset) && [ -n "$rules" ] || exit ${exits.noRuleset}
printf '%s' "$rules" | gzip -c | base64 -w 0; printf '\\0'
case $legacy$rules in
  [!{]*|*'"xt":'*) translated | unshare --net sh -c 'nft -f - && nft -j list ruleset' 2>/dev/null | gzip -c | base64 -w 0;;
esac; printf '\\0'
ss -H -ltnp; printf '\\0'
ip -j route show default; printf '\\0'
ip -j -6 route show default; printf '\\0'
ip -j route get "$1" 2>/dev/null; printf '\\0'
ip -j address; printf '\\0'
printf '%s\\0' "$legacy"
for unit in nftables ufw firewalld netfilter-persistent; do
  [ "$(systemctl show -P UnitFileState -- "$unit.service")" = enabled ] && echo "$unit"
done; printf '\\0'
systemctl show -P ActiveState -- ${trialName}.timer; printf '\\0'`;

const Routes = z.array(z.object({ dev: z.string().optional() }));
const Links = z.array(
  z.object({
    ifname: z.string(),
    addr_info: z.array(z.object({ family: z.string().optional(), local: z.string().optional() })).default([]),
  }),
);

/** Reads rules, listeners and ways to the outside of a host; undefined where there is no nft to read them with. Throws Failures only. */
export async function readFirewall(
  host: Host,
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<FirewallState | undefined> {
  // sudo does not hand the variable on.
  const asking = { words: ['sh', '-c', 'echo "$SSH_CONNECTION"'], limit: 30_000 };
  const [client = '', , , serverPort = ''] = (await runOn(host, asking, context)).stdout.trim().split(' ');
  const command = { words: ['sh', '-c', reading, 'sh', client], as: 'root', limit: 60_000, keep: 4 << 20 };
  const { exit, stdout } = await runOn(host, command, context);
  if (exit === exits.noNft) return undefined;
  const [
    rules = '',
    translated = '',
    sockets = '',
    four = '',
    six = '',
    back = '',
    links = '',
    legacy = '',
    loaders = '',
    trial = '',
  ] = stdout.split('\0');
  if (exit !== 0) {
    throw new Failure(
      'command-failed',
      `nft on ${hostPlace(host)} could not list the rules (exit code ${exit}); run nft -j list ruleset there.`,
    );
  }
  const ruleset = rulesetOf(unpacked(rules), unpacked(translated));
  const devices = [four, six, back].flatMap((text) =>
    Routes.parse(listOf(text)).flatMap(({ dev }) => dev ?? []),
  );
  const all = Links.parse(listOf(links)).filter(({ ifname }) => ifname !== 'lo');
  const outside = [...new Set(devices)].filter((dev) => dev !== 'lo');
  const hasSix = all.some(({ addr_info }) => addr_info.some(({ family }) => family === 'inet6'));
  const interfaces = outside.length > 0 ? outside : all.map(({ ifname }) => ifname);
  const reachable = all.filter(({ ifname }) => interfaces.includes(ifname));
  return {
    ruleset,
    interfaces,
    own: reachable.flatMap(({ addr_info }) => addr_info.flatMap(({ local }) => spanOf(local ?? '') ?? [])),
    families: hasSix ? [4, 6] : [4],
    listening: listeningIn(sockets),
    client: client.replace(/^::ffff:/i, '').replace(/%.*$/, ''),
    serverPort: Number(serverPort),
    hasLegacyTables: legacy.trim() !== '' && !ruleset.chains.some(({ table }) => table.startsWith('legacy-')),
    isLoaded: ruleset.chains.some(({ family, table }) => family === 'inet' && table === 'slipway'),
    isOnTrial: trial.trim() === 'active',
    loaders: loaders.split('\n').filter((name) => name !== ''),
  };
}

/** What an empty answer stands for is left out. */
function unpacked(text: string): unknown {
  if (text.trim() === '') return undefined;
  const plain = gunzipSync(Buffer.from(text, 'base64')).toString('utf8');
  return plain === '' ? undefined : JSON.parse(plain);
}

function listOf(text: string): unknown {
  return text.trim() === '' ? [] : JSON.parse(text);
}

/** The lines of `ss -H -ltnp`: state, two queues, local address with port, peer, and who it is. Loopback is nobody else's. */
export function listeningIn(lines: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const line of lines.split('\n')) {
    const [, , , local = '', , users = ''] = line.trim().split(/\s+/);
    const end = local.lastIndexOf(':');
    const [address, port] = [local.slice(0, end), Number(local.slice(end + 1))];
    if (end < 0 || !Number.isInteger(port) || isLoopback(address)) continue;
    const [, name = ''] = /"([^"]+)"/.exec(users) ?? [];
    if (!found.get(port)) found.set(port, name);
  }
  return found;
}

function isLoopback(address: string): boolean {
  return /^127\.|^\[::1\]$|^\[::ffff:127\.|%lo$|%lo\]$/.test(address);
}
