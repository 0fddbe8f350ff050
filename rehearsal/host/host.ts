import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Secret } from '../../src/secret.ts';
import type { Host } from '../../src/steps/step.ts';
import { fingerprint, keyPair } from '../world/sshd.ts';
import { debianRoot, operator } from './debian-root.ts';

const run = promisify(execFile);

/** A Debian server of its own on this machine: systemd, sshd, its own network and firewall; gone with all its files at `stop`. */
export interface DebianHost {
  /** Reachable from this machine only. */
  readonly address: string;
  /** A login that may use sudo. */
  readonly host: Host;
  /** The same machine with a login as root. */
  readonly root: Host;
  /** Runs a shell script on it as root, past SSH and Slipway; gives standard output, throws when it fails. */
  readonly shell: (script: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

interface HostOptions {
  /** Where keys and the log of the boot are. */
  readonly dir: string;
  /** Folders of this machine that the host sees, by their path on the host. */
  readonly folders?: Readonly<Record<string, string>>;
}

/** Boots an empty Debian server in about a second, once its root folder has been built. Needs root; see `hostsMissing`. */
export async function startHost({ dir, folders = {} }: HostOptions): Promise<DebianHost> {
  const root = await debianRoot();
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  const { number, release } = await claimNumber();
  const machine = `slipway${number}`;
  const address = `10.83.${number}.2`;
  const keys = await writeKeys(folder, number);
  const binds = Object.entries({ ...keys.binds, ...folders }).map(
    ([there, here]) => `--bind-ro=${here}:${there}`,
  );
  const child = spawn(
    'systemd-nspawn',
    [
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--kill-signal=SIGRTMIN+3',
      '--volatile=overlay',
      '--console=pipe',
      '--network-veth',
      '--capability=all',
      `--machine=${machine}`,
      `--directory=${root}`,
      ...binds,
      '--boot',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], detached: true },
  );
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await ended;
      }
    }
    await release();
  };
  try {
    const isDead = () => child.exitCode !== null;
    await connectNetwork(machine, number, isDead);
    await answering(address, isDead);
    const pid = await firstProcess(child.pid ?? 0);
    return {
      address,
      host: { ...keys.host, address, user: operator },
      root: { ...keys.host, address, user: 'root' },
      shell: async (script) => {
        const inside = ['--target', pid, '--all', '--', 'sh', '-c', script];
        const { stdout } = await run('nsenter', inside, {
          maxBuffer: 64 << 20,
          env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
        });
        return stdout;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A number of its own for each host that runs on this machine, whoever started it. */
async function claimNumber(): Promise<{ number: number; release: () => Promise<void> }> {
  for (let number = 1; number < 250; number += 1) {
    const claim = `/run/slipway-host-${number}`;
    const isFree = await mkdir(claim).then(
      () => true,
      () => reclaimed(claim),
    );
    if (!isFree) continue;
    await writeFile(join(claim, 'pid'), String(process.pid));
    return { number, release: () => rm(claim, { recursive: true, force: true }) };
  }
  throw new Error('too many hosts run on this machine; look at /run/slipway-host-*');
}

/** Whether a claim was left behind by a process that is gone. */
async function reclaimed(claim: string): Promise<boolean> {
  const pid = await readFile(join(claim, 'pid'), 'utf8').catch(() => '');
  return pid !== '' && !existsSync(`/proc/${pid}`);
}

async function writeKeys(folder: string, number: number) {
  await keyPair(join(folder, 'client'), ['-t', 'ed25519']);
  await keyPair(join(folder, 'host'), ['-t', 'ed25519']);
  const authorized = join(folder, 'authorized_keys');
  await writeFile(authorized, await readFile(join(folder, 'client.pub')));
  await chmod(authorized, 0o644);
  const network = join(folder, 'host0.network');
  await writeFile(network, `[Match]\nName=host0\n[Network]\nAddress=10.83.${number}.2/30\n`);
  return {
    binds: {
      '/root/.ssh/authorized_keys': authorized,
      [`/home/${operator}/.ssh/authorized_keys`]: authorized,
      '/etc/ssh/ssh_host_ed25519_key': join(folder, 'host'),
      '/etc/ssh/ssh_host_ed25519_key.pub': join(folder, 'host.pub'),
      '/etc/systemd/network/10-host0.network': network,
    },
    host: {
      port: 22,
      privateKey: new Secret('SSH_KEY', await readFile(join(folder, 'client'), 'utf8')),
      hostKey: await fingerprint(join(folder, 'host.pub')),
    },
  };
}

async function connectNetwork(machine: string, number: number, isDead: () => boolean): Promise<void> {
  const link = `ve-${machine}`;
  for (let tries = 0; !existsSync(`/sys/class/net/${link}`); tries += 1) {
    if (isDead() || tries > 500)
      throw new Error(`${machine} did not start; run systemd-nspawn by hand to see why`);
    await sleep(20);
  }
  await run('ip', ['address', 'replace', `10.83.${number}.1/30`, 'dev', link]);
  await run('ip', ['link', 'set', link, 'up']);
}

async function answering(address: string, isDead: () => boolean): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(50)) {
    if (isDead()) throw new Error('the host ended while it was booting');
    const socket = connect(22, address);
    const answered = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
      sleep(1_000, false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
  }
  throw new Error('the host has booted, but its sshd does not answer');
}

/** The host's first process as this machine numbers it. */
async function firstProcess(parent: number): Promise<string> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return children.trim().split(' ').at(-1) ?? '';
}
