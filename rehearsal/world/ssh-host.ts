import { execFile, spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type ServerChannel } from 'ssh2';
import { z } from 'zod';
import { Secret } from '../../src/secret.ts';
import { fingerprintOf } from '../../src/steps/ssh/ssh-connection.ts';
import type { Host } from '../../src/steps/step.ts';
import { freePort } from './free-port.ts';

// The package is CommonJS, whose names Node does not all find.
const { Server, utils } = ssh2;

const Pair = z.object({ private: z.string(), public: z.string() });
const Kept = z.object({ port: z.int(), host: Pair, client: Pair });

/** A host played on this machine: its commands run here, as the account that started it, with its files in one folder. */
export interface SshHost {
  readonly host: Host;
  /** The account and group under which its commands run, as the demo's plan names them. */
  readonly account: { readonly HOST_ACCOUNT: string; readonly HOST_GROUP: string };
  /** Where its files are. */
  readonly files: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts an SSH server on loopback that needs nothing installed and no rights: whoever logs in as `root` is the account that
 * runs this. What Slipway would keep under /var/lib/slipway goes into `dir`. Keys and port are the same at the next start.
 */
export async function startSshHost({ dir }: { dir: string }): Promise<SshHost> {
  const folder = resolve(dir);
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  const state = join(folder, 'ssh-host.json');
  const kept = existsSync(state)
    ? Kept.parse(JSON.parse(await readFile(state, 'utf8')))
    : { port: 0, host: newKeys(), client: newKeys() };
  const port = await freePort(kept.port);
  await writeFile(state, JSON.stringify({ ...kept, port }), { mode: 0o600 });

  const words = (command: string) => command.replaceAll("'/var/lib/slipway/", `'${folder}/slipway/`);
  const connections = new Set<Connection>();
  const server = new Server({ hostKeys: [kept.host.private] }, (connection) => {
    connections.add(connection);
    connection.on('authentication', (attempt) => authenticate(attempt, kept.client.public));
    connection.on('session', (accept) => {
      accept().on('exec', (acceptCommand, _reject, { command }) =>
        runCommand(acceptCommand(), words(command)),
      );
    });
    connection.on('close', () => connections.delete(connection));
    // A client that goes away in the middle is no event here.
    connection.on('error', () => {});
  });
  await new Promise<void>((settle, fail) => {
    server.once('error', fail).listen(port, '127.0.0.1', settle);
  });
  const { stdout: group } = await promisify(execFile)('id', ['-gn']);
  return {
    account: { HOST_ACCOUNT: userInfo().username, HOST_GROUP: group.trim() },
    host: {
      address: '127.0.0.1',
      port,
      user: 'root',
      privateKey: new Secret('key of app', kept.client.private),
      hostKey: fingerprintOf(blobOf(kept.host.public)),
    },
    files,
    stop: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((settle) => server.close(() => settle()));
    },
  };
}

/** Of this kind because one in some hundred of the library's ed25519 keys cannot be read again. */
function newKeys(): z.output<typeof Pair> {
  return utils.generateKeyPairSync('ecdsa', { bits: 256 });
}

/** A client first asks whether the key would do, then proves with a signature that it has it (RFC 4252, section 7). */
function authenticate(attempt: AuthContext, publicKey: string): void {
  if (attempt.method === 'publickey' && isKnown(attempt, publicKey)) attempt.accept();
  else attempt.reject(['publickey']);
}

function isKnown({ key, blob, signature, hashAlgo }: PublicKeyAuthContext, publicKey: string): boolean {
  const wanted = utils.parseKey(publicKey);
  if (wanted instanceof Error) return false;
  const known = wanted.getPublicSSH();
  if (key.data.length !== known.length || !timingSafeEqual(key.data, known)) return false;
  if (signature === undefined || blob === undefined) return signature === undefined;
  return wanted.verify(blob, signature, hashAlgo) === true;
}

function runCommand(channel: ServerChannel, command: string): void {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe', cwd: '/' });
  child.stdin.on('error', () => {});
  channel.on('error', () => {});
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('close', (code) => {
    channel.exit(code ?? 137);
    channel.end();
  });
}

/** The key itself out of `ssh-ed25519 AAAA… comment`. */
function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}
