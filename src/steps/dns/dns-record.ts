import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { asFailure } from '../failures.ts';
import { defineStep, satisfied, unsatisfied } from '../step.ts';
import { heeding } from '../waits.ts';

const With = z.strictObject({
  name: z.string().min(1).max(253),
  type: z.enum(['A', 'AAAA', 'CNAME']).default('A'),
  equals: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ description: 'exactly the values that must come back, in any order' }),
  contains: z.string().min(1).optional().meta({ description: 'one value that must be among them' }),
  resolver: z
    .string()
    .refine(isServer, 'an address, or address:port')
    .optional()
    .meta({ description: "the name server to ask, as address or address:port; else this machine's own" }),
});
type With = z.output<typeof With>;

/** How often one question is sent, and how long an answer is waited for the first time, in milliseconds. */
const tries = 2;
const patience = 2_000;

/** The name server's own answers (https://nodejs.org/docs/latest-v20.x/api/dns.html#error-codes) which are a finding, no failure. */
const findings: Readonly<Record<string, string>> = {
  ENOTFOUND: 'does not exist',
  ENODATA: 'exists, but not with this type',
};

/** What the name servers are for: another answer is as good as none. */
const troubles: Readonly<
  Record<
    string,
    readonly ['timed-out' | 'connection-refused' | 'permission-denied' | 'command-failed', string]
  >
> = {
  ETIMEOUT: ['timed-out', 'does not answer; check its address and the firewall'],
  ECONNREFUSED: ['connection-refused', 'refuses connections; check its address'],
  EREFUSED: ['permission-denied', 'refuses to answer this question; ask one that serves this name'],
  ESERVFAIL: [
    'command-failed',
    'failed to find an answer; look at its log, or whether the zone is signed wrongly',
  ],
  EFORMERR: ['command-failed', 'does not understand the question'],
  ENOTIMP: ['command-failed', 'does not serve this kind of question'],
  EBADRESP: ['command-failed', 'gave an answer that cannot be read'],
};

/** A name has the wanted records in DNS, without those of this machine's hosts file. It only looks. */
export const dnsRecord = defineStep({
  uses: 'dns/record',
  summary: 'A name has the wanted records in DNS.',
  with: With,
  timeout: '30s',
  check: async (wanted, { signal }) => {
    const { name, type, equals, contains } = wanted;
    const resolver = new Resolver({ timeout: patience, tries });
    if (wanted.resolver !== undefined) resolver.setServers([wanted.resolver]);
    const of = wanted.resolver ?? resolver.getServers().join(', ');
    const asked = `${type} records of ${name}`;
    const found = await look(wanted, resolver, of, signal);
    if (typeof found === 'string') {
      return unsatisfied(`${name} ${found} according to ${of}; wanted is ${wish(wanted)}.`, {
        asked,
        of,
        answered: found,
      });
    }
    const evidence = { asked, of, answered: found.join('\n') };
    const values = found.map(canonical);
    const missing = [...(equals ?? []), ...(contains === undefined ? [] : [contains])].filter(
      (value) => !values.includes(canonical(value)),
    );
    const extra = equals ? found.filter((value) => !equals.map(canonical).includes(canonical(value))) : [];
    if (missing.length === 0 && extra.length === 0) return satisfied(evidence);
    return unsatisfied(
      `The ${asked} are ${found.join(', ')} according to ${of}, wanted is ${wish(wanted)}.`,
      evidence,
    );
  },
});

async function look(
  { name, type }: With,
  resolver: Resolver,
  of: string,
  signal: AbortSignal,
): Promise<readonly string[] | string> {
  try {
    return await heeding(signal, asking(resolver, name, type), () => resolver.cancel());
  } catch (error) {
    const where = `The name server ${of}`;
    if (signal.aborted) throw asFailure(error, where, signal);
    const code = error instanceof Error ? String(Reflect.get(error, 'code')) : '';
    const finding = findings[code];
    if (finding !== undefined) return finding;
    const [reason, told] = troubles[code] ?? [];
    if (reason !== undefined)
      throw new Failure(reason, `${where}, asked for ${name}, ${told}.`, { cause: error });
    throw asFailure(error, where);
  }
}

function asking(resolver: Resolver, name: string, type: With['type']): Promise<string[]> {
  if (type === 'A') return resolver.resolve4(name);
  return type === 'AAAA' ? resolver.resolve6(name) : resolver.resolveCname(name);
}

function wish({ equals, contains }: With): string {
  const parts = [
    ...(equals ? [`exactly ${equals.join(', ')}`] : []),
    ...(contains === undefined ? [] : [`${contains} among them`]),
  ];
  return parts.join(' and ') || 'any value';
}

/** Names are the same in capitals and with a dot at the end; an IPv6 address has many spellings, of which the URL parser knows one. */
function canonical(value: string): string {
  if (isIP(value) === 6) return new URL(`http://[${value}]/`).hostname;
  return value.toLowerCase().replace(/\.$/, '');
}

function isServer(text: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([^:]+)(?::\d{1,5})?)$/.exec(text) ?? [];
  return isIP(bracketed ?? plain ?? text) !== 0;
}
