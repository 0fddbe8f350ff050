import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import { mayRespond } from './sentences.ts';
import { most } from './written.ts';

type Linking = Extract<IncidentCommand, { type: 'LinkGroup' | 'LinkRun' }>;

/** Rules for what an incident is about: openings of alert groups and runs, each linked once. */
export function decideLink({ groups, runs }: Incident, command: Linking): Decision<UntimedIncidentEvent> {
  if (!mayRespond(command.by)) {
    return refuse('not-allowed', 'Linking alerts and deployments needs the right to respond.');
  }
  const by = command.by.id;
  if (command.type === 'LinkRun') {
    const { run } = command;
    if (runs.includes(run)) return accept();
    if (runs.length >= most.runs) return refuse('incident-full', `${most.runs} deployments are linked.`);
    return accept({ type: 'RunLinked', run, by });
  }
  const { group, round } = command;
  if (groups.some((known) => known.group === group && known.round === round)) return accept();
  if (groups.length >= most.groups) return refuse('incident-full', `${most.groups} alerts are linked.`);
  return accept({ type: 'GroupLinked', group, round, by });
}
