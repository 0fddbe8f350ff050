import type { DebianHost } from '../../rehearsal/host/host.ts';

/** What a host is like, part by part, as text that is the same as long as nothing has been changed. */
export type Snapshot = Readonly<Record<string, string>>;

/** Folders whose content changes by itself while the services run. */
const restless = [
  '/dev',
  '/proc',
  '/run',
  '/sys',
  '/tmp',
  '/var/cache',
  '/var/lib/containerd',
  '/var/lib/docker',
  '/var/lib/postgresql',
  '/var/lib/redis',
  '/var/lib/systemd',
  '/var/log',
  '/var/tmp',
];

const parts: Readonly<Record<string, string>> = {
  // Name, kind, permissions, owner, group, and when content and status were changed last.
  files: `find / ${restless.map((path) => `-path ${path} -prune -o`).join(' ')} -printf '%p %y %m %u %g %T@ %C@\\n' | sort`,
  packages: `dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n'`,
  accounts: 'getent passwd; getent group',
  services: `for unit in $(systemctl list-units --type=service --state=running --no-legend --plain | cut -d ' ' -f 1 | grep -v -E '^(user|session|systemd-|nspawn)' | sort); do
    echo "$unit $(systemctl show --property=MainPID,NRestarts,ActiveEnterTimestampMonotonic,UnitFileState $unit | tr '\\n' ' ')"
  done`,
  failed: 'systemctl --failed --no-legend --plain',
  timers:
    'systemctl list-unit-files --type=timer --no-legend; ls /etc/cron.d; cat /var/spool/cron/crontabs/* 2>/dev/null || true',
  firewall: 'nft --stateless list ruleset | grep -v -i docker || true',
  listening: "ss -H -l -n -t -u | awk '{ print $1, $5 }' | sort -u",
  postgres: `cd /; for statement in \\
      "select rolname, rolcanlogin, rolpassword from pg_authid order by 1" \\
      "select datname, datacl from pg_database order by 1" \\
      "select name, setting from pg_settings where source not in ('default', 'session', 'client') and name not like 'transaction%' order by 1"; do
    runuser -u postgres -- psql -AtXc "$statement" 2>/dev/null || true
  done
  for database in $(runuser -u postgres -- psql -AtXc "select datname from pg_database where not datistemplate" 2>/dev/null); do
    runuser -u postgres -- pg_dump --no-comments "$database" | grep -v '^.\\(un\\)\\?restrict ' | sha256sum
  done`,
  images: "docker images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' 2>/dev/null | sort || true",
};

/** Looks at everything that a deployment may change on a host. */
export async function snapshotOf({ shell }: DebianHost): Promise<Snapshot> {
  const taken: Record<string, string> = {};
  for (const [part, script] of Object.entries(parts)) taken[part] = await shell(script);
  return taken;
}

/** The lines of each part that are in one snapshot only, marked with - (before) or + (after). */
export function differences(before: Snapshot, after: Snapshot): readonly string[] {
  return Object.keys(after).flatMap((part) => {
    const [old, now] = [linesOf(before[part]), linesOf(after[part])];
    const gone = [...old].filter((line) => !now.has(line)).map((line) => `${part} - ${line}`);
    const come = [...now].filter((line) => !old.has(line)).map((line) => `${part} + ${line}`);
    return [...gone, ...come];
  });
}

function linesOf(text = ''): ReadonlySet<string> {
  return new Set(text.split('\n'));
}
