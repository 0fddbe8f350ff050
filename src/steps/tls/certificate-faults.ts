import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What a certificate must be; `names` may hold IP addresses too. */
export interface CertificateWish {
  readonly names: readonly string[];
  readonly daysLeft: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const day = 86_400_000;
const smallestRsaKey = 2_048;

/**
 * Signature algorithms that rest on SHA-1 or MD5, as the hexadecimal content of their object identifiers (RFC 3279 section 2.2,
 * RFC 5758), for which collisions can be made (https://shattered.io).
 */
const weakSignatures: Readonly<Record<string, string>> = {
  '2a864886f70d010102': 'MD2',
  '2a864886f70d010104': 'MD5',
  '2a864886f70d010105': 'SHA-1',
  '2a8648ce380403': 'SHA-1',
  '2a8648ce3d0401': 'SHA-1',
  '2b0e03021d': 'SHA-1',
};

/** Everything that is wrong with a certificate and those above it, each as a sentence that begins with `what`; empty when all is well. */
export function certificateFaults(
  what: string,
  chain: readonly X509Certificate[],
  { names, daysLeft, now }: CertificateWish,
): readonly string[] {
  const [own, ...above] = chain;
  if (!own) return [`${what} was not shown.`];
  const [from, to] = [Date.parse(own.validFrom), Date.parse(own.validTo)];
  const left = Math.floor((to - now) / day);
  const faults: string[] = [];
  if (from > now) faults.push(`${what} is not valid before ${moment(from)}.`);
  if (to <= now) faults.push(`${what} expired on ${moment(to)}.`);
  else if (left < daysLeft) {
    faults.push(
      `${what} is valid for ${left} more days (until ${moment(to)}), wanted are at least ${daysLeft}.`,
    );
  }
  const missing = names.filter((name) => !covers(own, name));
  if (missing.length > 0) {
    faults.push(
      `${what} does not cover ${missing.join(', ')}; it is for ${namesOf(own).join(', ') || 'no names'}.`,
    );
  }
  const key = weakKey(own);
  if (key !== undefined)
    faults.push(`${what} has a key of ${key}, wanted are RSA with 2048 bits or more, or EC.`);
  for (const one of [own, ...above.filter((issuer) => !isSelfSigned(issuer))]) {
    const weak = weakSignatures[signatureOf(one.raw)];
    const which = one === own ? what : `${what} has a certificate above it (${commonName(one.subject)}) that`;
    if (weak !== undefined)
      faults.push(`${which} is signed with ${weak}, which can be forged; have it issued anew.`);
  }
  const late = above.find(({ validTo }) => Date.parse(validTo) <= now);
  if (late)
    faults.push(
      `${what} has ${commonName(late.subject)} above it, which expired on ${moment(Date.parse(late.validTo))}.`,
    );
  return faults;
}

/** A certificate as people want to read it in evidence, and the names of those above it. */
export function described([own, ...above]: readonly X509Certificate[]): string {
  if (!own) return 'no certificate';
  return [
    `subject: ${commonName(own.subject)}`,
    `issuer: ${commonName(own.issuer)}`,
    `names: ${namesOf(own).join(', ')}`,
    `valid: ${moment(Date.parse(own.validFrom))} to ${moment(Date.parse(own.validTo))}`,
    `key: ${keyOf(own)}`,
    `SHA-256: ${own.fingerprint256}`,
    `chain: ${[own, ...above].map(({ subject }) => commonName(subject)).join(' ← ')}`,
  ].join('\n');
}

/** Whether a certificate was signed with its own key. */
export function isSelfSigned(one: X509Certificate): boolean {
  return one.checkIssued(one) && one.verify(one.publicKey);
}

/** The most telling part of a subject or issuer: its common name, else all of it. */
export function commonName(name: string | undefined): string {
  const lines = (name ?? '').split('\n');
  return lines.find((line) => line.startsWith('CN='))?.slice(3) ?? (lines.join(', ') || 'no name');
}

function covers(one: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return one.checkIP(name) !== undefined;
  return one.checkHost(name, { subject: 'never' }) !== undefined;
}

function namesOf({ subjectAltName }: X509Certificate): readonly string[] {
  return (subjectAltName ?? '').split(', ').flatMap((entry) => {
    const [, name] = /^(?:DNS|IP Address):(.*)$/.exec(entry) ?? [];
    return name === undefined ? [] : [name];
  });
}

function weakKey(one: X509Certificate): string | undefined {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = one.publicKey;
  const isStrong =
    kind === 'rsa' || kind === 'rsa-pss' ? (details?.modulusLength ?? 0) >= smallestRsaKey : kind !== 'dsa';
  return isStrong ? undefined : keyOf(one);
}

function keyOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: kind = 'unknown', asymmetricKeyDetails: details } = publicKey;
  const size = details?.namedCurve ?? (details?.modulusLength && `${details.modulusLength} bits`) ?? '';
  return `${kind.toUpperCase()} ${size}`.trim();
}

/** A certificate is a sequence of its content, the signature's algorithm and the signature (RFC 5280 section 4.1). */
function signatureOf(der: Buffer): string {
  const certificate = element(der, 0);
  const content = element(der, certificate.start);
  const algorithm = element(der, content.end);
  const identifier = element(der, algorithm.start);
  return der.subarray(identifier.start, identifier.end).toString('hex');
}

/** Where the content of the DER element at an offset begins and ends (X.690 section 8.1). */
function element(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = der.readUInt8(at + 1);
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const bytes = first & 0x7f;
  const start = at + 2 + bytes;
  return { start, end: start + der.readUIntBE(at + 2, bytes) };
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
