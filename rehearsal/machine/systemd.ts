import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programsIn, stateIn } from './played-root.ts';
import { endProcess, isRunning, type Running, runningAs } from './processes.ts';
import { readLines, writeLines } from './program.ts';
import { realProgramsIn } from './real-programs.ts';
import { readUnit, type Unit } from './units.ts';

interface Started {
  /** Undefined for what is up without a process; one with the number 0 could not be started. */
  readonly process: Running | undefined;
  /** Microseconds since the machine's start, as systemd counts. */
  readonly at: number;
  readonly invocation: string;
  /** Whether it was told to stop, so that its end is no failure. */
  readonly isStopped: boolean;
  /** When the file that systemd has read was changed, in milliseconds; 0 where there is none. */
  readonly read: number;
}

type State = Readonly<Record<string, Started>>;

/** How a unit stands, in the words of systemctl(1). */
export interface UnitStanding {
  readonly unit: Unit | undefined;
  readonly load: 'loaded' | 'not-found';
  readonly file: '' | 'enabled' | 'disabled' | 'static';
  readonly active: 'active' | 'inactive' | 'failed';
  readonly sub: 'running' | 'exited' | 'waiting' | 'dead' | 'failed';
  readonly result: 'success' | 'exit-code';
  readonly pid: number;
  readonly at: number;
  readonly invocation: string;
  readonly needsReload: boolean;
}

/** Tells how a unit stands now; a process that ended without being told to has failed. */
export function standing(root: string, unitName: string): UnitStanding {
  const unit = readUnit(root, unitName);
  const started = readState(root)[unitName];
  const isUp =
    started !== undefined && !started.isStopped && (!started.process || isRunning(started.process));
  const hasFailed = started !== undefined && !started.isStopped && !isUp;
  const sub = started?.process ? 'running' : 'exited';
  return {
    unit,
    load: unit || isUp ? 'loaded' : 'not-found',
    file: fileState(root, unit),
    active: isUp ? 'active' : hasFailed ? 'failed' : 'inactive',
    sub: isUp ? (unit ? sub : 'waiting') : hasFailed ? 'failed' : 'dead',
    result: hasFailed ? 'exit-code' : 'success',
    pid: isUp ? (started.process?.pid ?? 0) : 0,
    at: isUp ? started.at : 0,
    invocation: started?.invocation ?? '',
    needsReload: !!started?.read && unit !== undefined && started.read !== unit.changedAt,
  };
}

function fileState(root: string, unit: Unit | undefined): UnitStanding['file'] {
  if (!unit) return '';
  if (unit.wantedBy.length === 0) return 'static';
  return linksOf(root, unit).every((link) => existsSync(link)) ? 'enabled' : 'disabled';
}

function linksOf(root: string, { wantedBy, name: unitName }: Unit): readonly string[] {
  return wantedBy.map((target) => join(root, 'etc/systemd/system', `${target}.wants`, unitName));
}

/** Makes a unit come up with the machine, or no longer. */
export function setEnabled(root: string, unit: Unit, isEnabled: boolean): void {
  for (const link of linksOf(root, unit)) {
    rmSync(link, { force: true });
    if (!isEnabled) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(unit.file, link);
  }
}

/** Reads all unit files anew, as `systemctl daemon-reload`. */
export function reloadUnits(root: string): void {
  for (const [unitName, { read }] of Object.entries(readState(root))) {
    const unit = readUnit(root, unitName);
    if (unit && read > 0) change(root, unitName, (started) => ({ ...started, read: unit.changedAt }));
  }
}

/** Forgets that a unit has failed. */
export function resetFailed(root: string, unitName: string): void {
  const { active } = standing(root, unitName);
  if (active === 'failed') change(root, unitName, (started) => ({ ...started, isStopped: true }));
}

/**
 * Starts a unit's process, in a group of its own, with its output in the journal; returns why it could not be started, or undefined.
 * One of the type `notify` has ten seconds to say that it is ready.
 */
export async function startUnit(root: string, unit: Unit): Promise<string | undefined> {
  if (standing(root, unit.name).active === 'active') return undefined;
  const accounts = readFileSync(join(root, 'etc/passwd'), 'utf8').split('\n');
  // 217 of systemd.exec(5): the account could not be determined.
  if (unit.user !== undefined && !accounts.some((line) => line.startsWith(`${unit.user}:`))) {
    change(root, unit.name, () => begun(none, unit.changedAt));
    return `its account ${unit.user} does not exist (status=217/USER)`;
  }
  const ready = stateIn(root, `ready-${unit.name}`);
  rmSync(ready, { force: true });
  const child = launched(root, unit.name, unit.start, {
    READY_FILE: ready,
    ...(unit.directory === undefined ? {} : { directory: unit.directory }),
  });
  if (unit.type === 'oneshot') {
    const code = await new Promise((settle) => child.once('exit', settle).once('error', () => settle(1)));
    change(root, unit.name, () => begun(code === 0 ? undefined : none, unit.changedAt));
    return code === 0 ? undefined : 'its process ended with an error';
  }
  const one = child.pid === undefined ? undefined : runningAs(child.pid);
  child.unref();
  change(root, unit.name, () => begun(one ?? none, unit.changedAt));
  for (let tries = 0; unit.type === 'notify' && tries < 500; tries += 1) {
    if (existsSync(ready)) return undefined;
    if (!one || !isRunning(one)) return 'its process ended with an error';
    await sleep(20);
  }
  return one ? undefined : 'its program cannot be run';
}

/** Runs a program after so many seconds unless the timer is stopped before that, as `systemd-run --on-active`. */
export function startTimer(root: string, unitName: string, seconds: number, words: readonly string[]): void {
  const waiting = ['/bin/sh', '-c', 'sleep "$1"; shift; exec "$@"', 'sh', String(seconds), ...words];
  const child = launched(root, unitName, waiting, {});
  const one = child.pid === undefined ? undefined : runningAs(child.pid);
  child.unref();
  if (one) change(root, unitName, () => begun(one, 0));
}

/** Ends a unit's process; one that does not run is left as it is. */
export async function stopUnit(root: string, unitName: string): Promise<void> {
  const started = readState(root)[unitName];
  if (!started) return;
  if (started.process && started.process.pid > 0) await endProcess(started.process);
  change(root, unitName, (before) => ({ ...before, isStopped: true }));
}

/** Starts every unit that is enabled; returns what could not be started. */
export async function startEnabled(root: string): Promise<readonly string[]> {
  const folder = join(root, 'etc/systemd/system');
  const wants = existsSync(folder) ? readdirSync(folder).filter((one) => one.endsWith('.wants')) : [];
  const names = wants.flatMap((one) => readdirSync(join(folder, one)));
  const faults: string[] = [];
  for (const one of names) {
    const unit = readUnit(root, one);
    if (!unit) unlinkSync(join(folder, wants[0] ?? '', one));
    const fault = unit && (await startUnit(root, unit));
    if (fault !== undefined) faults.push(`${one}: ${fault}`);
  }
  return faults;
}

/** Ends everything that runs on the host. */
export async function stopAll(root: string): Promise<void> {
  for (const unitName of Object.keys(readState(root))) await stopUnit(root, unitName);
}

/** Where the output of a unit goes. */
export function journalOf(root: string, unitName: string): string {
  return join(root, 'var/log/journal', unitName);
}

function launched(
  root: string,
  unitName: string,
  [program = '', ...words]: readonly string[],
  { directory, ...more }: Readonly<Record<string, string>>,
) {
  const journal = journalOf(root, unitName);
  mkdirSync(dirname(journal), { recursive: true });
  const out = openSync(journal, 'a');
  const env = {
    PATH: `${programsIn(root)}:${realProgramsIn(root)}`,
    PLAYED_PATH: realProgramsIn(root),
    PLAYED_ROOT: root,
    ...more,
  };
  const child = spawn(program, words, {
    detached: true,
    cwd: directory ?? '/',
    env,
    stdio: ['ignore', out, out],
  });
  // Unheard, the error of a program that is not there would end this process; the unit then has no process and so has failed.
  child.on('error', () => {});
  return child;
}

/** A process that never was. */
const none: Running = { pid: 0, ticks: '-' };

function begun(one: Running | undefined, read: number): Started {
  const [uptime = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return {
    process: one,
    at: Math.round(Number(uptime) * 1_000_000),
    invocation: randomBytes(16).toString('hex'),
    isStopped: false,
    read,
  };
}

function readState(root: string): State {
  const lines = readLines(stateIn(root, 'systemd'));
  return Object.fromEntries(
    lines.map(([name = '', pid = '', ticks = '', at = '', invocation = '', stopped = '', read = '']) => [
      name,
      {
        process: pid === '-' ? undefined : { pid: Number(pid), ticks },
        at: Number(at),
        invocation,
        isStopped: stopped === 'yes',
        read: Number(read),
      },
    ]),
  );
}

function change(root: string, unitName: string, to: (started: Started) => Started): void {
  const state = readState(root);
  const before = state[unitName] ?? { ...begun(undefined, 0), isStopped: true };
  const after = { ...state, [unitName]: to(before) };
  const lines = Object.entries(after).map(([name, { process: one, at, invocation, isStopped, read }]) => [
    ...[name, one?.pid ?? '-', one?.ticks ?? '-', at, invocation],
    ...[isStopped ? 'yes' : 'no', read],
  ]);
  writeLines(stateIn(root, 'systemd'), lines);
}
