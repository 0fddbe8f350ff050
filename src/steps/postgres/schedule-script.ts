import { takingDump } from './dump-scripts.ts';

/** What a script of its own on the host is to dump, where to, and what it keeps. */
export interface Scheduled {
  /** The database's name as it stands in the names of its dumps. */
  readonly prefix: string;
  /** An address without a password. */
  readonly connection: string;
  readonly directory: string;
  /** Where the password is, for libpq to find. */
  readonly passwordFile: string | undefined;
  /** Days of which every dump is kept. */
  readonly days: number;
  /** Weeks of which one dump is kept. */
  readonly weeks: number;
}

/**
 * A whole program for bash that takes one dump and removes what is too old, by the days and weeks in which dumps were taken, so
 * that dumps which fail for a month do not empty the folder. The first dump of each week is copied to the folder `weekly`.
 */
export function scheduleScript(scheduled: Scheduled): string {
  const { prefix, connection, directory, passwordFile, days, weeks } = scheduled;
  return `#!/bin/bash
# Written by Slipway (postgres/backup-schedule), which overwrites changes made here.
set -euo pipefail
shopt -s nullglob
umask 077
export LC_ALL=C
${passwordFile === undefined ? '' : `export PGPASSFILE=${quoted(passwordFile)}\n`}prefix=${quoted(prefix)}
${takingDump}
day_of() { local stamp=\${1##*/}; stamp=\${stamp#"$prefix"-}; printf '%s\\n' "\${stamp:0:8}"; }
days_in() { local file; for file in "$1/$prefix"-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T*.dump; do day_of "$file"; done | sort -u; }
keep_days() {
  local folder=$1 first file
  first=$(days_in "$folder" | tail -n "$2" | sed -n 1p)
  for file in "$folder/$prefix"-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T*.dump; do
    if [[ $(day_of "$file") < $first ]]; then remove_dump "$file"; fi
  done
}
cd -- ${quoted(directory)}
mkdir -p weekly
exec 9<weekly
flock -w 60 9 || { echo 'an earlier dump still runs' >&2; exit 45; }
name=$prefix-$(date -u +%Y%m%dT%H%M%SZ).dump
take_dump "$name" ${quoted(connection)}
this_week=$(date -u -d "$(day_of "$name")" +%G-%V)
is_first=yes
for day in $(days_in weekly); do
  if [[ $(date -u -d "$day" +%G-%V) == "$this_week" ]]; then is_first=no; fi
done
if [[ $is_first == yes ]]; then
  rm -f -- weekly/.partial-*
  for file in "$name.counts" "$name.sha256" "$name"; do
    cp -- "$file" "weekly/.partial-$file"
    sync -- "weekly/.partial-$file"
    mv -- "weekly/.partial-$file" "weekly/$file"
  done
  sync -- weekly
fi
keep_days . ${days}
keep_days weekly ${weeks}
echo "$name $(stat -c %s -- "$name")"
`;
}

/** One word for a shell, which interprets nothing within single quotes. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
