import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate with its key, as PEM texts. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

interface Wish {
  readonly names: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
  readonly bits?: number;
  readonly digest?: 'sha1' | 'sha256';
  /** Left out for a certificate of the root's own. */
  readonly by?: Issued | 'itself';
  readonly isAuthority?: boolean;
}

/** A certificate authority of openssl's, with a root and one certificate between it and the servers'. */
export interface Authority {
  readonly root: Issued;
  readonly between: Issued;
  readonly issue: (wish: Wish) => Promise<Issued>;
}

/** Makes an authority whose files lie in a folder. */
export async function startAuthority(dir: string): Promise<Authority> {
  await mkdir(dir, { recursive: true });
  let number = 0;
  let root: Issued | undefined;
  const issue = async ({
    names,
    from = -1,
    to = 90,
    bits = 2048,
    digest = 'sha256',
    by,
    isAuthority,
  }: Wish) => {
    number += 1;
    const own = join(dir, String(number));
    const [name = ''] = names;
    const extensions = isAuthority
      ? 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign'
      : `basicConstraints=CA:false\nsubjectAltName=${names.map((one) => (/^[\d.]+$/.test(one) ? `IP:${one}` : `DNS:${one}`)).join(',')}`;
    await writeFile(`${own}.ext`, `${extensions}\nsubjectKeyIdentifier=hash\n`);
    await run('openssl', [
      'genpkey',
      '-algorithm',
      'RSA',
      '-pkeyopt',
      `rsa_keygen_bits:${bits}`,
      '-out',
      `${own}.key`,
    ]);
    await run('openssl', ['req', '-new', '-key', `${own}.key`, '-subj', `/CN=${name}`, '-out', `${own}.csr`]);
    const issuer = by === 'itself' ? undefined : (by ?? root);
    if (issuer) {
      await writeFile(`${own}.issuer.key`, issuer.key);
      await writeFile(`${own}.issuer.crt`, issuer.cert);
    }
    // `openssl ca` is what sets both dates; it wants files of its own.
    await writeFile(`${own}.index`, '');
    const config = `[ca]\ndefault_ca=own\n[own]\ndatabase=${own}.index\nnew_certs_dir=${dir}\nrand_serial=yes\nunique_subject=no\nemail_in_dn=no\npolicy=any\n[any]\ncommonName=supplied\n`;
    await writeFile(`${own}.conf`, config);
    const signer = issuer
      ? ['-keyfile', `${own}.issuer.key`, '-cert', `${own}.issuer.crt`]
      : ['-selfsign', '-keyfile', `${own}.key`];
    const dates = ['-startdate', stamp(from), '-enddate', stamp(to)];
    await run('openssl', [
      'ca',
      '-batch',
      '-notext',
      '-config',
      `${own}.conf`,
      ...signer,
      '-in',
      `${own}.csr`,
      '-out',
      `${own}.crt`,
      '-md',
      digest,
      ...dates,
      '-extfile',
      `${own}.ext`,
    ]);
    return { cert: await readFile(`${own}.crt`, 'utf8'), key: await readFile(`${own}.key`, 'utf8') };
  };
  root = await issue({ names: ['Own Root'], by: 'itself', isAuthority: true, to: 4_000, from: -400 });
  const between = await issue({ names: ['Own Intermediate'], isAuthority: true, to: 2_000, from: -400 });
  return { root, between, issue };
}

function stamp(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000);
  return at.toISOString().replace(/[-:T]|\.\d+/g, '');
}
