import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { claim } from './claim.ts';
import { addressesMissing } from './host-network.ts';

const programs = [
  '/usr/sbin/debootstrap',
  '/usr/bin/systemd-nspawn',
  '/usr/bin/setpriv',
  '/usr/bin/unshare',
  '/usr/sbin/ip',
];

/** What an empty server has before Slipway comes: systemd, an SSH server, sudo, and nothing of the checklist. */
const base = ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'openssh-server', 'sudo', 'ca-certificates'];

/** What the checklist installs; the host has no way to the outside, so its packages lie in apt's cache. */
const cached = [
  'cron',
  'docker.io',
  'git',
  'gunicorn',
  'nftables',
  'nginx-light',
  'openssl',
  'postgresql',
  'python3-flask',
  'python3-flask-migrate',
  'python3-flask-socketio',
  'python3-gevent-websocket',
  'python3-pip',
  'python3-prometheus-client',
  'python3-psycopg2',
  'python3-redis',
  'python3-venv',
  'redis-server',
];

/** The account with which people log in; it may use sudo without a password. */
export const operator = 'deploy';

const preparing = `set -eu
export DEBIAN_FRONTEND=noninteractive
printf 'APT::Install-Recommends "false";\\nAcquire::Languages "none";\\n' >/etc/apt/apt.conf.d/90slipway
apt-get update -qq
apt-get install -qq --download-only ${cached.join(' ')} >/dev/null
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer systemd-resolved.service >/dev/null 2>&1
systemctl enable systemd-networkd.service >/dev/null 2>&1
rm -f /etc/ssh/ssh_host_*
useradd --create-home --shell /bin/bash ${operator}
echo '${operator} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${operator}
chmod 0440 /etc/sudoers.d/${operator}`;

/** Why no Debian host can be built and started here, or undefined when it can. */
export function hostsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may start a host';
  const missing = programs.filter((path) => !existsSync(path));
  if (missing.length > 0) return `${missing.join(' and ')} cannot be found`;
  const namespaces = spawnSync(
    '/usr/bin/unshare',
    ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', 'true'],
    {
      encoding: 'utf8',
    },
  );
  if (namespaces.status !== 0) return `this machine gives no namespaces: ${namespaces.stderr.trim()}`;
  return addressesMissing();
}

/**
 * The root folder of an empty Debian 12 server, built with debootstrap the first time (one to three minutes) and kept in the
 * cache folder of the account for the next; it must not be changed. Whoever needs it while another process builds it waits.
 */
export async function debianRoot(): Promise<string> {
  const recipe = createHash('sha256')
    .update(JSON.stringify([base, cached, preparing]))
    .digest('hex');
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway');
  const root = join(cache, `debian-${recipe.slice(0, 12)}`);
  while (!existsSync(root)) {
    const release = await claim(`build-${recipe.slice(0, 12)}`);
    if (release === undefined) {
      await sleep(500);
      continue;
    }
    try {
      if (!existsSync(root)) await build(root);
    } finally {
      await release();
    }
  }
  return root;
}

async function build(root: string): Promise<void> {
  const partial = `${root}.partial`;
  // What an interrupted build left behind.
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o755 });
  await apart(['debootstrap', '--variant=minbase', `--include=${base.join(',')}`, 'bookworm', partial]);
  await writeFile(join(partial, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await apart(['chroot', partial, 'sh', '-c', preparing]);
  await rm(join(partial, 'usr/sbin/policy-rc.d'));
  await rename(partial, root);
}

/** Runs a command whose mounts and processes are gone when it ends or when this process ends, however that happens. */
async function apart(words: readonly string[]): Promise<void> {
  const namespaces = ['/usr/bin/unshare', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const options = { maxBuffer: 64 << 20 };
  await promisify(execFile)('/usr/bin/setpriv', ['--pdeathsig=KILL', ...namespaces, ...words], options).catch(
    (error: { readonly stdout?: string; readonly stderr?: string }) => {
      const said = [error.stderr, error.stdout].join('\n').trim().split('\n').slice(-5).join('\n');
      throw new Error(`No Debian could be built: ${words[0]} said:\n${said}`);
    },
  );
}
