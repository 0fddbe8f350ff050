import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { defineStep, type Evidence, satisfied, unsatisfied } from '../step.ts';
import { type Handshake, type Outcome, placeOf, shakeHands, TlsAddress } from './tls-connection.ts';

const Version = z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

/**
 * Groups of ciphers(1) which together hold every suite of TLS 1.2 that is no longer sound: those with a MAC of their own (all with
 * CBC, RC4 or no encryption), without authentication, and without forward secrecy. RFC 9325 section 4.2.
 */
const weak = ['MD5', 'SHA1', 'SHA256', 'SHA384', 'aNULL', 'eNULL', 'kRSA'] as const;

const With = z.strictObject({
  address: TlsAddress,
  port: z.int().min(1).max(65_535).optional().meta({ description: '443 unless the address has one' }),
  servername: z.string().min(1).optional().meta({ description: "the address's host unless given" }),
  refused: z.array(Version).default(['TLSv1', 'TLSv1.1']),
  accepted: z.array(Version).default(['TLSv1.2', 'TLSv1.3']),
  ciphers: z
    .array(z.string().regex(/^[A-Za-z0-9_+-]+$/, "a suite or group of OpenSSL's ciphers(1)"))
    .default([...weak])
    .meta({
      description:
        'suites and groups that must be refused in TLS 1.2, in the words of OpenSSL; the default holds everything with CBC, without forward secrecy or without authentication',
    }),
});

/** What a server agrees to is taken out of the offer, so every weak suite is named; no server has more. */
const suitesAtMost = 60;

/**
 * A server shakes hands with the wanted versions of TLS and refuses the others, and it refuses weak cipher suites. The security
 * level of this side is lowered for it, so that each refusal is the server's own.
 */
export const tlsProtocols = defineStep({
  uses: 'tls/protocols',
  summary: 'A TLS server accepts the wanted protocol versions, and refuses old ones and weak cipher suites.',
  with: With,
  timeout: '1m',
  check: async ({ address, port, servername, refused, accepted, ciphers }, { signal }) => {
    const place = placeOf(address, port);
    const base = { ...place, servername: servername ?? place.host };
    const where = `${place.host}:${place.port}`;
    const faults: string[] = [];
    const evidence: Evidence[] = [];
    const tell = (asked: string, answered: string) => evidence.push({ asked, of: where, answered });
    for (const version of accepted) {
      const outcome = await shakeHands({ ...base, version, ciphers: 'DEFAULT' }, signal);
      tell(`handshake with ${version}`, ended(outcome));
      if (outcome.is !== 'done') faults.push(`${where} does not accept ${version} (${ended(outcome)}).`);
    }
    const answers = evidence.length > 0 && faults.length === 0;
    for (const version of refused) {
      const outcome = await shakeHands({ ...base, version, ciphers: 'ALL:@SECLEVEL=0' }, signal);
      tell(`handshake with ${version}`, ended(outcome));
      if (outcome.is === 'done') faults.push(`${where} accepts ${version}, which is to be refused.`);
      // A server that answers others but hangs up on this has refused it too, if less politely.
      if (outcome.is === 'closed' && !answers) {
        faults.push(`${where} closed the connection instead of refusing ${version}, so nothing is proven.`);
      }
    }
    const { offered, unknown } = sorted(ciphers);
    if (offered.length > 0) {
      const chosen = await agreed({ ...base, version: 'TLSv1.2', ciphers: '' }, offered, signal);
      const left = unknown.length === 0 ? '' : `; not known here and so not offered: ${unknown.join(', ')}`;
      tell(`TLS 1.2 with ${offered.join(', ')}`, (chosen.join(', ') || 'refused') + left);
      if (chosen.length > 0) faults.push(`${where} accepts the weak cipher suites ${chosen.join(', ')}.`);
    } else if (unknown.length > 0) {
      throw new Failure(
        'config-invalid',
        `OpenSSL on this machine knows none of the cipher suites ${unknown.join(', ')}, so it cannot try them; leave them out.`,
      );
    }
    return faults.length === 0 ? satisfied(...evidence) : unsatisfied(faults.join(' '), ...evidence);
  },
});

function ended(outcome: Outcome): string {
  if (outcome.is === 'done') return `accepted: ${outcome.protocol}, ${outcome.cipher}`;
  return outcome.is === 'refused' ? `refused with the alert ${outcome.code}` : 'closed without an alert';
}

/** Groups that this OpenSSL was built without, such as RC4, cannot be offered. */
function sorted(ciphers: readonly string[]): { offered: readonly string[]; unknown: readonly string[] } {
  const isKnown = (name: string) => {
    try {
      createSecureContext({ ciphers: `${name}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' });
      return true;
    } catch {
      return false;
    }
  };
  return { offered: ciphers.filter(isKnown), unknown: ciphers.filter((name) => !isKnown(name)) };
}

/** Every suite out of these groups that the server agrees to, by OpenSSL's name. */
async function agreed(
  handshake: Handshake,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const chosen: string[] = [];
  while (chosen.length < suitesAtMost) {
    const ciphers = [...groups, ...chosen.map((name) => `!${name}`), '@SECLEVEL=0'].join(':');
    if (!sorted([ciphers]).offered.length) break;
    const outcome = await shakeHands({ ...handshake, ciphers }, signal);
    if (outcome.is !== 'done' || chosen.includes(outcome.cipher)) break;
    chosen.push(outcome.cipher);
  }
  return chosen;
}
