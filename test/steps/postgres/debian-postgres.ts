import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';

/** A Debian server with PostgreSQL 15 on it, and a superuser's login for both views. */
export interface DebianPostgres {
  readonly debian: DebianHost;
  /** As seen from the host itself. */
  readonly inside: (database: string) => string;
  /** As seen from this machine. */
  readonly outside: (database: string) => string;
  readonly stop: () => Promise<void>;
}

/** Boots a server, installs PostgreSQL and the given packages on it, and opens the database to this machine. */
export async function startDebianPostgres(
  packages: readonly string[],
  folders: Readonly<Record<string, string>> = {},
): Promise<DebianPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-host-'));
  const debian = await startHost({ dir, folders });
  const stop = async () => {
    await debian.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await debian.shell(`set -eu
      export DEBIAN_FRONTEND=noninteractive
      apt-get install -qq -y postgresql ${packages.join(' ')} >/dev/null 2>&1
      cd /etc/postgresql/15/main
      printf "listen_addresses = '*'\\nfsync = off\\n" >>postgresql.conf
      echo 'host all all 10.83.0.0/16 scram-sha-256' >>pg_hba.conf
      systemctl restart postgresql@15-main
      runuser -u postgres -- psql -q -c "create role admin superuser login password 'adm1n-5ecret'"`);
  } catch (error) {
    await stop();
    throw error;
  }
  const at = (address: string) => (database: string) =>
    `postgres://admin:adm1n-5ecret@${address}:5432/${encodeURIComponent(database)}`;
  return { debian, inside: at('127.0.0.1'), outside: at(debian.address), stop };
}
