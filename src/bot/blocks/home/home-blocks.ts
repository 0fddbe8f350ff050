import type { KnownBlock } from '@slack/types';
import { action } from '../action.ts';
import { encodeGroup } from '../alerts/group-reference.ts';
import { stateOf } from '../alerts/group-state.ts';
import { brief, nameOf as nameOfGroup, severitySign } from '../alerts/group-words.ts';
import type { Press } from '../block.ts';
import { actions, context, header, lines, section } from '../block.ts';
import { stepCounts } from '../card.ts';
import { clip, link, mention, more } from '../escape.ts';
import { limits } from '../limits.ts';
import { moment } from '../moment.ts';
import { runSign, sign } from '../signs.ts';
import { shown } from '../titles.ts';
import type { HomeFacts, HomePerson } from './home-facts.ts';
import type { Waiting } from './waiting.ts';
import { waitingOnAlerts } from './waiting-on-alerts.ts';
import { incidentLine, waitingOnIncidents } from './waiting-on-incidents.ts';
import { nameOf, waitingOnRuns } from './waiting-on-runs.ts';
import { waitingOnWalkthroughs } from './waiting-on-walkthroughs.ts';

/** How many of each kind are shown; the rest is counted. All of them together stay within the 100 blocks of a view. */
const most = { waiting: 15, alerts: 10, incidents: 8, runs: 8 };

/** A person's home tab: what waits on them, each with its button, then how everything stands. */
export function homeBlocks(person: HomePerson, facts: HomeFacts): KnownBlock[] {
  const blocks: KnownBlock[] = [
    ...waitingBlocks(waitingOn(person, facts)),
    ...onCallBlocks(facts),
    ...alertBlocks(person, facts),
    ...incidentBlocks(facts),
    ...runBlocks(facts),
  ];
  return blocks.slice(0, limits.viewBlocks);
}

/** What waits on a person, what cannot wait first. */
export function waitingOn(person: HomePerson, facts: HomeFacts): readonly Waiting[] {
  return [
    ...waitingOnAlerts(person, facts),
    ...waitingOnWalkthroughs(person, facts),
    ...waitingOnRuns(person, facts),
    ...waitingOnIncidents(person, facts),
  ];
}

function waitingBlocks(all: readonly Waiting[]): KnownBlock[] {
  if (all.length === 0) return [header('Nothing waits on you'), ...end()];
  return [
    header(`Waiting on you: ${all.length}`),
    ...all.slice(0, most.waiting).flatMap(({ line, press }) => [section(clip(line, 600)), ...actions(press)]),
    ...rest(all.length - most.waiting),
    ...end(),
  ];
}

function onCallBlocks({ onCall }: HomeFacts): KnownBlock[] {
  if (onCall.length === 0) return [];
  const all = onCall.map(({ schedule, now, next }) => {
    const then = next === undefined ? '' : `, then ${mention(next)}`;
    return `*${shown(schedule)}*: ${now === undefined ? 'nobody' : mention(now)}${then}`;
  });
  return [header('On call'), ...lines(folded(all, 12)), ...end()];
}

function alertBlocks({ may }: HomePerson, { groups, firing, now }: HomeFacts): KnownBlock[] {
  if (firing === undefined) return [];
  if (firing === 0) return [section(`${sign.done} No alert fires.`), ...end()];
  const shownGroups = groups.slice(0, most.alerts);
  return [
    header(`Firing alerts: ${firing}`),
    ...shownGroups.flatMap(({ group, link: address }) => {
      const name = brief(nameOfGroup(group), 100);
      const words = address === undefined ? `*${name}*` : `*${link(address, nameOfGroup(group))}*`;
      const [, state] = stateOf(group, now);
      const where = group.routing.environment === undefined ? '' : ` on ${shown(group.routing.environment)}`;
      const line = `${severitySign[group.routing.severity]} ${words}${where} · ${state} · since ${moment(group.openedAt)}`;
      const value = encodeGroup({ group: group.id, round: group.round });
      const isMine = group.acknowledged === undefined && may.includes('acknowledge');
      const press: Press[] = isMine ? [{ text: 'Acknowledge', action: action.acknowledge, value }] : [];
      return [section(line), ...actions(press)];
    }),
    ...rest(firing - shownGroups.length),
    ...end(),
  ];
}

function incidentBlocks({ incidents }: HomeFacts): KnownBlock[] {
  const open = incidents.filter(({ status }) => status !== 'resolved');
  if (open.length === 0) return [];
  return [
    header(`Incidents: ${open.length}`),
    ...lines(
      folded(
        open.map((incident) => incidentLine(incident)),
        most.incidents,
      ),
    ),
    ...end(),
  ];
}

function runBlocks({ runs, locks }: HomeFacts): KnownBlock[] {
  const running = runs.map((one) => {
    const [mark, word] = runSign(one.run);
    const { done, all } = stepCounts(one.run);
    return `${mark} ${nameOf(one)} · ${word} · ${done}/${all} steps · ${mention(one.run.requestedBy)}`;
  });
  const locked = locks.map(({ environment, by, reason, until }) => {
    const end = until === undefined ? '' : ` until ${moment(until)}`;
    return `${sign.locked} *${shown(environment)}* is locked by ${mention(by)}${end}: ${shown(reason)}`;
  });
  const all = [...running, ...locked];
  if (all.length === 0) return [section(`${sign.idle} Nothing is being deployed, and nothing is locked.`)];
  return [header('Deployments'), ...lines(folded(all, most.runs * 2))];
}

function folded(all: readonly string[], atMost: number): string[] {
  return all.length > atMost ? [...all.slice(0, atMost - 1), more(all.length - atMost + 1)] : [...all];
}

function rest(left: number): KnownBlock[] {
  return left > 0 ? [context(more(left))] : [];
}

function end(): KnownBlock[] {
  return [{ type: 'divider' }];
}
