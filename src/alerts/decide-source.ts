import type { Decision } from '../deploy/decision.ts';
import { accept } from '../deploy/decision.ts';
import type { Instant } from './group.ts';
import type {
  SourceCommand,
  SourceEvent,
  SourceState,
  Trouble,
  UntimedSourceEvent,
  WatchdogPage,
} from './source.ts';
import { sourceId, watchdogKey } from './source.ts';

/** Trouble that comes back this soon is told in the message of the last time, in milliseconds. */
const soon = 600_000;

/** What a command does to a source; the same for the same input. What is no news gives no event. */
export function decideSource(
  before: SourceState | undefined,
  command: SourceCommand,
  now: Instant,
): Decision<SourceEvent> {
  const { source, channel } = command;
  const named: UntimedSourceEvent[] =
    before?.channel === channel ? [] : [{ type: 'SourceNamed', source, channel }];
  const state = before ?? { id: sourceId(source), name: source, channel };
  const news = newsOf(state, command, now);
  // A source of which there is nothing to tell need not exist.
  if (news.length === 0 && (before === undefined || !hasTrouble(before))) return accept();
  return accept(...[...named, ...news].map((event) => ({ ...event, at: now })));
}

function newsOf(state: SourceState, command: SourceCommand, now: Instant): readonly UntimedSourceEvent[] {
  switch (command.type) {
    case 'Reach':
      return reach(state, command, now);
    case 'Compare':
      return compare(state, command, now);
    case 'Hear':
      return hear(state, command, now);
    case 'CheckWatchdog':
      return check(state, command, now);
    case 'DropWatchdog':
      return isGoing(state.silence) ? [{ type: 'WatchdogDropped' }, ...pageWanted(state, 'resolved')] : [];
    case 'PageTold':
      if (state.page?.turn !== command.turn || state.page.told === state.page.wanted) return [];
      return [{ type: 'PageTold', status: state.page.wanted }];
    case 'PageRefused':
      if (state.page?.turn !== command.turn || state.page.refused !== undefined) return [];
      return [{ type: 'PageRefused', because: command.because }];
  }
}

/** Whether something is wrong at this moment. */
export function isGoing(trouble: Trouble | undefined): boolean {
  return trouble !== undefined && trouble.endedAt === undefined;
}

function hasTrouble({ unreached, drift, silence }: SourceState): boolean {
  return [unreached, drift, silence].some(isGoing);
}

type Asked<Type extends SourceCommand['type']> = Extract<SourceCommand, { type: Type }>;

function reach({ unreached }: SourceState, command: Asked<'Reach'>, now: Instant): UntimedSourceEvent[] {
  const { isPartial, silent } = command;
  if (silent.length === 0) return isGoing(unreached) ? [{ type: 'ReachRegained' }] : [];
  // Why it does not answer may be told in other words each time, which is no news.
  const addresses = (all: Asked<'Reach'>['silent']) => all.map(({ address }) => address).join();
  const isKnown =
    isGoing(unreached) &&
    unreached?.isPartial === isPartial &&
    addresses(unreached.silent) === addresses(silent);
  return isKnown ? [] : [{ type: 'ReachLost', number: numberOf(unreached, now), isPartial, silent }];
}

function compare({ drift }: SourceState, command: Asked<'Compare'>, now: Instant): UntimedSourceEvent[] {
  const { count, some } = command;
  if (count === 0) return isGoing(drift) ? [{ type: 'DriftGone' }] : [];
  const isKnown =
    isGoing(drift) && drift?.count === count && JSON.stringify(drift.some) === JSON.stringify(some);
  return isKnown ? [] : [{ type: 'DriftFound', number: numberOf(drift, now), count, some }];
}

function hear(state: SourceState, { every }: Asked<'Hear'>, now: Instant): UntimedSourceEvent[] {
  if (isGoing(state.silence)) return [{ type: 'WatchdogHeard' }, ...pageWanted(state, 'resolved')];
  return now - (state.heardAt ?? Number.NEGATIVE_INFINITY) >= every ? [{ type: 'WatchdogHeard' }] : [];
}

function check(state: SourceState, command: Asked<'CheckWatchdog'>, now: Instant): UntimedSourceEvent[] {
  const { silence, startedAt, page } = command;
  if (isGoing(state.silence)) return [];
  const heardAt = Math.max(...[state.heardAt, command.heardAt].filter((at) => at !== undefined), 0);
  // While nobody listened it may well have been heard.
  if (now - Math.max(heardAt, startedAt) <= silence) return [];
  const since = heardAt === 0 ? startedAt : heardAt;
  const silent: UntimedSourceEvent = { type: 'WatchdogSilent', number: numberOf(state.silence, now), since };
  return [silent, ...pageWanted(state, 'triggered', page)];
}

function numberOf(last: Trouble | undefined, now: Instant): number {
  if (last === undefined) return 1;
  const isSame = last.endedAt === undefined || now - last.endedAt < soon;
  return isSame ? last.number : last.number + 1;
}

/** It is resolved with the key that triggered it, whatever the configuration says by then. */
function pageWanted(
  { name, page }: SourceState,
  wanted: WatchdogPage['wanted'],
  key: string | undefined = page?.key,
): UntimedSourceEvent[] {
  if (key === undefined || page?.wanted === wanted) return [];
  if (wanted === 'resolved' && page === undefined) return [];
  return [{ type: 'PageWanted', page: { key, dedupKey: watchdogKey(name), wanted } }];
}
