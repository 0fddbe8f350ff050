import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal } from '../../secret.ts';
import { defineStep, type Evidence, satisfied, Text, unsatisfied } from '../step.ts';
import { certificateFaults, commonName, described } from './certificate-faults.ts';
import { type Outcome, placeOf, shakeHands, TlsAddress } from './tls-connection.ts';

const With = z.strictObject({
  address: TlsAddress,
  port: z.int().min(1).max(65_535).optional().meta({ description: '443 unless the address has one' }),
  servername: z.string().min(1).optional().meta({
    description:
      'the name to ask for in every handshake; without it each of the names is asked for in its own',
  }),
  names: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: "the names that must be covered; without any it is the address's own" }),
  daysLeft: z.int().min(0).max(3_650).default(21),
  ca: Text.optional().meta({ description: 'PEM certificates to trust besides the public ones' }),
});

/**
 * A server shows, for each name, a certificate that is trusted, covers the name, stays valid for long enough and is not weak. It
 * only looks: certificates are issued elsewhere.
 */
export const tlsCertificate = defineStep({
  uses: 'tls/certificate',
  summary: 'A TLS server shows a trusted certificate that covers its names and stays valid for long enough.',
  with: With,
  timeout: '30s',
  check: async ({ address, port, servername, names, daysLeft, ca }, { signal, now }) => {
    const place = placeOf(address, port);
    const wanted = names.length > 0 ? names : [servername ?? place.host];
    const faults = new Set<string>();
    const evidence: Evidence[] = [];
    for (const group of servername === undefined ? wanted.map((name) => [name]) : [wanted]) {
      const asked = servername ?? group[0] ?? '';
      const where = `${place.host}:${place.port}`;
      const what = `The certificate that ${where} shows for ${asked}`;
      // Weak certificates are to be found below, not to fail on this side's own taste.
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const trusted = ca === undefined ? undefined : reveal(ca);
      const outcome = await shakeHands({ ...place, servername: asked, ca: trusted, ciphers }, signal);
      if (outcome.is !== 'done') throw unshown(outcome, what);
      const { chain, distrust, protocol } = outcome;
      const wrong = certificateFaults(what, chain, { names: group, daysLeft, now: now() });
      for (const fault of wrong) faults.add(fault);
      const untrusted = distrust === undefined ? undefined : distrusted(what, distrust, outcome);
      if (untrusted !== undefined && (wrong.length === 0 || !isAboutTime(distrust))) faults.add(untrusted);
      const verdict = distrust === undefined ? 'trusted' : `not trusted: ${distrust}`;
      evidence.push({
        asked: `TLS handshake for ${asked}`,
        of: where,
        answered: `${described(chain)}\n${verdict}, ${protocol}`,
      });
    }
    return faults.size === 0 ? satisfied(...evidence) : unsatisfied([...faults].join(' '), ...evidence);
  },
});

function unshown(outcome: Outcome, what: string): Failure {
  const how =
    outcome.is === 'refused' ? `the handshake was refused (${outcome.code})` : 'the connection was closed';
  return new Failure('tls-failed', `${what} is not known, since ${how}; look at the server's log.`);
}

/** Dates are judged by the certificates' own, with the days that must be left. */
function isAboutTime(distrust: string | undefined): boolean {
  return distrust === 'CERT_HAS_EXPIRED' || distrust === 'CERT_NOT_YET_VALID';
}

/** Codes of https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/, as Node.js writes them. */
function distrusted(what: string, code: string, { chain }: Extract<Outcome, { is: 'done' }>): string {
  const issuer = commonName(chain.at(-1)?.issuer);
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `${what} comes alone, without the intermediate certificate of ${issuer} between it and a trusted root; install the full chain, or name its CA if that is private.`;
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `${what} leads to ${issuer}, which is not trusted here and was not shown; install the full chain, or name its CA if that is private.`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `${what} is self-signed, so no browser trusts it; install one from a certificate authority.`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `${what} leads to the root ${issuer}, which is not trusted here; name it as its CA if that is private.`;
    default:
      return `${what} is not trusted (${code}).`;
  }
}
