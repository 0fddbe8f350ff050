import type { Pool } from 'pg';
import type { Report } from '../runbooks/report.ts';
import { load } from '../store/streams.ts';
import { reportSurfaces } from './blocks/runbooks/runbook-report.ts';
import type { Picture } from './draw.ts';

/** Whether a stream is a week's report on runbooks. */
export function isReport(stream: string): boolean {
  return /^report-\d{4}-w\d{2}$/.test(stream);
}

/** What Slack should show of a report: messages to people, and one in a channel. */
export async function reportPicture(pool: Pool, stream: string): Promise<Picture | undefined> {
  const loaded = await load<Report>(pool, stream);
  if (loaded === undefined) return undefined;
  const { state, version } = loaded;
  const channel = state.letters.find((letter) => letter.channel !== undefined)?.channel ?? '';
  return { channel, version, surfaces: reportSurfaces(state) };
}
