import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** Keywords of sshd_config(5) to their wanted values. */
export type SshdSettings = Readonly<Record<string, string>>;

/** What the SSH server of a host would do with its files as they are now, and what was wanted in its own words. */
export interface SshdState {
  /** Each wanted setting that is not in force, the end of a sentence. */
  readonly differing: readonly string[];
  /** Each Match block that sets a wanted keyword otherwise, the end of a sentence. */
  readonly excepted: readonly string[];
  /** Every wanted setting as it is in force now, for the evidence. */
  readonly shown: string;
  /** The service that runs, such as `ssh.service`; empty where a socket starts a server for each connection. */
  readonly unit: string;
  /** The files that were changed after the server last read them. */
  readonly unread: readonly string[];
  /** Whether a change waits to be proven by a new login. */
  readonly isOnTrial: boolean;
}

/** The timer that takes an unproven change back. */
export const trialName = 'slipway-sshd-trial';

/** Where the settings are written; the name sorts before those that cloud images bring. */
export const dropIn = '/etc/ssh/sshd_config.d/10-slipway.conf';

export const mainFile = '/etc/ssh/sshd_config';

const exits = { noServer: 41, broken: 42, refused: 43 };

/** Each answer ends with a NUL. A reload moves the moment of the unit's last change of state, even when it is active all along. */
const reading = `sshd=/usr/sbin/sshd
[ -x $sshd ] || exit ${exits.noServer}
$sshd -T || exit ${exits.broken}; printf '\\0'
$sshd -T -f /dev/stdin || exit ${exits.refused}; printf '\\0'
set -- ${mainFile}; for file in /etc/ssh/sshd_config.d/*.conf; do [ -f "$file" ] && set -- "$@" "$file"; done
awk 'FNR == 1 { block = "" }
  tolower($1) == "match" { block = $0; next }
  block != "" && $1 !~ /^#/ && NF > 1 { print FILENAME "\\t" block "\\t" $0 }' "$@"; printf '\\0'
stat -c '%.Z %n' -- /etc/ssh/sshd_config.d "$@" 2>/dev/null; printf '\\0'
for unit in ssh.service sshd.service; do
  [ "$(systemctl show -P ActiveState -- $unit)" = active ] || continue
  echo "$(systemctl show -P Id -- $unit) $(systemctl show -P StateChangeTimestampMonotonic -- $unit)"; break
done; printf '\\0'
cut -d ' ' -f 1 /proc/uptime; date +%s.%N; printf '\\0'
systemctl show -P ActiveState -- ${trialName}.timer; printf '\\0'`;

/** The lines of a configuration file with these settings. */
export function settingsText(settings: SshdSettings): string {
  return Object.entries(settings)
    .map(([keyword, value]) => `${keyword} ${value}\n`)
    .join('');
}

/**
 * Asks sshd itself (`sshd -T`) what is in force and what the wanted settings would be, so that different spellings of the same value do
 * not count. Throws `config-refused` when sshd does not accept a wanted setting.
 */
export async function readSshd(
  host: Host,
  settings: SshdSettings,
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<SshdState> {
  const command = { words: ['sh', '-c', reading], stdin: settingsText(settings), as: 'root', limit: 60_000 };
  const { exit, stdout, stderr } = await runOn(host, command, context);
  if (exit !== 0) throw unreadable(host, exit, stderr);
  const [now = '', wanted = '', blocks = '', files = '', service = '', clock = '', trial = ''] =
    stdout.split('\0');
  const [inForce, asWanted] = [valuesIn(now), valuesIn(wanted)];
  const keywords = Object.keys(settings);
  const unknown = keywords.filter((keyword) => !asWanted.has(keyword.toLowerCase()));
  if (unknown.length > 0) {
    throw new Failure(
      'config-refused',
      `sshd on ${hostPlace(host)} accepts ${unknown.join(', ')} but does not tell what is in force; use the keyword's present name, or none of Match and Include. Nothing was changed.`,
    );
  }
  const of = (values: ReadonlyMap<string, readonly string[]>, keyword: string) =>
    (values.get(keyword.toLowerCase()) ?? []).join(' ');
  const [unit = '', changed = '0'] = service.trim().split(' ');
  const [uptime = 0, date = 0] = clock.trim().split('\n').map(Number);
  const readAt = date - uptime + Number(changed) / 1e6;
  return {
    differing: keywords
      .filter((keyword) => of(inForce, keyword) !== of(asWanted, keyword))
      .map(
        (keyword) => `${keyword} is ${of(inForce, keyword) || 'not set'}, wanted is ${of(asWanted, keyword)}`,
      ),
    excepted: exceptions(blocks, settings),
    shown: keywords.map((keyword) => `${keyword} ${of(inForce, keyword)}`).join('\n'),
    unit,
    unread: unit === '' ? [] : changedSince(files, readAt),
    isOnTrial: trial.trim() === 'active',
  };
}

function unreadable(host: Host, exit: number, stderr: string): Failure {
  const where = hostPlace(host);
  const last = stderr.trim().split('\n').slice(-3).join('; ');
  if (exit === exits.noServer) {
    return new Failure('not-found', `There is no /usr/sbin/sshd on ${where}; install openssh-server.`);
  }
  if (exit === exits.refused) {
    return new Failure(
      'config-refused',
      `sshd on ${where} refuses the settings; nothing was changed: ${last}`,
    );
  }
  if (exit === exits.broken) {
    return new Failure(
      'command-failed',
      `sshd on ${where} does not accept its own configuration, so it would not start again: ${last}`,
    );
  }
  return new Failure('command-failed', `The SSH settings of ${where} could not be read: ${last || exit}`);
}

/** The lines of `sshd -T`; a keyword that may be given several times has several values, in no particular order. */
function valuesIn(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const end = line.indexOf(' ');
    if (end < 0) continue;
    const [keyword, value] = [line.slice(0, end), line.slice(end + 1)];
    found.set(keyword, [...new Set([...(found.get(keyword) ?? []), value])].sort());
  }
  return found;
}

/** `sshd -T` leaves out what is only true for some logins. */
function exceptions(lines: string, settings: SshdSettings): readonly string[] {
  const wanted = new Map(
    Object.entries(settings).map(([keyword, value]) => [keyword.toLowerCase(), value.toLowerCase()]),
  );
  return lines.split('\n').flatMap((line) => {
    const [file = '', block = '', setting = ''] = line.split('\t');
    const [, keyword = '', value = ''] = /^\s*([A-Za-z0-9]+)[\s=]+"?([^"]*?)"?\s*$/.exec(setting) ?? [];
    const other = wanted.get(keyword.toLowerCase());
    if (other === undefined || other === value.toLowerCase()) return [];
    return [`${file} sets ${keyword} ${value} for "${block.trim()}"`];
  });
}

/** The clocks that are compared agree to a hundredth of a second. */
function changedSince(files: string, readAt: number): readonly string[] {
  return files.split('\n').flatMap((line) => {
    const end = line.indexOf(' ');
    return end > 0 && Number(line.slice(0, end)) > readAt + 0.02 ? [line.slice(end + 1)] : [];
  });
}
