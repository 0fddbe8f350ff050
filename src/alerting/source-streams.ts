import { decideSource } from '../alerts/decide-source.ts';
import { evolveSource } from '../alerts/evolve-source.ts';
import type { SourceCommand, SourceEvent, SourceState } from '../alerts/source.ts';
import { sourceId, sourceJobs } from '../alerts/source.ts';
import type { AlertSource } from '../alerts/surroundings.ts';
import { handle, type Rules } from '../store/handle.ts';
import { load } from '../store/streams.ts';
import type { Alerts } from './alerts.ts';

/** The rules of sources, as streams are kept. */
const sourceRules: Rules<SourceState, SourceCommand, SourceEvent> = {
  kind: 'alert-source',
  decide: decideSource,
  evolve: evolveSource,
  react: (before, after) => {
    const known = new Set(before === undefined ? [] : sourceJobs(before).map(({ id }) => id));
    return sourceJobs(after).filter(({ id }) => !known.has(id));
  },
  hasEnded: () => false,
  holds: () => null,
  drawDelay: () => 0,
};

/** A command to a source's stream without what its configuration says. */
export type SourceNews = SourceCommand extends infer One
  ? One extends SourceCommand
    ? Omit<One, 'source' | 'channel'>
    : never
  : never;

/** The stream of one source. */
export interface SourceStream {
  /** Brings a command and commits before it returns; gives whether anything was news. */
  readonly tell: (news: SourceNews) => Promise<boolean>;
  readonly find: () => Promise<SourceState | undefined>;
}

/** Binds the rules of a source to the store. Its messages are where its watchdog says, else where the first route leads. */
export function sourceStream({ parts }: Pick<Alerts, 'parts'>, source: AlertSource): SourceStream {
  const { pool, now, nudge, config } = parts;
  const channel = source.watchdog?.channel ?? config.settings.routes[0]?.channel ?? '';
  const id = sourceId(source.name);
  return {
    find: async () => (await load<SourceState>(pool, id))?.state,
    tell: async (news) => {
      const command: SourceCommand = { ...news, source: source.name, channel };
      const handled = await handle(pool, sourceRules, id, command, now());
      const isNews = handled.ok && handled.events.length > 0;
      if (isNews) nudge(handled.due ?? now());
      return isNews;
    },
  };
}
