import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Secret } from '../../src/secret.ts';
import type { Host } from '../../src/steps/step.ts';
import { fingerprint, keyPair } from '../world/sshd.ts';
import { debianRoot, operator } from './debian-root.ts';
import { claimLink } from './host-network.ts';
import { bootMachine } from './machine.ts';

const run = promisify(execFile);

/** A Debian server of its own on this machine: systemd, sshd, its own network and firewall; gone with all its files at `stop`. */
export interface DebianHost {
  /** Reachable from this machine only. */
  readonly address: string;
  /** This machine's address as the host sees it. */
  readonly outside: string;
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
  const link = await claimLink();
  const { address, outside } = link;
  const boot = async () => {
    const keys = await writeKeys(folder, address);
    return { keys, machine: await bootMachine(link.machine, root, { ...keys.binds, ...folders }) };
  };
  const { keys, machine } = await boot().catch(async (error: unknown) => {
    await link.release();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await machine.stop();
    await link.release();
  };
  try {
    await link.connect(machine.isDead);
    await answering(address, machine.isDead);
    const pid = String(await machine.firstProcess());
    return {
      address,
      outside,
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
  } catch (cause) {
    await stop();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The host ${link.machine} was not started: ${why}. systemd-nspawn said: ${machine.said() || 'nothing'}`,
      {
        cause,
      },
    );
  }
}

async function writeKeys(folder: string, address: string) {
  await keyPair(join(folder, 'client'), ['-t', 'ed25519']);
  await keyPair(join(folder, 'host'), ['-t', 'ed25519']);
  const authorized = join(folder, 'authorized_keys');
  await writeFile(authorized, await readFile(join(folder, 'client.pub')));
  await chmod(authorized, 0o644);
  const network = join(folder, 'host0.network');
  await writeFile(network, `[Match]\nName=host0\n[Network]\nAddress=${address}/30\n`);
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

async function answering(address: string, isDead: () => boolean): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(50)) {
    if (isDead()) throw new Error('it ended while it was booting');
    const socket = connect(22, address);
    const answered = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
      sleep(1_000, false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
  }
  throw new Error('it has booted, but its sshd does not answer');
}
