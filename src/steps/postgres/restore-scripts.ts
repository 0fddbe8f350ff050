import { endingOnce } from '../ssh/ssh-run.ts';
import { countingRows, findingNewest } from './dump-scripts.ts';

/** How the proving of a dump may end besides well; exit codes out of the range that shells and PostgreSQL's programs use. */
export const restoreExits = {
  none: 44,
  busy: 45,
  damaged: 46,
  uncounted: 47,
  foreign: 48,
  notDropped: 49,
  notRestored: 50,
  different: 51,
  empty: 52,
} as const;

/** What a scratch database says of itself. */
const mark = 'Slipway restores dumps into this database to prove them; it may be dropped at any time.';

/** Tells the rows of every table in `$newest.counts` that is wanted (the words of the call) and has none there. */
const findingEmpty = `empty_tables() {
  for table; do
    awk -F '\\t' -v table="$table" '$1 == table || $1 == "public." table { if ($2 > 0) found = 1 }
      END { exit !found }' "$newest.counts" || printf '%s\\n' "$table"
  done
}`;

/** Tells of the newest dump whether it was proved, how long ago in seconds, and with how many tables and rows. Words: folder, prefix. */
export const lookingForProof = `cd -- "$1" 2>/dev/null || { echo none; exit 0; }
${findingNewest}
${findingEmpty}
shift 2
[ -n "$newest" ] || { echo none; exit 0; }
[ -f "$newest.verified" ] || { echo "unproved $newest"; exit 0; }
read -r at sum tables rows <"$newest.verified"
[ "$(sha256sum <"$newest" | cut -d ' ' -f 1)" = "$sum" ] || { echo "changed $newest"; exit 0; }
[ -z "$(empty_tables "$@")" ] || { echo "empty $newest $(empty_tables "$@" | tr '\\n' ' ')"; exit 0; }
echo "proved $newest $(($(date +%s) - at)) $tables $rows"`;

/**
 * Restores the newest dump into a scratch database and compares the rows of every table with those counted in the dump's own
 * snapshot. The scratch database is dropped whatever happens; one that a killed run left is dropped first, and one that is not
 * Slipway's is left alone. Its connection limit marks it between its creation and its comment, for no transaction can hold both.
 * Words: folder, prefix, server, scratch, connection to the scratch, seconds to wait for another such run, database, wanted tables.
 */
export const proving = `set -eu
umask 077
cd -- "$1"
server=$3 scratch=$4 target=$5 live=$7 mark='${mark}'
${findingNewest}
${findingEmpty}
# A run whose connection was lost may still be at it; it would drop the scratch database of this one.
exec 9<.
flock -w "$6" 9 || exit ${restoreExits.busy}
[ -n "$newest" ] || exit ${restoreExits.none}
shift 7
rm -f -- "$newest.verified"
sha256sum --status -c -- "$newest.sha256" 2>/dev/null || exit ${restoreExits.damaged}
[ -f "$newest.counts" ] || exit ${restoreExits.uncounted}
missing=$(empty_tables "$@")
[ -z "$missing" ] || { printf '%s\\n' "$missing"; exit ${restoreExits.empty}; }
sql() { psql -XAtqw -v ON_ERROR_STOP=1 -v scratch="$scratch" -v mark="$mark" -v live="$live" -d "$server"; }
whose() { sql <<'SQL'
select case when coalesce(shobj_description(oid, 'pg_database'), case datconnlimit when 23571 then :'mark' end) = :'mark'
            then 'ours' else 'foreign' end
  from pg_database where datname = :'scratch';
SQL
}
drop() { echo 'drop database if exists :"scratch" with (force);' | sql; }
partial=.$newest.$$
tidy() {
  status=$?
  trap - EXIT
  rm -f -- "$partial.counts" "$partial.verified" 2>/dev/null || :
  if found=$(whose) && { [ "$found" != ours ] || drop; }; then exit "$status"; fi
  exit ${restoreExits.notDropped}
}
found=$(whose)
[ "$found" != foreign ] || exit ${restoreExits.foreign}
[ "$found" != ours ] || drop
trap tidy EXIT
${endingOnce}
sql <<'SQL'
select encoding, coll, ctype from (
  select 1 as choice, pg_encoding_to_char(encoding) as encoding, datcollate as coll, datctype as ctype
    from pg_database where datname = :'live'
   union all select 2, 'UTF8', 'C', 'C') as choices
 order by choice limit 1 \\gset
create database :"scratch" template template0 encoding :'encoding' lc_collate :'coll' lc_ctype :'ctype' connection limit 23571;
comment on database :"scratch" is :'mark';
SQL
pg_restore -w --exit-on-error --no-owner --no-privileges --dbname="$target" -- "$newest" || exit ${restoreExits.notRestored}
psql -XAtqw -v ON_ERROR_STOP=1 -F "$(printf '\\t')" -d "$target" >"$partial.counts" <<'SQL'
${countingRows}
SQL
if ! cmp -s -- "$newest.counts" "$partial.counts"; then
  awk -F '\\t' 'NR == FNR { was[$1] = $2; next }
    { if (!($1 in was)) print $1 ": 0, " $2; else if (was[$1] != $2) print $1 ": " was[$1] ", " $2; delete was[$1] }
    END { for (name in was) print name ": " was[name] ", no table" }' "$newest.counts" "$partial.counts"
  exit ${restoreExits.different}
fi
told=$(awk -F '\\t' '{ tables += 1; rows += $2 } END { printf "%d %d", tables, rows }' "$newest.counts")
printf '%s %s %s\\n' "$(date +%s)" "$(sha256sum <"$newest" | cut -d ' ' -f 1)" "$told" >"$partial.verified"
sync -- "$partial.verified"
mv -- "$partial.verified" "$newest.verified"
sync -- .
echo "$newest $told"`;
