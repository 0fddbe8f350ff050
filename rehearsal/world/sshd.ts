import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Secret } from '../../src/secret.ts';
import type { Host } from '../../src/steps/step.ts';
import { freePort } from './free-port.ts';

const program = '/usr/sbin/sshd';

/** A real SSH server on loopback; `host` has its pinned key and a client key that it accepts. */
export interface Sshd {
  readonly host: Host;
  readonly stop: () => Promise<void>;
}

/** Starts Debian's sshd with keys made in `dir`, logging in as the own user; undefined where it is not installed. */
export async function startSshd({ dir }: { dir: string }): Promise<Sshd | undefined> {
  if (!existsSync(program)) return undefined;
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  // sshd gives up its privileges into this folder, which Debian's service would have made.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const hostKeys = [join(folder, 'host_ed25519'), join(folder, 'host_rsa')];
  await keyPair(hostKeys[0] ?? '', ['-t', 'ed25519']);
  await keyPair(hostKeys[1] ?? '', ['-t', 'rsa', '-b', '2048']);
  const clientKey = join(folder, 'client');
  await keyPair(clientKey, ['-t', 'ed25519']);
  const port = await freePort();
  const config = join(folder, 'sshd_config');
  await writeFile(config, await configuration(folder, port, hostKeys));
  const child = spawn(program, ['-D', '-e', '-f', config], { stdio: 'ignore' });
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  await listening(port, () => child.exitCode !== null);
  const host: Host = {
    address: '127.0.0.1',
    port,
    user: userInfo().username,
    privateKey: new Secret('SSH_KEY', await readFile(clientKey, 'utf8')),
    hostKey: await fingerprint(`${hostKeys[0]}.pub`),
  };
  return {
    host,
    stop: async () => {
      process.off('exit', killAtExit);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** The fingerprint of a public key file as `ssh-keygen -l` prints it: `SHA256:…`. */
export async function fingerprint(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ssh-keygen', ['-l', '-f', file]);
  return stdout.split(' ')[1] ?? '';
}

/** Makes a key pair without a passphrase at that path, unless it is there already. */
export async function keyPair(path: string, kind: readonly string[]): Promise<void> {
  if (existsSync(path)) return;
  await promisify(execFile)('ssh-keygen', ['-q', '-N', '', ...kind, '-f', path]);
}

async function configuration(folder: string, port: number, hostKeys: readonly string[]): Promise<string> {
  // sshd refuses key files in folders that others may write, such as below /tmp; a command that prints them is not held to that.
  const keys = join(folder, 'authorized_keys');
  await writeFile(keys, await readFile(join(folder, 'client.pub')));
  await chmod(keys, 0o644);
  const common = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    'PidFile none',
    'UsePAM no',
    // Else one of eleven logins at the same moment is turned away by chance.
    'MaxStartups 100',
    'PasswordAuthentication no',
  ];
  const root = process.getuid?.() === 0;
  const access = root
    ? ['AuthorizedKeysFile none', `AuthorizedKeysCommand /bin/cat ${keys}`, 'AuthorizedKeysCommandUser root']
    : [`AuthorizedKeysFile ${keys}`, 'StrictModes no'];
  return [...common, ...hostKeys.map((key) => `HostKey ${key}`), ...access, 'PermitRootLogin yes', ''].join(
    '\n',
  );
}

async function listening(port: number, dead: () => boolean): Promise<void> {
  for (const until = performance.now() + 10_000; performance.now() < until; await sleep(20)) {
    if (dead()) throw new Error('sshd ended at once; run it with the same configuration by hand to see why');
    const socket = connect(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
  }
  throw new Error('sshd does not answer');
}
