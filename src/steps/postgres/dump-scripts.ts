import { reveal, type Secret } from '../../secret.ts';
import { endingOnce } from '../ssh/ssh-run.ts';
import { addressOf } from './postgres-connection.ts';

/** An address taken apart for programs that run on a host; the password travels on its own. */
export interface DumpTarget {
  /** The database's name as it stands in the names of its dumps. */
  readonly prefix: string;
  readonly connection: string;
  readonly password: string;
}

/** Takes the password out of an address; throws a Failure when it is no PostgreSQL URL. */
export function dumpTarget(url: string | Secret): DumpTarget {
  const address = new URL(addressOf(url));
  const password = decodeURIComponent(address.password);
  address.password = '';
  return {
    prefix: dumpPrefix(decodeURIComponent(address.pathname.slice(1))),
    connection: address.href,
    password,
  };
}

/** The name of a database as it stands in the names of its dumps. */
export function dumpPrefix(database: string): string {
  return database.replace(/[^A-Za-z0-9_]/g, '_') || 'postgres';
}

/** The environment in which libpq's programs find a password; without one they look where they always do. */
export function passwordEnv(password: string): Record<string, string> {
  return password === '' ? {} : { PGPASSWORD: password };
}

/** The last lines that a program said, without the password that it was given. */
export function lastWords(stderr: string, url: string | Secret, lines = 1): string {
  const last = stderr.trim().split('\n').slice(-lines).join('; ');
  const { password } = URL.canParse(reveal(url)) ? new URL(reveal(url)) : { password: '' };
  const plain = decodeURIComponent(password);
  return plain === '' ? last : last.replaceAll(plain, '…');
}

/** Sets `newest` to the newest dump of `$2` in the current folder, or to nothing; names hold the time, so they sort by it. */
export const findingNewest = `newest=
for file in "$2"-*.dump; do [ -f "$file" ] && newest=$file; done`;

/**
 * For psql: one count for each table whose rows a dump holds, as `schema.table<tab>rows`; tables of extensions are left out as
 * pg_dump leaves them out.
 */
export const countingRows = `select format('select %L, count(*) from %I.%I', format('%I.%I', n.nspname, c.relname), n.nspname, c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
   and not exists (select 1 from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by n.nspname collate "C", c.relname collate "C" \\gexec`;

/**
 * Defines `take_dump NAME CONNECTION` for sh and bash under `set -eu`. Dumps to a hidden name in the current folder, counts the rows
 * in the very snapshot that is dumped, proves the dump readable, writes checksums, brings all to the disk, and only then gives them
 * their names; whatever fails before that leaves nothing behind. Only psql 16 tells how a command that it started ended, hence the
 * file that says so.
 */
export const takingDump = `take_dump() {
  dump=$1 partial=.$1.$$ connection=$2
  export partial connection
  trap 'rm -f -- "$partial" "$partial.done" "$partial.counts" "$partial.sha256"
    [ -f "$dump" ] || rm -f -- "$dump.counts" "$dump.sha256"' EXIT
  ${endingOnce}
  psql -XAtqw -v ON_ERROR_STOP=1 -F "$(printf '\\t')" -d "$connection" >"$partial.counts" <<'SQL'
begin isolation level repeatable read read only;
select pg_export_snapshot() as snapshot \\gset
\\setenv SNAPSHOT :snapshot
\\! pg_dump -w --format=custom --snapshot="$SNAPSHOT" --file="$partial" --dbname="$connection" </dev/null && : >"$partial.done"
${countingRows}
commit;
SQL
  [ -f "$partial.done" ]
  pg_restore --list -- "$partial" >/dev/null
  printf '%s  %s\\n' "$(sha256sum <"$partial" | cut -d ' ' -f 1)" "$dump" \\
    "$(sha256sum <"$partial.counts" | cut -d ' ' -f 1)" "$dump.counts" >"$partial.sha256"
  sync -- "$partial" "$partial.counts" "$partial.sha256"
  mv -- "$partial.counts" "$dump.counts"
  mv -- "$partial.sha256" "$dump.sha256"
  mv -- "$partial" "$dump"
  sync -- .
}
remove_dump() { rm -f -- "$1" "$1.sha256" "$1.counts" "$1.verified"; }`;
