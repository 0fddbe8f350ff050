import type { SourceEvent, SourceState, Trouble, WatchdogPage } from './source.ts';
import { sourceId } from './source.ts';

/** The state of a source after an event; the first event names it. */
export function evolveSource(state: SourceState | undefined, event: SourceEvent): SourceState {
  if (event.type === 'SourceNamed') {
    const { source: name, channel } = event;
    return { ...state, id: sourceId(name), name, channel };
  }
  if (state === undefined) throw new RangeError(`${event.type} cannot be a source's first event`);
  const { at } = event;
  switch (event.type) {
    case 'ReachLost': {
      const { number, isPartial, silent } = event;
      return { ...state, unreached: { ...going(state.unreached, number, at), isPartial, silent } };
    }
    case 'ReachRegained':
      return { ...state, ...(state.unreached && { unreached: { ...state.unreached, endedAt: at } }) };
    case 'DriftFound': {
      const { number, count, some } = event;
      return { ...state, drift: { ...going(state.drift, number, at), count, some } };
    }
    case 'DriftGone':
      return { ...state, ...(state.drift && { drift: { ...state.drift, endedAt: at } }) };
    case 'WatchdogHeard':
      return { ...state, heardAt: at, ...ended(state, at) };
    case 'WatchdogSilent':
      return { ...state, silence: { number: event.number, since: event.since } };
    case 'WatchdogDropped':
      return { ...state, ...ended(state, at) };
    case 'PageWanted':
      return { ...state, page: pageAfter(state.page, event.page) };
    case 'PageTold':
      return { ...state, ...(state.page && { page: { ...state.page, told: event.status } }) };
    case 'PageRefused':
      return { ...state, ...(state.page && { page: { ...state.page, refused: event.because } }) };
  }
}

/** Trouble that changes while it lasts keeps the time when it began. */
function going(trouble: Trouble | undefined, number: number, at: number): Trouble {
  return trouble !== undefined && trouble.endedAt === undefined ? trouble : { number, since: at };
}

function ended({ silence }: SourceState, at: number): Pick<SourceState, 'silence'> {
  if (silence === undefined) return {};
  return { silence: silence.endedAt === undefined ? { ...silence, endedAt: at } : silence };
}

function pageAfter(
  page: WatchdogPage | undefined,
  wanted: Pick<WatchdogPage, 'key' | 'dedupKey' | 'wanted'>,
): WatchdogPage {
  // What another key was told says nothing about this one.
  const told = page?.key === wanted.key && page.told !== undefined ? { told: page.told } : {};
  return { ...wanted, ...told, turn: (page?.turn ?? 0) + 1 };
}
