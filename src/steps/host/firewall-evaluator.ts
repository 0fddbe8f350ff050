import type { Packet } from './firewall-match.ts';
import type { Chain, Rule, Ruleset, Verdict } from './firewall-rules.ts';

/** Whether a ruleset lets a packet in; `by` names the rule or policy that decides, or what is not understood. */
export interface Passage {
  readonly is: 'open' | 'closed' | 'unclear';
  readonly by: string;
}

/** Every way in which a chain may end for a packet, each with what leads there. */
interface Ways {
  readonly accept?: string;
  readonly drop?: string;
  /** Handed on to another address or port before the rules for this machine are asked. */
  readonly redirect?: string;
  /** To the rule after the jump, or to the policy. */
  readonly through?: true;
  /** Why there is more than one way. */
  readonly doubt?: string;
}

/** The hooks that a packet for this machine passes, in their order. */
const hooks = ['ingress', 'prerouting', 'input'];

/**
 * Follows a packet through all chains that it passes on its way in (https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks):
 * it must be accepted by every one, and one that drops it decides. What the evaluation does not understand counts as both, so the
 * answer is `unclear` wherever it matters.
 */
export function passageOf({ chains }: Ruleset, packet: Packet): Passage {
  const families = packet.family === 4 ? ['ip', 'inet', 'netdev'] : ['ip6', 'inet', 'netdev'];
  const passed = chains
    .filter(({ family, hook }) => hook !== undefined && hooks.includes(hook) && families.includes(family))
    .filter(({ devices }) => devices.length === 0 || devices.includes(packet.by))
    .sort((a, b) => hooks.indexOf(a.hook ?? '') - hooks.indexOf(b.hook ?? '') || a.priority - b.priority);
  let mayBeHandedOn: string | undefined;
  let accept = 'no chain stands before this machine';
  let doubt: string | undefined;
  for (const chain of passed) {
    const ways = endOf(chain, chains, packet);
    const { drop, redirect } = ways;
    if (redirect !== undefined && ways.accept === undefined && drop === undefined) {
      return doubt === undefined
        ? { is: 'open', by: `${redirect}, which hands it on` }
        : { is: 'unclear', by: doubt };
    }
    if (redirect !== undefined) mayBeHandedOn ??= ways.doubt ?? redirect;
    else if (ways.accept === undefined) {
      if (mayBeHandedOn !== undefined) return { is: 'unclear', by: mayBeHandedOn };
      return { is: 'closed', by: drop ?? chain.name };
    } else accept = ways.accept;
    if (drop !== undefined) doubt ??= ways.doubt ?? drop;
  }
  return doubt === undefined ? { is: 'open', by: accept } : { is: 'unclear', by: doubt };
}

function endOf(chain: Chain, chains: readonly Chain[], packet: Packet): Ways {
  const { through, ...ways } = walk(chain, chains, packet, 0);
  if (!through) return ways;
  const policy = `the policy of ${chain.family} ${chain.table} ${chain.name}`;
  return { [chain.policy]: policy, ...ways };
}

function walk(chain: Chain, chains: readonly Chain[], packet: Packet, depth: number): Ways {
  let ways: Ways = {};
  for (const rule of chain.rules) {
    const { verdict, isSure, doubt } = appliedTo(rule, packet);
    if (doubt !== undefined) ways = { doubt: `${rule.name} has ${doubt}`, ...ways };
    if (!verdict) continue;
    const end = carriedOut(verdict, rule, chain, chains, packet, depth);
    ways = { ...end.ways, ...ways };
    if (isSure && !end.goesOn) return ways;
  }
  return { ...ways, through: true };
}

/** The verdict of a rule if all its conditions hold or may hold. */
function appliedTo(
  rule: Rule,
  packet: Packet,
): { readonly verdict?: Verdict; readonly isSure: boolean; readonly doubt?: string } {
  let doubt: string | undefined;
  for (const part of rule.parts) {
    if (part.is === 'verdict') return sure(part.verdict, doubt);
    const found = part.is === 'map' ? part.find(packet) : { match: part.applies(packet) };
    if (found.match === false) return { isSure: true };
    if (found.match !== true) doubt ??= found.match.unclear;
    if ('verdict' in found && found.verdict) return sure(found.verdict, doubt);
    if (part.is === 'map') return sure({ is: 'unclear', what: 'a map' }, doubt);
  }
  return { isSure: true };
}

function sure(verdict: Verdict, doubt: string | undefined) {
  return doubt === undefined ? { verdict, isSure: true } : { verdict, isSure: false, doubt };
}

function carriedOut(
  verdict: Verdict,
  rule: Rule,
  chain: Chain,
  chains: readonly Chain[],
  packet: Packet,
  depth: number,
): { readonly ways: Ways; readonly goesOn: boolean } {
  if (verdict.is === 'accept' || verdict.is === 'drop' || verdict.is === 'redirect') {
    return { ways: { [verdict.is]: rule.name }, goesOn: false };
  }
  if (verdict.is === 'continue') return { ways: {}, goesOn: true };
  if (verdict.is === 'return') return { ways: { through: true }, goesOn: false };
  const target =
    'target' in verdict
      ? chains.find(
          (one) => one.family === chain.family && one.table === chain.table && one.name === verdict.target,
        )
      : undefined;
  if (!target || depth > 16) {
    const what = verdict.is === 'unclear' ? verdict.what : 'a jump to a chain that is not there';
    const doubt = `${rule.name} has ${what}`;
    return { ways: { accept: rule.name, drop: rule.name, doubt }, goesOn: true };
  }
  const { through, ...ways } = walk(target, chains, packet, depth + 1);
  // After `goto` the caller of this chain goes on, not this chain.
  const goesBack = verdict.is === 'goto' && through;
  return { ways: goesBack ? { ...ways, through } : ways, goesOn: verdict.is === 'jump' && through === true };
}
