import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** What lies at a path in sites-enabled: nothing, a link with its own text and the file that it leads to, or something else. */
export type Link =
  | { readonly is: 'none' }
  | { readonly is: 'link'; readonly target: string; readonly leadsTo: string }
  | { readonly is: 'file' };

/** What nginx does with the configuration on the disk; times are milliseconds since 1970. */
export interface NginxLook {
  /** In the order asked for. */
  readonly links: readonly Link[];
  /** Undefined where nginx is not installed. */
  readonly nginx?: {
    /** systemd's word, such as `active` or `failed`. */
    readonly state: string;
    readonly accepts: boolean;
    /** What `nginx -t` printed: errors and warnings. */
    readonly told: string;
    /** Every file that the configuration consists of, as nginx names it. */
    readonly files: readonly string[];
    readonly changed: { readonly at: number; readonly what: string };
    /** When each worker that takes new connections was started. */
    readonly workers: readonly number[];
  };
}

/**
 * Tells of the links first, of nginx after that. Times of change are those of the inode, which nobody can set back by moving or
 * copying a file. A worker's start is told in ticks together with the ticks and the clock of this very moment, since the time of
 * the boot is rounded to seconds and is another one inside a container. Only a running nginx is asked to test its files: the
 * test of a stopped one would leave an empty pid file. Certificates are read at a reload too, so a renewed one counts as a change.
 */
const looking = `set -u
PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
configuration=$1; shift
for link in "$@"; do
  if [ -L "$link" ]; then echo "link:$(readlink -- "$link")"; echo "leads:$(readlink -f -- "$link")"
  elif [ -e "$link" ]; then echo file:
  else echo none:; fi
done
command -v nginx >/dev/null || exit 0
for _ in 1 2 3 4 5 6 7 8 9 10; do
  state=$(systemctl show -p ActiveState --value nginx.service)
  case $state in reloading | activating | deactivating) sleep 0.5 ;; *) break ;; esac
done
echo "state:$state"
[ "$state" = active ] || exit 0
told=$(nginx -t -q -c "$configuration" 2>&1)
echo "test:$?"
printf '%s\\n' "$told" | sed 's/^/told:/'
text=$(nginx -T -q -c "$configuration" 2>/dev/null)
files=$(printf '%s\\n' "$text" | sed -n 's/^# configuration file \\(.*\\):$/\\1/p')
read_too=$(printf '%s\\n' "$text" | sed -n 's/^[[:space:]]*ssl_certificate\\(_key\\)\\{0,1\\}[[:space:]]\\{1,\\}\\(\\/[^;$[:space:]]*\\);.*/\\2/p')
printf '%s\\n' "$files" | sed 's/^/lists:/'
{
  printf '%s\\n' "$files" "$read_too" | while IFS= read -r file; do stat -L -c '%.9Z %n' -- "$file" 2>/dev/null; done
  for link in "$@"; do
    stat -c '%.9Z %n' -- "$link" 2>/dev/null
    stat -c '%.9Y %n' -- "$(dirname -- "$link")" 2>/dev/null
  done
} | sort -n | tail -n 1 | sed 's/^/changed:/'
master=$(systemctl show -p MainPID --value nginx.service)
for pid in $(cat "/proc/$master/task/$master/children"); do
  [ "$(tr -d '\\0' <"/proc/$pid/cmdline")" = 'nginx: worker process' ] || continue
  echo "worker:$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)"
done
echo "now:$(sed 's/.*) //' /proc/self/stat | cut -d ' ' -f 20) $(getconf CLK_TCK) $(date +%s.%N)"`;

/** Looks at links in sites-enabled and at how the running nginx stands to the files on the disk; throws Failures only. */
export async function lookAtNginx(
  host: Host,
  configuration: string,
  links: readonly string[],
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<NginxLook> {
  const words = ['sh', '-c', looking, 'sh', configuration, ...links];
  const { exit, stdout, stderr } = await runOn(host, { words, as: 'root', limit: 60_000 }, context);
  if (exit !== 0) {
    const last = lastLine(stderr);
    throw new Failure(
      'command-failed',
      `nginx on ${hostPlace(host)} could not be looked at: ${last || `exit code ${exit}`}`,
    );
  }
  return read(stdout);
}

function read(text: string): NginxLook {
  const facts = text.split('\n').map((line): readonly [string, string] => {
    const end = line.indexOf(':');
    return [line.slice(0, end), line.slice(end + 1)];
  });
  const all = (name: string) => facts.filter(([key]) => key === name).map(([, value]) => value);
  const links = facts.flatMap(([key, value], index): Link[] => {
    if (key === 'none' || key === 'file') return [{ is: key }];
    return key === 'link' ? [{ is: 'link', target: value, leadsTo: facts[index + 1]?.[1] ?? '' }] : [];
  });
  const [state] = all('state');
  if (state === undefined) return { links };
  const [changedAt = '0', ...changed] = (all('changed')[0] ?? '').split(' ');
  const [ticks = 0, perSecond = 1, clock = 0] = (all('now')[0] ?? '').split(' ').map(Number);
  const nginx = {
    state,
    accepts: all('test')[0] === '0',
    told: all('told').join('\n').trim(),
    files: all('lists'),
    changed: { at: Number(changedAt) * 1_000, what: changed.join(' ') },
    workers: all('worker').map((started) => (clock - (ticks - Number(started)) / perSecond) * 1_000),
  };
  return { links, nginx };
}
