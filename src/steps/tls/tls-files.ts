import { createPublicKey, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal } from '../../secret.ts';
import { AbsolutePath } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import { defineStep, type Evidence, HostName, satisfied, Text, unsatisfied } from '../step.ts';
import { certificateFaults, commonName, described, isSelfSigned } from './certificate-faults.ts';

const With = z.strictObject({
  host: HostName,
  certificate: AbsolutePath.meta({ description: 'the file with the certificate and those above it' }),
  key: AbsolutePath.meta({ description: 'the file with its private key' }),
  names: z.array(z.string().min(1)).default([]).meta({ description: 'the names that must be covered' }),
  daysLeft: z.int().min(0).max(3_650).default(21),
  ca: Text.optional().meta({ description: 'PEM certificates to trust besides the public ones' }),
});
type With = z.output<typeof With>;

const exits = { noCertificate: 41, noKey: 42, tooLarge: 43, noOpenssl: 44, badKey: 45 };

/** Tells the public half of the key only; an empty passphrase keeps openssl from asking for one. */
const looking = `set -u
[ -f "$1" ] || exit ${exits.noCertificate}
[ -f "$2" ] || exit ${exits.noKey}
[ "$(stat -L -c %s -- "$1")" -le 60000 ] || exit ${exits.tooLarge}
command -v openssl >/dev/null || exit ${exits.noOpenssl}
stat -L -c '%a %U:%G' -- "$2"
openssl pkey -in "$2" -passin pass: -pubout 2>/dev/null || exit ${exits.badKey}
cat -- "$1"`;

/**
 * A certificate and its key lie on a host as a web server needs them: they belong together, the key is not open to everybody, and
 * the certificate's file holds what leads to a trusted root. It only looks: certificates are issued elsewhere.
 */
export const tlsFiles = defineStep({
  uses: 'tls/files',
  summary: 'A certificate with its chain and its private key lie on a host and belong together.',
  with: With,
  timeout: '1m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const words = ['sh', '-c', looking, 'sh', wanted.certificate, wanted.key];
    const { exit, stdout } = await runOn(host, { words, as: 'root', limit: 30_000 }, context);
    const asked = `${wanted.certificate} and ${wanted.key}: key, mode, names, days left, chain`;
    const because = unreadable(wanted, where, exit);
    if (because !== undefined) return unsatisfied(because, { asked, of: where, answered: because });
    const [mode = '', owner = ''] = (stdout.split('\n')[0] ?? '').split(' ');
    const [publicKey = ''] = blocks(stdout, 'PUBLIC KEY');
    const what = `The certificate ${wanted.certificate} on ${where}`;
    const chain = parsed(blocks(stdout, '(?:TRUSTED |X509 )?CERTIFICATE'), what);
    const { names, daysLeft } = wanted;
    const faults = [
      ...keyFaults(wanted, where, { mode, publicKey, own: chain[0] }),
      ...(chain.length === 0 ? [`${what} holds no certificate in PEM form.`] : []),
      ...(chain.length === 0 ? [] : certificateFaults(what, chain, { names, daysLeft, now: context.now() })),
      ...chainFaults(what, chain, wanted.ca === undefined ? '' : reveal(wanted.ca)),
    ];
    const evidence: Evidence = {
      asked,
      of: where,
      answered: `${described(chain)}\nprivate key: mode ${mode.padStart(4, '0')}, ${owner}`,
    };
    return faults.length === 0 ? satisfied(evidence) : unsatisfied(faults.join(' '), evidence);
  },
});

function unreadable({ certificate, key }: With, where: string, exit: number): string | undefined {
  switch (exit) {
    case 0:
      return undefined;
    case exits.noCertificate:
      return `There is no certificate file ${certificate} on ${where}.`;
    case exits.noKey:
      return `There is no private key file ${key} on ${where}.`;
    case exits.tooLarge:
      return `${certificate} on ${where} is too large for a certificate with its chain.`;
    case exits.badKey:
      return `${key} on ${where} holds no private key that can be read without a passphrase.`;
    case exits.noOpenssl:
      throw new Failure(
        'not-found',
        `openssl, with which the key is read, is not on ${where}; install it (host/package).`,
      );
    default:
      throw new Failure('command-failed', `${certificate} on ${where} could not be read: exit code ${exit}`);
  }
}

function keyFaults(
  { certificate, key }: With,
  where: string,
  { mode, publicKey, own }: { mode: string; publicKey: string; own: X509Certificate | undefined },
): readonly string[] {
  const faults: string[] = [];
  if ((Number.parseInt(mode, 8) & 0o007) !== 0) {
    faults.push(
      `The private key ${key} on ${where} has mode ${mode.padStart(4, '0')} and so is open to everybody there; chmod 0600 it, and replace it if others use that host.`,
    );
  }
  if (own && !createPublicKey(publicKey).equals(own.publicKey)) {
    faults.push(`The private key ${key} on ${where} does not belong to the certificate ${certificate}.`);
  }
  return faults;
}

/** The first is the server's own, each next has issued the one before, and the last is or was issued by a trusted root. */
function chainFaults(what: string, chain: readonly X509Certificate[], ca: string): readonly string[] {
  const [own, last] = [chain[0], chain.at(-1)];
  if (!own || !last) return [];
  if (chain.length === 1 && isSelfSigned(own)) {
    return [`${what} is self-signed, so no browser trusts it; install one from a certificate authority.`];
  }
  for (const [index, one] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer && !isIssued(one, issuer)) {
      return [
        `${what} is in a file of the wrong order: ${commonName(one.subject)} is not issued by ${commonName(issuer.subject)}, which follows it.`,
      ];
    }
  }
  const roots = [...rootCertificates, ...blocks(ca, 'CERTIFICATE')].map((pem) => new X509Certificate(pem));
  if (roots.some((root) => root.raw.equals(last.raw) || isIssued(last, root))) return [];
  return [
    `${what} is in a file that ends with ${commonName(last.subject)}, whose issuer ${commonName(last.issuer)} is no trusted root; add the intermediate certificate, or name its CA if that is private.`,
  ];
}

function isIssued(one: X509Certificate, by: X509Certificate): boolean {
  return one.checkIssued(by) && one.verify(by.publicKey);
}

function parsed(pems: readonly string[], what: string): readonly X509Certificate[] {
  try {
    return pems.map((pem) => new X509Certificate(pem));
  } catch (cause) {
    throw new Failure('command-failed', `${what} is damaged and cannot be read as PEM; install it anew.`, {
      cause,
    });
  }
}

/** The PEM blocks of that label in a text, RFC 7468. */
function blocks(text: string, label: string): readonly string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? [];
}
