import { basename, dirname, join } from 'node:path/posix';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';
import { firstError } from './nginx-error.ts';

/** What is to be changed at once; an empty text as a link's target means that there is no such link. */
export interface Activation {
  readonly configuration: string;
  /** The site's file, and the file whose content it gets: `null` removes it, the same path leaves it as it is. */
  readonly site: string;
  readonly source: string | null;
  readonly links: readonly { readonly path: string; readonly wanted: string; readonly before: string }[];
  /** Whether nginx is to be stopped afterwards, as before it was started by this; nothing is tested then. */
  readonly stops?: boolean;
}

/** Where a site's next content waits until it is put in place; `activate` removes it. */
export function candidateOf(site: string): string {
  return join(dirname(site), `.slipway-candidate-${basename(site)}`);
}

/** Where earlier contents of sites wait for an undo; only root may look in. */
const keptIn = '/var/lib/slipway/kept';

const exits = {
  noView: 41,
  linkedFolder: 42,
  refused: 43,
  notIncluded: 44,
  notRenewed: 45,
  broken: 46,
  notKept: 47,
  busy: 48,
  stopped: 49,
};

/** Gives the site its content and the links their targets, each in one rename; `back` takes each link's earlier target. */
const putting = `put() {
  from=$1 site=$2 direction=$3; shift 3
  folder=$(dirname -- "$site")
  if [ -z "$from" ]; then rm -f -- "$site"
  elif [ "$from" != "$site" ]; then
    cp -p -- "$from" "$folder/.slipway-put" && sync -- "$folder/.slipway-put" &&
      mv -T -- "$folder/.slipway-put" "$site"
  fi || return 1
  sync -- "$folder"
  while [ $# -gt 0 ]; do
    link=$1 target=$2
    [ "$direction" = forward ] || target=$3
    shift 3
    folder=$(dirname -- "$link")
    if [ -z "$target" ]; then rm -f -- "$link"
    elif [ "$(readlink -- "$link")" != "$target" ]; then
      rm -f -- "$folder/.slipway-link"
      ln -s -- "$target" "$folder/.slipway-link" && mv -T -- "$folder/.slipway-link" "$link"
    fi || return 1
    sync -- "$folder"
  done
}`;

/**
 * Runs in a mount namespace of its own, where a copy in memory lies over nginx's folder: nginx sees the change under the real
 * paths, absolute includes among them, and nobody else does. The kernel drops it with the process, however that ends.
 */
const trying = `set -u
${putting}
configuration=$1 site=$2 source=$3; shift 3
dir=$(dirname -- "$configuration")
cd -- "$dir" || exit ${exits.noView}
[ ! -L sites-available ] && [ ! -L sites-enabled ] || exit ${exits.linkedFolder}
mount -t tmpfs -o mode=0755 slipway "$dir" && cp -a . "$dir/" || exit ${exits.noView}
put "$source" "$site" forward "$@" || exit ${exits.noView}
nginx -t -q -c "$configuration" || exit ${exits.refused}
listed=$(nginx -T -q -c "$configuration" 2>/dev/null | grep '^# configuration file ')
while [ $# -gt 0 ]; do
  [ -z "$2" ] || printf '%s\\n' "$listed" | grep -qxF -- "# configuration file $1:" || exit ${exits.notIncluded}
  shift 3
done`;

/**
 * Tests in private, then changes files and links, then has nginx take them over, all in one process on the host: it runs to its
 * end when the connection is lost, and puts everything back when it is told to stop. nginx tells nobody that a reload has failed
 * (it logs and goes on as before), so new workers are waited for; a port that is taken is tried for 2.5 s before it gives up.
 */
const activating = `set -u
trap '' PIPE
PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
${putting}
trying=$1 action=$2 configuration=$3 site=$4 source=$5 keep=$6; shift 6
folder=$(dirname -- "$site")
candidate=$folder/.slipway-candidate-$(basename -- "$site")
trap 'rm -f -- "$candidate" "$folder/.slipway-put"' EXIT
exec 9>/run/slipway-nginx.lock
flock -w 60 9 || exit ${exits.busy}
if [ "$action" = renew ]; then
  told=$(unshare --mount sh -c "$trying" sh "$configuration" "$site" "$source" "$@" 2>&1)
  code=$?
  [ "$code" = 0 ] || printf '%s\\n' "$told"
  case $code in
    0) ;;
    ${exits.linkedFolder} | ${exits.refused} | ${exits.notIncluded}) exit $code ;;
    *) exit ${exits.noView} ;;
  esac
fi
previous=$site
if [ "$source" != "$site" ]; then
  previous=
  if [ -e "$site" ]; then
    previous=$keep/$(printf %s "$site" | sha256sum | cut -c 1-16)-$(sha256sum <"$site" | cut -c 1-32)-$(stat -c %U.%G.%a -- "$site")
    if [ ! -e "$previous" ]; then
      (umask 077; mkdir -p -- "$keep") && cp -p -- "$site" "$previous.$$" && sync -- "$previous.$$" &&
        mv -T -- "$previous.$$" "$previous" || { rm -f -- "$previous.$$"; exit ${exits.notKept}; }
    fi
  fi
fi
is_active() { systemctl -q is-active nginx.service; }
workers() {
  master=$(systemctl show -p MainPID --value nginx.service)
  for pid in $(cat "/proc/$master/task/$master/children"); do
    [ "$(tr -d '\\0' <"/proc/$pid/cmdline")" != 'nginx: worker process' ] || echo "$pid"
  done 2>/dev/null
}
renew() {
  if ! is_active; then
    systemctl -q reset-failed nginx.service 2>/dev/null
    systemctl -q start nginx.service 2>/dev/null
    return
  fi
  old=" $(workers | tr '\\n' ' ')"
  systemctl -q reload nginx.service 2>/dev/null || return 1
  for _ in $(seq 100); do
    sleep 0.1
    some=no all=yes
    for pid in $(workers); do
      some=yes
      case $old in *" $pid "*) all=no ;; esac
    done
    [ $some$all != yesyes ] || return 0
  done
  return 1
}
was=$(systemctl show -p ActiveState --value nginx.service)
was_active=no
! is_active || was_active=yes
log=$(nginx -T -q -c "$configuration" 2>/dev/null | sed -n 's/^[[:space:]]*error_log[[:space:]]\\{1,\\}\\(\\/[^ ;]*\\).*/\\1/p' | head -n 1)
log=\${log:-/var/log/nginx/error.log}
size=$(stat -c %s -- "$log" 2>/dev/null || echo 0)
back() {
  trap '' HUP INT TERM
  (put "$previous" "$site" back "$@")
}
trap 'back "$@"; if [ $was_active = yes ]; then systemctl --no-block reload nginx.service; else systemctl --no-block stop nginx.service; fi; exit ${exits.stopped}' HUP INT TERM
if (put "$source" "$site" forward "$@"); then
  # From here on a later run may have its own candidate there.
  rm -f -- "$candidate"
  trap - EXIT
  if [ "$action" = stop ]; then systemctl -q stop nginx.service; else renew "$@"; fi && {
    trap '' HUP INT TERM
    [ "$action" = stop ] || [ $was_active = yes ] || echo started
    echo "kept:$previous"
    exit 0
  }
fi
tail -c "+$((size + 1))" -- "$log" 2>/dev/null | grep -F '[emerg]' | head -n 1
back "$@"
if [ $was_active = no ]; then
  systemctl -q stop nginx.service
  [ "$was" = failed ] || systemctl -q reset-failed nginx.service 2>/dev/null
  exit ${exits.notRenewed}
fi
renew "$@" && exit ${exits.notRenewed}
exit ${exits.broken}`;

/**
 * Changes a site's file and links at once when nginx accepts the result, and has nginx take it over; else everything is as before
 * and this throws `config-refused` or `command-failed`. Gives the path of the site's earlier content (null where there was none)
 * and whether nginx was started for it.
 */
export async function activate(
  host: Host,
  { configuration, site, source, links, stops = false }: Activation,
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<{ readonly kept: string | null; readonly started: boolean }> {
  const triples = links.flatMap(({ path, wanted, before }) => [path, wanted, before]);
  const words = [
    'sh',
    '-c',
    activating,
    'sh',
    trying,
    stops ? 'stop' : 'renew',
    configuration,
    site,
    source ?? '',
    keptIn,
    ...triples,
  ];
  const result = await runOn(host, { words, as: 'root', limit: 180_000 }, context);
  if (result.exit !== 0) throw failure(hostPlace(host), site, result);
  const lines = result.stdout.trim().split('\n');
  const kept = lines.find((line) => line.startsWith('kept:'))?.slice('kept:'.length) ?? '';
  return { kept: kept === '' ? null : kept, started: lines.includes('started') };
}

function failure(where: string, site: string, { exit, stdout, stderr }: RemoteResult): Failure {
  const said = firstError(stdout) || firstError(stderr) || `exit code ${exit}`;
  const same = 'everything was put back as it was';
  switch (exit) {
    case exits.refused:
      return new Failure('config-refused', `nginx on ${where} refuses ${site}, nothing was changed: ${said}`);
    case exits.notIncluded:
      return new Failure(
        'config-refused',
        `nginx on ${where} would never read ${site}, nothing was changed: its configuration does not include the files in sites-enabled, or only those of another name; add "include sites-enabled/*;" to http.`,
      );
    case exits.linkedFolder:
      return new Failure(
        'command-failed',
        `sites-available or sites-enabled beside ${site} on ${where} is a link to another folder, where a change could not be tried in private; nothing was changed. Make it a folder.`,
      );
    case exits.noView:
      return new Failure(
        'permission-denied',
        `${site} could not be tried in a private view of nginx's folder on ${where} (unshare --mount, which a container may forbid; allow it CAP_SYS_ADMIN), nothing was changed: ${said}`,
      );
    case exits.notKept:
      return new Failure(
        'disk-full',
        `What is in ${site} on ${where} could not be kept in ${keptIn}, nothing was changed; make room there.`,
      );
    case exits.busy:
      return new Failure(
        'timed-out',
        `Another change of nginx on ${where} has not ended for a minute; look there for a process that holds /run/slipway-nginx.lock.`,
      );
    case exits.notRenewed:
      return new Failure(
        'command-failed',
        `nginx on ${where} accepts ${site} but cannot run with it, so ${same}: ${said}`,
      );
    case exits.broken:
      return new Failure(
        'command-failed',
        `nginx on ${where} cannot run with ${site}; ${same}, but it does not reload with that either (systemctl status nginx): ${said}`,
      );
    default:
      return new Failure('command-failed', `${site} on ${where} was not activated, ${same}: ${said}`);
  }
}
