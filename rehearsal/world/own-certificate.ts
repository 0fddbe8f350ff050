import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate with its key, and that of the authority which issued it, as PEM texts. */
export interface OwnCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

const day = 86_400_000;

/**
 * A certificate for these names from an authority of the rehearsal's own, both made by openssl in `dir` and kept there until a month
 * before it ends; undefined where there is no openssl.
 */
export async function ownCertificate(
  dir: string,
  names: readonly string[],
): Promise<OwnCertificate | undefined> {
  if (!(await runs('openssl', 'version'))) return undefined;
  await mkdir(dir, { recursive: true });
  const own = {
    certificate: join(dir, 'own.crt'),
    key: join(dir, 'own.key'),
    authority: join(dir, 'ca.crt'),
  };
  if (!(await lasts(own.certificate))) await make(dir, names);
  const [certificate, key, authority] = await Promise.all(
    [own.certificate, own.key, own.authority].map((file) => readFile(file, 'utf8')),
  );
  return { certificate: certificate ?? '', key: key ?? '', authority: authority ?? '' };
}

/** Whether a program is on this machine. */
export async function runs(program: string, ...words: readonly string[]): Promise<boolean> {
  return promisify(execFile)(program, [...words]).then(
    () => true,
    () => false,
  );
}

async function lasts(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const { validTo } = new X509Certificate(await readFile(file));
  return Date.parse(validTo) > Date.now() + 31 * day;
}

/** The machine's own openssl.cnf may ask for anything, so it is not used. */
async function make(dir: string, names: readonly string[]): Promise<void> {
  const [name = ''] = names;
  const files = {
    'ca.cnf':
      '[req]\ndistinguished_name=name\nx509_extensions=own\nprompt=no\n[name]\nCN=SoftFactory Rehearsal CA\n[own]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n',
    'own.cnf': `[req]\ndistinguished_name=name\nprompt=no\n[name]\nCN=${name}\n`,
    'own.ext': `basicConstraints=CA:false\nsubjectAltName=${names.map((one) => `DNS:${one}`).join(',')}\nauthorityKeyIdentifier=keyid\n`,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text);
  const openssl = (...words: readonly string[]) => promisify(execFile)('openssl', [...words], { cwd: dir });
  const key = (file: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  await key('ca.key');
  await key('own.key');
  const authority = ['-new', '-x509', '-config', 'ca.cnf', '-key', 'ca.key', '-sha256', '-days', '3650'];
  await openssl('req', ...authority, '-out', 'ca.crt');
  await openssl('req', '-new', '-config', 'own.cnf', '-key', 'own.key', '-out', 'own.csr');
  const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-sha256', '-days', '365'];
  await openssl('x509', '-req', '-in', 'own.csr', ...issuer, '-extfile', 'own.ext', '-out', 'own.crt');
}
