import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { putFile, takeBackFile } from './file-in-place.ts';
import { dropIn, mainFile, readSshd, type SshdSettings, settingsText, trialName } from './host-sshd-look.ts';
import { KeptFile, readRemoteFile, writeRemoteFile } from './remote-file.ts';
import { systemctl } from './systemd-control.ts';
import { loginAnew, proveLogin } from './systemd-trial.ts';

/** What was changed of the SSH server's files; null where nothing was. */
export const RememberedSshd = z.object({ own: KeptFile.nullable(), main: KeptFile.nullable() });
export type RememberedSshd = z.output<typeof RememberedSshd>;

type Context = Pick<StepContext, 'signal' | 'log'>;

const exits = { noTimer: 50, notReloaded: 51, noRoom: 52 };

/** What the host does by itself when nobody has proven in time that a login is still possible; pairs of a path and its former content. */
const goingBack = `unit=$1; shift
while [ $# -gt 1 ]; do
  if [ "$2" = none ]; then rm -f -- "$1"
  else cp -p -- "$2" "$1.slipway" && sync -- "$1.slipway" && mv -T -- "$1.slipway" "$1"; fi
  shift 2
done
[ -z "$unit" ] || systemctl reload-or-restart -- "$unit"
`;

const arming = `set -u
umask 077
seconds=$1 unit=$2; shift 2
back=/var/lib/slipway/sshd-back.sh
mkdir -p /var/lib/slipway && cat >"$back" && sync -- "$back" || exit ${exits.noRoom}
systemctl stop ${trialName}.timer 2>/dev/null
systemd-run --quiet --collect --unit=${trialName} --on-active="$seconds" --timer-property=AccuracySec=100ms \\
  /bin/sh "$back" "$unit" "$@" || exit ${exits.noTimer}
[ -z "$unit" ] || systemctl reload-or-restart -- "$unit" || { systemctl stop ${trialName}.timer; exit ${exits.notReloaded}; }`;

/**
 * Writes the settings where they come first, makes the server read them, and proves by a new login that it still lets Slipway in; the
 * host itself puts the former files back when no login comes within `trial` milliseconds. Throws `config-refused` when sshd does not
 * accept them or another file still wins; then nothing has changed.
 */
export async function putSshd(
  host: Host,
  settings: SshdSettings,
  trial: number,
  context: Context,
): Promise<{ readonly evidence: readonly Evidence[]; readonly remember: RememberedSshd }> {
  const content = `# Written by Slipway; changes made here by hand are found and taken back.\n${settingsText(settings)}`;
  const wish = { path: dropIn, content, owner: 'root', group: 'root', mode: '0644' };
  const words = ['mkdir', '-p', '-m', '0755', '--', '/etc/ssh/sshd_config.d'];
  const made = await runOn(host, { words, as: 'root', limit: 30_000 }, context);
  if (made.exit !== 0) {
    throw new Failure('command-failed', `/etc/ssh/sshd_config.d could not be made on ${hostPlace(host)}.`);
  }
  const put = await putFile(host, wish, context, ['/usr/sbin/sshd', '-t', '-f']);
  const { main, unit } = await makeFirst(host, settings, put.kept, context);
  const remember: RememberedSshd = { own: put.kept, main };
  await arm(host, unit, trial, remember, context);
  const proven = await proveLogin(host, trialName, Math.max(1_000, trial - 2_000), context);
  const included = main
    ? [{ asked: `${mainFile}: Include ${dropIn} as its first line`, of: hostPlace(host), answered: 'added' }]
    : [];
  const read = { asked: `reload ${unit || 'nothing'}`, of: hostPlace(host), answered: 'done' };
  return { evidence: [...put.evidence, ...included, read, proven], remember };
}

/** Takes back what was changed and makes the server read the former files; throws `not-undone` when somebody has changed them since. */
export async function takeBackSshd(
  host: Host,
  settings: SshdSettings,
  { own, main }: RememberedSshd,
  context: Context,
): Promise<readonly Evidence[]> {
  const evidence = [await takeBackFile(host, main, context), await takeBackFile(host, own, context)];
  const { unit } = await readSshd(host, settings, context);
  if (unit !== '') evidence.push(await systemctl(host, ['reload-or-restart', '--', unit], context));
  return [...evidence, await loginAnew(host, ['true'], 20_000, context)];
}

/** The first value of a keyword counts (sshd_config(5)), so where another file comes earlier, the main one includes ours first of all. */
async function makeFirst(
  host: Host,
  settings: SshdSettings,
  own: KeptFile | null,
  context: Context,
): Promise<{ readonly main: KeptFile | null; readonly unit: string }> {
  const found = await readSshd(host, settings, context);
  if (found.differing.length === 0) return { main: null, unit: found.unit };
  const before = await readRemoteFile(host, mainFile, context);
  const content = `Include ${dropIn}\n${before?.content ?? ''}`;
  const main = await writeRemoteFile(host, mainFile, { content }, context);
  const again = await readSshd(host, settings, context);
  if (again.differing.length === 0) return { main, unit: again.unit };
  await takeBackFile(host, main, context);
  await takeBackFile(host, own, context);
  throw new Failure(
    'config-refused',
    `The settings would not be in force on ${hostPlace(host)}, since a keyword that adds up is set elsewhere too: ${again.differing.join('; ')}. Nothing was changed; look at grep -ri in /etc/ssh.`,
  );
}

async function arm(
  host: Host,
  unit: string,
  trial: number,
  { own, main }: RememberedSshd,
  context: Context,
): Promise<void> {
  const pairs = [own, main].flatMap((file) => (file ? [file.path, file.kept ?? 'none'] : []));
  const words = ['sh', '-c', arming, 'sh', String(Math.ceil(trial / 1_000)), unit, ...pairs];
  const command = { words, stdin: goingBack, as: 'root', limit: 60_000 };
  const { exit, stderr } = await runOn(host, command, context);
  if (exit === 0) return;
  for (const file of [main, own]) await takeBackFile(host, file, context);
  const last = lastLine(stderr) || `exit code ${exit}`;
  const what =
    exit === exits.notReloaded ? `${unit} could not be reloaded` : 'the way back could not be armed';
  throw new Failure(
    exit === exits.noRoom ? 'disk-full' : 'command-failed',
    `On ${hostPlace(host)} ${what}, so the former files were put back: ${last}`,
  );
}
