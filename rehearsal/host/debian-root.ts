import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

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

/** Why no Debian host can be built here, or undefined when it can. */
export function hostsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may start a host';
  const programs = ['/usr/sbin/debootstrap', '/usr/bin/systemd-nspawn'];
  return programs.every((path) => existsSync(path)) ? undefined : 'debootstrap or systemd-nspawn is missing';
}

/**
 * The root folder of an empty Debian 12 server, built with debootstrap the first time (about a minute) and kept in the cache
 * folder of the account for the next; it must not be changed.
 */
export async function debianRoot(): Promise<string> {
  const recipe = createHash('sha256')
    .update(JSON.stringify([base, cached, preparing]))
    .digest('hex');
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway');
  const root = join(cache, `debian-${recipe.slice(0, 12)}`);
  if (existsSync(root)) return root;
  await mkdir(cache, { recursive: true });
  const lock = `${root}.building`;
  const isOurs = await mkdir(lock).then(
    () => true,
    () => false,
  );
  if (!isOurs) {
    while (!existsSync(root)) {
      if (!existsSync(lock)) return debianRoot();
      await sleep(500);
    }
    return root;
  }
  const free = () => rm(lock, { recursive: true, force: true });
  const freeAtExit = () => void run('rmdir', [lock]).catch(() => undefined);
  process.once('exit', freeAtExit);
  const partial = await mkdtemp(join(cache, 'partial-'));
  try {
    await run('debootstrap', ['--variant=minbase', `--include=${base.join(',')}`, 'bookworm', partial], {
      maxBuffer: 64 << 20,
    });
    await writeFile(join(partial, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    await run('chroot', [partial, 'sh', '-c', preparing], { maxBuffer: 64 << 20 });
    await rm(join(partial, 'usr/sbin/policy-rc.d'));
    await rename(partial, root);
    return root;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  } finally {
    process.off('exit', freeAtExit);
    await free();
  }
}
