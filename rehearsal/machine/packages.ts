import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeLauncher } from './launchers.ts';

/** What a Debian package brings to a played host. */
export interface Offered {
  readonly version: string;
  /** Stand-ins that it puts in place, each the name of a program below `programs`. */
  readonly programs: readonly string[];
  /** Its files by their path on the host, each written unless it is there already, as a configuration file would be. */
  readonly files: Readonly<Record<string, string>>;
  /** The unit that is enabled and started when it is installed. */
  readonly starts?: string;
}

const nginxUnit = `[Unit]
Description=A high performance web server and a reverse proxy server
After=network-online.target

[Service]
Type=notify
ExecStart=/usr/sbin/nginx -g "daemon off;"
ExecReload=/bin/kill -s HUP $MAINPID

[Install]
WantedBy=multi-user.target
`;

const nginxConfiguration = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;

events {
    worker_connections 768;
}

http {
    access_log /var/log/nginx/access.log;
    include /etc/nginx/sites-enabled/*;
}
`;

const nftablesUnit = `[Unit]
Description=nftables
Before=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/nftables.conf

[Install]
WantedBy=sysinit.target
`;

/** The programs that are there before any package is installed. */
export const basePrograms = [
  'apt-get',
  'groupadd',
  'groupdel',
  'journalctl',
  'mount',
  'systemctl',
  'systemd-analyze',
  'systemd-run',
  'unshare',
  'useradd',
  'userdel',
  'usermod',
] as const;

/** What the sources of a played host offer, with the versions of Debian 12; node is the one that runs all this. */
export const offers: Readonly<Record<string, Offered>> = {
  'docker.io': { version: '20.10.24+dfsg1-1+deb12u1', programs: ['docker'], files: {} },
  nftables: {
    version: '1.0.6-2+deb12u2',
    programs: ['nft'],
    files: {
      '/usr/lib/systemd/system/nftables.service': nftablesUnit,
      '/etc/nftables.conf': '#!/usr/sbin/nft -f\n\nflush ruleset\n',
    },
  },
  'nginx-light': {
    version: '1.22.1-9+deb12u2',
    programs: ['nginx'],
    files: {
      '/usr/lib/systemd/system/nginx.service': nginxUnit,
      '/etc/nginx/nginx.conf': nginxConfiguration,
    },
    starts: 'nginx.service',
  },
  nodejs: { version: `${process.versions.node}-1`, programs: [], files: {} },
};

const folders: Readonly<Record<string, readonly string[]>> = {
  'nginx-light': ['/etc/nginx/sites-available', '/etc/nginx/sites-enabled', '/var/log/nginx'],
};

/** Puts what a package brings below the host's root. */
export function unpack(root: string, name: string): void {
  const { programs = [], files = {} } = offers[name] ?? {};
  for (const folder of folders[name] ?? []) mkdirSync(join(root, folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) writeFileSync(file, text);
  }
  for (const program of programs) writeLauncher(root, program);
  if (name === 'nodejs') {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    rmSync(join(root, 'usr/bin/node'), { force: true });
    symlinkSync(process.execPath, join(root, 'usr/bin/node'));
  }
}

/** Takes a package's programs away; configuration files stay, as `apt-get remove` leaves them. */
export function takeAway(root: string, name: string): void {
  for (const program of offers[name]?.programs ?? [])
    rmSync(join(root, 'usr/sbin', program), { force: true });
  for (const path of Object.keys(offers[name]?.files ?? {})) {
    if (path.startsWith('/usr/')) rmSync(join(root, path), { force: true });
  }
  if (name === 'nodejs') rmSync(join(root, 'usr/bin/node'), { force: true });
}
