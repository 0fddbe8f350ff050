import type { KnownBlock } from '@slack/types';
import { stateOf } from '../alerts/group-state.ts';
import { nameOf } from '../alerts/group-words.ts';
import { actions, lines, type Press } from '../block.ts';
import { rollBackButton } from '../card.ts';
import { clip, escaped, mention, more } from '../escape.ts';
import { channelMention } from '../incident-line.ts';
import { ago, moment } from '../moment.ts';
import { runSign, sign } from '../signs.ts';
import { shown, whatOf } from '../titles.ts';
import { type IncidentView, progressOf } from './incident-view.ts';

/** How many of each kind are listed. */
const most = { groups: 8, runs: 5, walkthroughs: 8 } as const;

/** What the incident is about, as it stands now: alerts, runs with the button that takes one back, and the runbooks that were opened. */
export function linkedBlocks(view: IncidentView): KnownBlock[] {
  return [...lines(groupLines(view)), ...runBlocks(view), ...lines(walkLines(view))];
}

function groupLines({ groups, now }: IncidentView): string[] {
  const told = groups.slice(0, most.groups).map(({ group, round }) => {
    const name = `*${clip(escaped(nameOf(group)), 90)}*`;
    const { environment, channel } = group.routing;
    const place = environment === undefined ? '' : ` on ${shown(environment)}`;
    const where = `${place} · ${channelMention(channel)}`;
    // Another opening is not what the incident is about, but whoever reads this wants to know of it.
    if (group.round !== round) {
      const again =
        group.status === 'firing' ? `${sign.warning} ended, and fires again` : `${sign.done} resolved`;
      return `${again}: ${name}${where}`;
    }
    const [mark, words] = stateOf(group, now);
    const since = group.status === 'firing' ? ` since ${ago(group.openedAt)}` : '';
    const count = group.firing > 1 ? ` · ${group.firing} alerts` : '';
    return `${mark} ${name}${where} · ${words}${since}${count}`;
  });
  return folded(told, groups.length - told.length);
}

function runBlocks({ runs }: IncidentView): KnownBlock[] {
  const newest = runs.toSorted((one, other) => other.run.requestedAt - one.run.requestedAt);
  const some = newest.slice(0, most.runs);
  const told = some.map(({ run, about: { takenBack } }) => {
    const what = `*${shown(run.environment)} ${whatOf(run)}*`;
    if (takenBack !== undefined) {
      return `${sign.back} ${what} · taken back by ${mention(takenBack.requestedBy)} · ${shown(takenBack.reason ?? '')}`;
    }
    const [mark, word] = runSign(run);
    const at = run.endedAt ?? run.requestedAt;
    return `${mark} ${what} · ${word} · ${moment(at)}, by ${mention(run.requestedBy)}`;
  });
  const buttons = some.flatMap(({ run, about }): Press[] =>
    rollBackButton(run, about).map((press) => ({ ...press, text: `Roll back ${clip(run.version, 50)}` })),
  );
  return [...lines(folded(told, runs.length - told.length)), ...actions(buttons)];
}

function walkLines({ walkthroughs }: IncidentView): string[] {
  const told = walkthroughs.slice(0, most.walkthroughs).map((walkthrough) => {
    const { done, all } = progressOf(walkthrough);
    const steps = all === 0 ? '' : ` · ${done} of ${all} steps done`;
    const { channel } = walkthrough.place;
    return `📖 *${shown(walkthrough.runbook.title)}*${steps} · opened by ${mention(walkthrough.openedBy)} in ${channelMention(channel)}`;
  });
  return folded(told, walkthroughs.length - told.length);
}

function folded(told: readonly string[], left: number): string[] {
  return left > 0 ? [...told, more(left)] : [...told];
}
