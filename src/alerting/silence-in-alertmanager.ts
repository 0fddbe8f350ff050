import type { AlertGroup, Instant, Silence } from '../alerts/group.ts';
import { oneLine } from '../alerts/one-line.ts';
import { Failure } from '../errors.ts';
import type { KeptSilence } from './alertmanager-answers.ts';
import type { Peer } from './alertmanager-peer.ts';

/** Times that are this near are one: clocks are compared to the second. Milliseconds. */
const near = 2_500;

/** A start that is over is moved to now by Alertmanager, one that is ahead would let alerts through until then. Milliseconds. */
const earlier = 5_000;

type Owner = Pick<AlertGroup, 'id'>;

/** What stands in the comment of a silence made here, so that it is found again when the answer was lost. */
function markOf(group: Owner, { number }: Pick<Silence, 'number'>): string {
  return `slipway ${group.id}/${number}`;
}

/** The group that a silence with this comment was made for, if it was made here. */
export function groupIn(comment: string): string | undefined {
  return /\[slipway (group-[0-9a-f]{16})\/\d+\]$/.exec(comment)?.[1];
}

/** Whether a silence in Alertmanager is the one that was made for this; one that ended is a thing of the past. */
export function isKept(kept: KeptSilence, group: Owner, silence: Silence): boolean {
  if (kept.state === 'expired') return false;
  return kept.id === silence.id || kept.comment.endsWith(`[${markOf(group, silence)}]`);
}

/** Whether two times are the same, as far as that can be told across two clocks. */
export function isSameTime(one: Instant, other: Instant): boolean {
  return Math.abs(one - other) < near;
}

/**
 * Makes the silence, or changes its end when it is there already; gives its id, which may be a new one, and when it really
 * ends, by our clock. Throws what the peer throws, `timed-out` where it
 * may be there although that is not known for sure, and `alertmanager-refused` when it would be over by now.
 */
export async function keepSilence(
  peer: Peer,
  group: Owner,
  silence: Silence,
  now: Instant,
): Promise<{ readonly id: string; readonly until: Instant }> {
  const all = await peer.silences();
  const kept = foremost(
    all.filter((one) => isKept(one, group, silence)),
    silence,
  );
  const ahead = peer.ahead();
  const endsAt = silence.until + ahead;
  if (kept !== undefined && isSameTime(kept.endsAt, endsAt))
    return { id: kept.id, until: kept.endsAt - ahead };
  if (silence.until <= now) {
    throw new Failure('alertmanager-refused', 'The silence would have ended before Alertmanager answered.');
  }
  const id = await peer.postSilence({
    // Only with the very start that it has is it changed in place.
    ...(kept === undefined ? {} : { id: kept.id }),
    startsAt: kept?.startsAt ?? now + ahead - earlier,
    endsAt,
    matchers: silence.matchers,
    createdBy: oneLine(`${silence.by.name ?? silence.by.id} by way of Slipway`, 200),
    comment: `${oneLine(silence.comment, 500)} [${markOf(group, silence)}]`.trim(),
  });
  const made = await readBack(peer, id);
  return { id, until: (made?.endsAt ?? endsAt) - ahead };
}

/** By now it is there: another peer, which may not have heard of it yet, must not be asked for a second one. */
async function readBack(peer: Peer, id: string): Promise<KeptSilence | undefined> {
  try {
    return await peer.silence(id);
  } catch (error) {
    throw new Failure('timed-out', `The silence ${id} was made, and could not be read back.`, {
      cause: error,
    });
  }
}

/** Ends the silence, and any second one that an answer which was lost has left behind. */
export async function removeSilence(peer: Peer, group: Owner, silence: Silence): Promise<void> {
  const all = await peer.silences();
  const ids = all.filter((one) => isKept(one, group, silence)).map(({ id }) => id);
  // A peer that has not heard of it yet is told all the same.
  if (silence.id !== undefined && !all.some(({ id }) => id === silence.id)) ids.push(silence.id);
  for (const id of ids) await peer.deleteSilence(id);
}

function foremost(kept: readonly KeptSilence[], { id }: Silence): KeptSilence | undefined {
  return kept.find((one) => one.id === id) ?? kept.toSorted((a, b) => b.endsAt - a.endsAt)[0];
}
