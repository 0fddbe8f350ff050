import { oneLine } from '../alerts/one-line.ts';
import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident, Instant } from './incident.ts';
import { mentionAndTime } from './sentences.ts';
import { longest, most } from './written.ts';

/** Rules for declaring an incident: whoever may, once; whoever is second is told where the first is. */
export function decideDeclare(
  incident: Incident | undefined,
  command: Extract<IncidentCommand, { type: 'Declare' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  const { type: _, by, ruling, title: given, groups, runs, invite, ...declared } = command;
  if (!by.may.includes('declare')) {
    return refuse('not-allowed', 'Declaring an incident needs the right to declare.');
  }
  if (incident !== undefined) return refuse('incident-known', whereItIs(incident));
  const title = oneLine(given, longest.title);
  if (title === '')
    return refuse('text-required', 'An incident needs a title: what is wrong, in a few words.');
  const every = ruling.updateEvery[declared.severity];
  return accept({
    type: 'IncidentDeclared',
    ...declared,
    title,
    groups: groups
      .filter(({ group, round }, index) => index === indexOfGroup(groups, group, round))
      .slice(0, most.groups),
    runs: [...new Set(runs)].slice(0, most.runs),
    invite: [...new Set([by.id, declared.commander, ...invite])],
    by: by.id,
    ...(every !== undefined && { updateDueAt: now + every }),
  });
}

function indexOfGroup(groups: Incident['groups'], id: string, opening: number): number {
  return groups.findIndex(({ group, round }) => group === id && round === opening);
}

function whereItIs({ number, room, declaredBy, declaredAt }: Incident): string {
  const where = room.channel === undefined ? 'its channel is being made' : `in <#${room.channel}>`;
  return `It is #${number}, ${where}, declared by ${mentionAndTime(declaredBy, declaredAt)}.`;
}
