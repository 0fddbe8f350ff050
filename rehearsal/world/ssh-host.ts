import { spawn } from 'node:child_process';
import { createHash, timingSafeEqual } from 'node:crypto';
import { constants, existsSync, realpathSync } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type ServerChannel } from 'ssh2';
import { z } from 'zod';
import { Secret } from '../../src/secret.ts';
import { fingerprintOf } from '../../src/steps/ssh/ssh-connection.ts';
import type { Host } from '../../src/steps/step.ts';
import { bootMachine, type Machine } from '../machine/boot.ts';
import { intoRoot, outOfRoot } from '../machine/played-root.ts';
import { freePort } from './free-port.ts';

// The package is CommonJS, whose names Node does not all find.
const { Server, utils } = ssh2;

const Pair = z.object({ private: z.string(), public: z.string() });
const Kept = z.object({ port: z.int(), host: Pair, client: Pair });

/** A host played on this machine: its commands run here, as the account that started it, with its own places in one folder. */
export interface SshHost {
  readonly host: Host;
  /** The folder in which /etc, /srv, /run and /var of the host lie. */
  readonly root: string;
  readonly stop: () => Promise<void>;
}

interface SshHostOptions {
  readonly dir: string;
  /** Where the rehearsal lies as JavaScript, when it is not run from there. */
  readonly compiled?: string;
}

/** Where those who come over the network seem to come from and go to, in addresses that are kept for examples (RFC 5737). */
const connection = '198.51.100.7 50000 203.0.113.10 22';

/**
 * Starts an SSH server on loopback that needs nothing installed and no rights: whoever logs in as `root` is the account that
 * runs this, on a host whose own places lie in `dir`. Keys, port and what was done to the host are the same at the next start.
 */
export async function startSshHost({ dir, ...options }: SshHostOptions): Promise<SshHost> {
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  const root = rootFor(folder);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await access(root, constants.W_OK);
  const machine = await bootMachine({ root: realpathSync(root), ...options });
  const state = join(folder, 'ssh-host.json');
  const kept = existsSync(state)
    ? Kept.parse(JSON.parse(await readFile(state, 'utf8')))
    : { port: 0, host: newKeys(), client: newKeys() };
  const port = await freePort(kept.port);
  await writeFile(state, JSON.stringify({ ...kept, port }), { mode: 0o600 });

  const connections = new Set<Connection>();
  const server = new Server({ hostKeys: [kept.host.private] }, (connection) => {
    connections.add(connection);
    connection.on('authentication', (attempt) => authenticate(attempt, kept.client.public));
    connection.on('session', (accept) => {
      accept().on('exec', (acceptCommand, _reject, { command }) =>
        runCommand(acceptCommand(), command, machine),
      );
    });
    connection.on('close', () => connections.delete(connection));
    // A client that goes away in the middle is no event here.
    connection.on('error', () => {});
  });
  await new Promise<void>((settle, fail) => {
    server.once('error', fail).listen(port, '127.0.0.1', settle);
  });
  return {
    host: {
      address: '127.0.0.1',
      port,
      user: 'root',
      privateKey: new Secret('key of app', kept.client.private),
      hostKey: fingerprintOf(blobOf(kept.host.public)),
    },
    root: machine.env.PLAYED_ROOT,
    stop: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((settle) => server.close(() => settle()));
      await machine.stop();
    },
  };
}

/** In the scripts of the steps the host's paths stand without quotes, so what is put before them must not need any. */
function rootFor(folder: string): string {
  if (/^[\w./-]+$/.test(folder)) return join(folder, 'root');
  const sum = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `slipway-host-${userInfo().uid}-${sum}`);
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

function runCommand(channel: ServerChannel, command: string, { env }: Machine): void {
  const { PLAYED_ROOT: root } = env;
  const child = spawn('/bin/sh', ['-c', intoRoot(root, command)], {
    stdio: 'pipe',
    cwd: '/',
    env: { ...env, SSH_CONNECTION: connection },
  });
  child.stdin.on('error', () => {});
  channel.on('error', () => {});
  channel.pipe(child.stdin);
  // A client that goes away in the middle is no event here either.
  const outputs = Promise.allSettled([
    pipeline(child.stdout, outOfRoot(root), channel, { end: false }),
    pipeline(child.stderr, outOfRoot(root), channel.stderr, { end: false }),
  ]);
  child.once('close', async (code) => {
    await outputs;
    channel.exit(code ?? 137);
    channel.end();
  });
}

/** The key itself out of `ssh-ed25519 AAAA… comment`. */
function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}
