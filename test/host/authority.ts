import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A server's certificate with its key and the authority that signed it, all in PEM form. */
export interface Certificate {
  /** The certificate, then the authority's. */
  readonly chain: string;
  readonly key: string;
  readonly authority: string;
}

/** Lets openssl make an authority and a certificate of it for these names, good for 90 days, in a folder. */
export async function makeCertificate(folder: string, names: readonly string[]): Promise<Certificate> {
  await mkdir(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => promisify(execFile)('openssl', words);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const extensions = [
    'basicConstraints=critical,CA:false',
    'extendedKeyUsage=serverAuth',
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
  ];
  await writeFile(file('extensions'), `${extensions.join('\n')}\n`);
  await openssl(
    ...['req', '-x509', ...curve, '-days', '365', '-subj', '/CN=Rehearsal Authority'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ...['-keyout', file('authority.key'), '-out', file('authority.crt')],
  );
  await openssl(
    ...['req', '-new', ...curve, '-subj', `/CN=${names[0] ?? ''}`],
    ...['-keyout', file('server.key'), '-out', file('server.csr')],
  );
  await openssl(
    ...['x509', '-req', '-days', '90', '-in', file('server.csr'), '-extfile', file('extensions')],
    ...['-CA', file('authority.crt'), '-CAkey', file('authority.key'), '-CAcreateserial'],
    ...['-out', file('server.crt')],
  );
  const read = (name: string) => readFile(file(name), 'utf8');
  const [server, authority, key] = await Promise.all([
    read('server.crt'),
    read('authority.crt'),
    read('server.key'),
  ]);
  return { chain: server + authority, key, authority };
}
