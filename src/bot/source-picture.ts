import type { Pool } from 'pg';
import type { SourceState } from '../alerts/source.ts';
import { load } from '../store/streams.ts';
import { sourceMessages } from './blocks/alerts/source-message.ts';
import type { Picture } from './draw.ts';

/** What Slack should show of a source of alerts; undefined for a stream that is none. */
export async function sourcePicture(pool: Pool, stream: string): Promise<Picture | undefined> {
  const loaded = await load<SourceState>(pool, stream);
  if (loaded === undefined) return undefined;
  const { state, version } = loaded;
  return { channel: state.channel, version, surfaces: sourceMessages(state) };
}
