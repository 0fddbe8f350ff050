import type { GroupCommand } from '../alerts/commands.ts';
import type { AlertGroup, Silence } from '../alerts/group.ts';
import type { KeptSilence } from './alertmanager-answers.ts';
import type { Peer } from './alertmanager-peer.ts';
import type { Alerts } from './alerts.ts';
import { type Standing, standing } from './comparison.ts';
import { groupIn, isKept, isSameTime } from './silence-in-alertmanager.ts';
import { groupsWithSilences } from './source-rows.ts';

/** What is to be told to a group about one of its silences. */
interface News {
  /** The same as long as the same is so. */
  readonly key: string;
  readonly group: string;
  readonly command: GroupCommand;
}

/**
 * Compares the silences of a source's groups with those in Alertmanager once: one that ended there or was made to end at another
 * time is told to its group when two looks in a row found so, since peers hear of each other's with a delay. Gives what
 * stands now.
 */
export async function reconcileSilences(
  alerts: Pick<Alerts, 'handle' | 'parts'>,
  source: string,
  peer: Peer,
  before: ReadonlyMap<string, Standing>,
): Promise<ReadonlyMap<string, Standing>> {
  const { pool, now } = alerts.parts;
  const kept = await peer.silences();
  const ours = kept.filter(({ state }) => state !== 'expired').flatMap((one) => groupIn(one.comment) ?? []);
  const groups = await groupsWithSilences(pool, source, [...new Set(ours)]);
  const news = groups.flatMap((group) =>
    group.silences.flatMap((silence) => newsOf(group, silence, kept, peer.ahead())),
  );
  const stands = standing(
    before,
    news.map(({ key }) => key),
    now(),
  );
  for (const { key, group, command } of news) {
    if ((stands.get(key)?.looks ?? 0) >= 2) await alerts.handle(group, command);
  }
  return stands;
}

function newsOf(
  group: AlertGroup,
  silence: Silence,
  all: readonly KeptSilence[],
  ahead: number,
): readonly News[] {
  const { number, turn, status } = silence;
  const kept = all.filter((one) => isKept(one, group, silence));
  const about = (what: string) => ({
    key: `${group.id}/${number}/${turn}/${what}`,
    group: group.id,
  });
  const made = ({ id, endsAt }: KeptSilence): GroupCommand => ({
    type: 'SilenceMade',
    number,
    turn,
    silence: id,
    until: endsAt - ahead,
  });
  if (status === 'active') {
    // A change by hand may give it another id.
    const [one] = kept.toSorted((a, b) => b.endsAt - a.endsAt);
    if (one === undefined) return [{ ...about('ended'), command: { type: 'SilenceEnded', number } }];
    const isSame = one.id === silence.id && isSameTime(one.endsAt - ahead, silence.until);
    return isSame ? [] : [{ ...about(`${one.id}/${one.endsAt}`), command: made(one) }];
  }
  // A second one that a lost answer left behind: told of it, the group has it ended too.
  const left = status === 'ended' ? kept.find(({ id }) => id !== silence.id) : undefined;
  return left === undefined ? [] : [{ ...about(`left/${left.id}`), command: made(left) }];
}
