import { isWithin, spanOf } from './firewall-addresses.ts';
import type { Opening } from './firewall-exposure.ts';

/**
 * The table `inet slipway` as nft reads it: replaces its own former self in one transaction and touches no other table
 * (https://wiki.nftables.org/wiki-nftables/index.php/Scripting). What is not named is dropped; DHCP and ICMP, without which a host loses its
 * address or its way, are let in.
 */
export function tableOf(openings: readonly Opening[]): string {
  const rules = openings.flatMap(({ port, sources }) => [
    ruleFor(port, sources, 4),
    ruleFor(port, sources, 6),
  ]);
  return `# Written by Slipway; changes made here by hand are found and taken back.
table inet slipway
delete table inet slipway
table inet slipway {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		ct state invalid drop
		iifname "lo" accept
		meta l4proto { icmp, ipv6-icmp } accept
		udp sport 67 udp dport 68 accept
		ip6 saddr fe80::/10 udp dport 546 accept
${rules.filter((rule) => rule !== '').join('\n')}
	}
}
`;
}

/** Whether a port is among the openings for an address. */
export function isOpenTo(openings: readonly Opening[], port: number, address: string): boolean {
  const one = spanOf(address);
  if (!one) return false;
  return openings.some(
    (opening) =>
      opening.port === port &&
      opening.sources.some((source) => {
        const span = spanOf(source);
        return span !== undefined && isWithin(span, one.family, one.from);
      }),
  );
}

function ruleFor(port: number, sources: readonly string[], family: 4 | 6): string {
  const own = [...new Set(sources.filter((source) => spanOf(source)?.family === family))];
  if (own.length === 0) return '';
  const [protocol, name] = family === 4 ? ['ipv4', 'ip'] : ['ipv6', 'ip6'];
  if (own.some((source) => source.endsWith('/0'))) {
    return `\t\tmeta nfproto ${protocol} tcp dport ${port} accept`;
  }
  return own.map((source) => `\t\t${name} saddr ${source} tcp dport ${port} accept`).join('\n');
}
