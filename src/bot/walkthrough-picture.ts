import type { Pool } from 'pg';
import type { Walkthroughs } from '../response/walkthroughs.ts';
import { load } from '../store/streams.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';
import { walkthroughSurfaces } from './blocks/runbooks/walkthrough-surfaces.ts';
import type { Picture } from './draw.ts';
import { walkEvidence } from './walk-evidence.ts';

/** Whether a stream is an opened runbook. */
export function isWalkthrough(stream: string): boolean {
  return /^walk-[0-9a-f]{16}$/.test(stream);
}

/** What Slack should show of an opened runbook; undefined for a stream that is none. */
export async function walkthroughPicture(
  { pool, now }: { readonly pool: Pool; readonly now: () => number },
  walkthroughs: Pick<Walkthroughs, 'runbookOf'>,
  stream: string,
): Promise<Picture | undefined> {
  const loaded = await load<Walkthrough>(pool, stream);
  if (loaded === undefined) return undefined;
  const { state: walkthrough, version } = loaded;
  const [runbook, evidence] = await Promise.all([
    walkthroughs.runbookOf(walkthrough),
    walkEvidence(pool, walkthrough),
  ]);
  const surfaces = walkthroughSurfaces({ walkthrough, runbook, now: now(), evidence });
  return { channel: walkthrough.place.channel, version, surfaces };
}
