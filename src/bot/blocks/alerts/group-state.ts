import type { AlertGroup, Instant, Silence } from '../../../alerts/group.ts';
import { inForce } from '../../../alerts/silences-of.ts';
import { instantOf } from '../../../alerts/stamp.ts';
import { readable } from '../../../duration.ts';
import { sign } from '../signs.ts';
import { severitySign } from './group-words.ts';

/** The silences of a group that Alertmanager has, or is asked for or about, the oldest first. */
export function standingSilences({ silences }: AlertGroup, now: Instant): readonly Silence[] {
  return silences.filter((silence) => inForce(silence, now) || silence.status === 'ending');
}

/** The sign and the words for how a group stands; what calls for somebody comes first. */
export function stateOf(group: AlertGroup, now: Instant): readonly [sign: string, words: string] {
  if (group.status === 'resolved') return [sign.done, `resolved after ${readable(lasted(group))}`];
  const isSilenced = standingSilences(group, now).some(
    ({ scope, status }) => scope === 'group' && status === 'active',
  );
  const said = [
    ...(group.acknowledged === undefined ? [] : ['acknowledged']),
    ...(isSilenced ? ['silenced'] : []),
    ...(group.dismissed === undefined ? [] : ['page closed']),
  ];
  const words = said.length === 0 ? ['firing'] : ['firing', ...said];
  return [
    severitySign[group.routing.severity],
    [...(group.flapping ? ['flapping'] : []), ...words].join(' · '),
  ];
}

/** How long the round lasted, in milliseconds: from the first alert by the source's clock, or by ours where that is no use. */
function lasted({ since, openedAt, closedAt = openedAt }: AlertGroup): number {
  const began = instantOf(since);
  const isPlausible = began <= closedAt && openedAt - began < 400 * 86_400_000;
  return Math.max(0, closedAt - (isPlausible ? began : openedAt));
}

const bars = '▁▂▃▄▅▆▇█';

/** How often a group opened, over the time between the first and the last opening, as a row of at most 16 bars. */
export function sparkline(openings: readonly Instant[]): string {
  const [first, last] = [openings[0], openings.at(-1)];
  if (first === undefined || last === undefined || last <= first) return '';
  const count = 16;
  const counts = Array<number>(count).fill(0);
  for (const at of openings) {
    const index = Math.min(count - 1, Math.floor(((at - first) / (last - first)) * count));
    if (counts[index] !== undefined) counts[index] += 1;
  }
  const most = Math.max(...counts);
  return counts.map((one) => bars[one === 0 ? 0 : Math.ceil((one / most) * (bars.length - 1))]).join('');
}
