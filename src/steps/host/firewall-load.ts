import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { endingOnce, runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { trialName } from './firewall-look.ts';
import { proveLogin } from './systemd-trial.ts';

/** Which rules were loaded before: where they are kept on the host, and the sum of what was loaded instead. */
export const RememberedRules = z.object({ former: z.string(), loaded: z.string() });
export type RememberedRules = z.output<typeof RememberedRules>;

type Context = Pick<StepContext, 'signal' | 'log'>;

const exits = { refused: 50, noRoom: 51, noTimer: 52, changedSince: 53, noFormer: 54 };

/** Prints the table so that nft can read it again, without counters; nothing when it is not loaded. */
const listing = `listed() { nft -s list table inet slipway 2>/dev/null || true; }`;

/**
 * The host is told to take the rules back before they are loaded. Rules that are still on trial from a run that was cut off are not
 * what was there before, so what that run kept stays the former.
 */
const loading = `set -u
umask 077
${listing}
seconds=$1 keep=/var/lib/slipway/kept trial=${trialName}
failed() {
  [ "$(df -Pk /var/lib | awk 'NR == 2 { print $4 }')" -lt 64 ] && exit ${exits.noRoom}
  exit 1
}
mkdir -p -- "$keep" && candidate=$(mktemp "$keep/candidate.XXXXXX") || failed
trap 'rm -f -- "$candidate"' EXIT
${endingOnce}
cat >"$candidate" || failed
nft -c -f "$candidate" || exit ${exits.refused}
pending=$keep/firewall-on-trial.nft
if ! systemctl is-active --quiet $trial.timer || [ ! -s "$pending" ]; then
  { printf 'table inet slipway\\ndelete table inet slipway\\n'; listed; } >"$pending.new" &&
    sync -- "$pending.new" && mv -- "$pending.new" "$pending" || failed
fi
former=$keep/firewall-$(sha256sum <"$pending" | cut -c 1-32).nft
cp -- "$pending" "$former" && sync -- "$former" || failed
systemctl stop $trial.timer 2>/dev/null
systemd-run --quiet --collect --unit=$trial --on-active="$seconds" --timer-property=AccuracySec=100ms \\
  "$(command -v nft)" -f "$pending" || exit ${exits.noTimer}
nft -f "$candidate" || { systemctl stop $trial.timer; exit ${exits.refused}; }
echo "$former"
listed | sha256sum | cut -d ' ' -f 1`;

/** Rules that are as they were already are left alone: an undo that was cut off may be repeated. */
const restoring = `set -u
${listing}
former=$1 loaded=$2
[ -s "$former" ] || exit ${exits.noFormer}
now=$(listed | sha256sum | cut -d ' ' -f 1)
[ "$now" = "$(tail -n +3 -- "$former" | sha256sum | cut -d ' ' -f 1)" ] && exit 0
[ "$now" = "$loaded" ] || exit ${exits.changedSince}
nft -f "$former"`;

/**
 * Loads the text of the table `inet slipway` in one step, after nft has accepted it, and proves by a new login that it shuts nobody out
 * who must get in; the host itself puts the former rules back when no login comes within `trial` milliseconds.
 */
export async function loadRules(
  host: Host,
  text: string,
  trial: number,
  context: Context,
): Promise<{ readonly evidence: readonly Evidence[]; readonly remember: RememberedRules }> {
  const where = hostPlace(host);
  const words = ['sh', '-c', loading, 'sh', String(Math.ceil(trial / 1_000))];
  const { exit, stdout, stderr } = await runOn(
    host,
    { words, stdin: text, as: 'root', limit: 60_000 },
    context,
  );
  const last = lastLine(stderr) || `exit code ${exit}`;
  if (exit === exits.refused) {
    const said = stderr.trim().split('\n').at(0) || last;
    throw new Failure('config-refused', `nft on ${where} refuses the rules; nothing was changed: ${said}`);
  }
  if (exit === exits.noRoom)
    throw new Failure('disk-full', `There is no room below /var/lib/slipway on ${where}.`);
  if (exit === exits.noTimer) {
    throw new Failure(
      'command-failed',
      `The way back could not be armed on ${where}, so the rules were not loaded: ${last}`,
    );
  }
  if (exit !== 0) throw new Failure('command-failed', `The rules could not be loaded on ${where}: ${last}`);
  const [former = '', loaded = ''] = stdout.trim().split('\n');
  const proven = await proveLogin(host, trialName, Math.max(1_000, trial - 2_000), context);
  const evidence = { asked: 'nft -f: the table inet slipway', of: where, answered: text };
  return { evidence: [evidence, proven], remember: { former, loaded } };
}

/** Puts the former table back; throws `not-undone` when somebody has changed it since. */
export async function restoreRules(
  host: Host,
  { former, loaded }: RememberedRules,
  context: Context,
): Promise<Evidence> {
  const where = hostPlace(host);
  const words = ['sh', '-c', restoring, 'sh', former, loaded];
  const { exit, stderr } = await runOn(host, { words, as: 'root', limit: 60_000 }, context);
  if (exit === 0) {
    return { asked: 'nft -f: the former table inet slipway', of: where, answered: `loaded from ${former}` };
  }
  const reasons: Readonly<Record<number, string>> = {
    [exits.changedSince]: `The table inet slipway on ${where} was changed by somebody since, so it was left; the former is ${former}.`,
    [exits.noFormer]: `The former rules of ${where} are no longer at ${former}; set the firewall by hand.`,
  };
  const last = lastLine(stderr) || `exit code ${exit}`;
  throw new Failure(
    'not-undone',
    reasons[exit] ?? `The former rules could not be loaded on ${where}: ${last}`,
  );
}
