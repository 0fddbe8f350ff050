import { readable } from '../../duration.ts';
import type { UnitState } from './systemd-state.ts';

/** How a unit is to be; `settled` in milliseconds. */
export interface UnitWish {
  readonly name: string;
  readonly enabled: boolean;
  readonly state: 'running' | 'stopped';
  readonly settled: number;
}

/** Whether it would come up by itself with the machine; a unit that is only an alias of one counts as that one. */
export function isEnabled({ file }: UnitState): boolean {
  return file === 'enabled' || file === 'alias';
}

export function isMasked({ load, file }: UnitState): boolean {
  return load === 'masked' || file.startsWith('masked');
}

/** The files that were changed after the unit's process was started, so that it cannot have read them. */
export function newerFiles({ files, startedAt }: UnitState): readonly string[] {
  return files.filter(({ changedAt }) => changedAt > startedAt).map(({ path }) => path);
}

/**
 * What is wrong with a unit, each the end of a sentence that begins with its name. `earlier` is what was seen some time before and
 * shows whether it stays up.
 */
export function unitFaults(wish: UnitWish, state: UnitState, earlier: UnitState = state): readonly string[] {
  if (isMasked(state)) {
    const isFine = wish.state === 'stopped' && !wish.enabled && state.active !== 'active';
    return isFine ? [] : ['is masked, so nothing can start it'];
  }
  if (state.load === 'not-found') {
    const isFine = wish.state === 'stopped' && !wish.enabled && state.active !== 'active';
    return isFine ? [] : ['does not exist'];
  }
  const faults: string[] = [];
  if (state.load !== 'loaded') faults.push(`cannot be loaded (${state.load})`);
  if (state.needsReload) faults.push('has a unit file that systemd has not read yet (daemon-reload is due)');
  if (wish.enabled && !isEnabled(state)) faults.push(`is ${state.file || 'not enabled'}, wanted is enabled`);
  if (!wish.enabled && state.file.startsWith('enabled')) faults.push('is enabled, wanted is disabled');
  if (wish.state === 'stopped') {
    if (isUp(state)) faults.push(`is ${state.active} (${state.sub}), wanted is stopped`);
    return faults;
  }
  const down = downFault(state, earlier);
  if (down !== undefined) return [...faults, down];
  const newer = newerFiles(state);
  if (newer.length > 0) faults.push(`was started before ${newer.join(', ')} changed`);
  return faults;
}

/** Whether the unit runs or is about to, also by systemd's own attempts to start it again. */
export function isUp({ active }: UnitState): boolean {
  return active !== 'inactive' && active !== 'failed';
}

/** What keeps a unit from being up for good; undefined when it is up. */
export function downFault(state: UnitState, earlier: UnitState): string | undefined {
  const { active, sub, result, exitStatus, restarts } = state;
  const ended = result === 'success' ? `exit status ${exitStatus}` : `${result}, exit status ${exitStatus}`;
  if (active === 'failed') return `has failed (${ended})`;
  if (sub.startsWith('auto-restart')) return `keeps ending (${ended}) and was restarted ${restarts} times`;
  if (active === 'activating') return `is still starting (${sub})`;
  if (active !== 'active') return `is ${active} (${sub}), wanted is running`;
  if (state.invocation !== earlier.invocation) {
    const within = readable(state.now - earlier.now);
    // The process that runs at this moment has no exit status yet.
    const how = result === 'success' ? '' : ` (${ended})`;
    return `does not stay up: it was restarted ${Math.max(1, restarts - earlier.restarts)} times within ${within}${how}`;
  }
  return undefined;
}
