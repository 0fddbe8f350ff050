import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { type FileWish, putFile, takeBackFile } from './file-in-place.ts';
import type { KeptFile } from './remote-file.ts';
import { readSettled, systemctl, tellJournal } from './systemd-control.ts';
import { downFault, isEnabled, isMasked, isUp, newerFiles, type UnitWish } from './systemd-faults.ts';
import { readUnit, type UnitState } from './systemd-state.ts';
import type { RememberedService } from './systemd-undo.ts';

/** A unit as it is to be, with its file where that is given; `limit` in milliseconds for one start or stop. */
export interface ServiceWish extends UnitWish {
  readonly file?: FileWish;
  readonly restartWhen: readonly string[];
  readonly limit: number;
}

/** Warnings about the unit itself refuse it; those about units that it only names do not, and manual pages are rarely on servers. */
const verifying = ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no'];

/**
 * Makes a unit as wanted: its file first, when systemd accepts it, then its state, and whether it comes up with the machine last, so
 * that what does not run is not started at every boot. Throws `config-refused` before anything is changed, `command-failed` with the
 * last line of the service when it does not come up; then a former unit that ran is put back.
 */
export async function putService(
  host: Host,
  wish: ServiceWish,
  before: UnitState,
  context: StepContext,
): Promise<{ evidence: readonly Evidence[]; remember: RememberedService }> {
  const { name, file } = wish;
  const evidence: Evidence[] = [];
  const run = async (...words: string[]) => {
    evidence.push(await systemctl(host, words, context, wish.limit));
  };
  const wasMasked = isMasked(before);
  if (before.load === 'not-found' && !file && wish.state === 'running') throw unknownUnit(host, name);
  if (wasMasked) await unmask(host, before, wish, run);
  const kept = file ? await install(host, wish, file, wasMasked, before, context, evidence) : null;
  // A drop-in in a folder that was not there before is not among what systemd calls due (NeedDaemonReload).
  const hasDropIns = wish.restartWhen.some((path) => path.startsWith('/etc/systemd/'));
  if (kept || before.needsReload || wasMasked || hasDropIns) await run('daemon-reload');
  const now = wasMasked || kept ? await readUnit(host, name, wish.restartWhen, context) : before;
  if (now.load === 'not-found' && !file) throw unknownUnit(host, name);
  if (wish.state === 'stopped' && isUp(now)) await run('stop', '--', name);
  if (wish.state === 'running') await bringUp(host, wish, before, now, kept, context, evidence);
  const hasChangedEnabled = await setEnabled(host, wish, now, context, run);
  const remember: RememberedService = {
    file: kept,
    mask: wasMasked ? (before.file === 'masked-runtime' ? 'runtime' : 'persistent') : 'none',
    enabled: hasChangedEnabled ? isEnabled(before) : null,
    active: isUp(before) === (wish.state === 'running') ? null : isUp(before),
    existed: before.load !== 'not-found',
  };
  return { evidence, remember };
}

function unknownUnit(host: Host, name: string): Failure {
  return new Failure(
    'not-found',
    `There is no unit ${name} on ${hostPlace(host)}; install the package that brings it (host/package), or give its file as \`unit\`.`,
  );
}

type Run = (...words: string[]) => Promise<void>;

async function unmask(host: Host, before: UnitState, { name, file }: ServiceWish, run: Run): Promise<void> {
  if (before.file === 'masked-runtime') await run('unmask', '--runtime', '--', name);
  else if (before.file === 'masked' || file) await run('unmask', '--', name);
  else {
    throw new Failure(
      'command-failed',
      `${name} on ${hostPlace(host)} is masked in a way that systemctl does not name; run systemctl unmask ${name} there and look.`,
    );
  }
}

/** Where systemd refuses the file of a unit that was masked, the mask is put back, so that nothing has changed. */
async function install(
  host: Host,
  { name }: ServiceWish,
  file: FileWish,
  wasMasked: boolean,
  before: UnitState,
  context: StepContext,
  evidence: Evidence[],
): Promise<KeptFile | null> {
  try {
    const put = await putFile(host, file, context, verifying);
    evidence.push(...put.evidence);
    return put.kept;
  } catch (error) {
    const runtime = before.file === 'masked-runtime' ? ['--runtime'] : [];
    if (wasMasked) await systemctl(host, ['mask', ...runtime, '--', name], context);
    throw error;
  }
}

async function bringUp(
  host: Host,
  wish: ServiceWish,
  before: UnitState,
  now: UnitState,
  kept: KeptFile | null,
  context: StepContext,
  evidence: Evidence[],
): Promise<void> {
  const { name, restartWhen, settled } = wish;
  const isStale = kept !== null || before.needsReload || newerFiles(now).length > 0;
  if (now.active === 'active' && !isStale) {
    const { earlier, state } = await readSettled(host, name, restartWhen, settled, context);
    if (downFault(state, earlier) === undefined) return;
  }
  const verb = isUp(now) ? 'restart' : 'start';
  // A unit that has failed too often in a row is not started again before this.
  if (now.active === 'failed') await systemctl(host, ['reset-failed', '--', name], context);
  const refused = await started(host, verb, wish, context, evidence);
  const { earlier, state } = await readSettled(host, name, restartWhen, settled, context);
  const fault = downFault(state, earlier) ?? refused;
  if (fault === undefined) return;
  const last = await tellJournal(host, name, now.now, context);
  const after = await recover(host, wish, before, kept, state, context);
  const said = last === '' ? '' : ` Its last words: ${last}`;
  throw new Failure('command-failed', `${name} on ${hostPlace(host)} ${fault}. ${after}${said}`);
}

/** Gives what is wrong when the start itself was refused or took too long. */
async function started(
  host: Host,
  verb: string,
  { name, limit }: ServiceWish,
  context: StepContext,
  evidence: Evidence[],
): Promise<string | undefined> {
  try {
    evidence.push(await systemctl(host, [verb, '--', name], context, limit));
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || context.signal.aborted) throw error;
    if (error.code === 'timed-out') return 'did not come up in time';
    if (error.code === 'command-failed') return 'could not be started';
    throw error;
  }
}

/** Puts a former unit back that ran, else stops what would only be started again and again. */
async function recover(
  host: Host,
  { name, limit }: ServiceWish,
  before: UnitState,
  kept: KeptFile | null,
  state: UnitState,
  context: StepContext,
): Promise<string> {
  if (kept !== null && kept.kept !== null && before.active === 'active') {
    await takeBackFile(host, kept, context);
    await systemctl(host, ['daemon-reload'], context);
    await systemctl(host, ['reset-failed', '--', name], context);
    try {
      await systemctl(host, ['restart', '--', name], context, limit);
    } catch (error) {
      if (!(error instanceof Failure) || context.signal.aborted) throw error;
      return 'The former unit file was put back, but it does not start now either.';
    }
    const { state: again } = await readSettled(host, name, [], 1_000, context);
    return downFault(again, again) === undefined
      ? 'The former unit file was put back and runs again.'
      : 'The former unit file was put back, but it does not stay up now either.';
  }
  if (isUp(state)) await systemctl(host, ['stop', '--', name], context, limit);
  return kept === null ? 'It is left stopped.' : 'It is left stopped, with the new unit file in place.';
}

async function setEnabled(
  host: Host,
  { name, enabled }: ServiceWish,
  now: UnitState,
  context: StepContext,
  run: Run,
): Promise<boolean> {
  if (enabled === isEnabled(now) && (enabled || !now.file.startsWith('enabled'))) return false;
  if (!enabled && !now.file.startsWith('enabled')) return false;
  if (!enabled && now.file === 'enabled-runtime') await run('disable', '--runtime', '--', name);
  else await run(enabled ? 'enable' : 'disable', '--', name);
  const after = await readUnit(host, name, [], context);
  if (enabled && !isEnabled(after)) {
    throw new Failure(
      'command-failed',
      `${name} on ${hostPlace(host)} cannot be enabled (it is ${after.file || 'of no kind'}); give its file an [Install] section with WantedBy=, or set enabled: false.`,
    );
  }
  return true;
}
