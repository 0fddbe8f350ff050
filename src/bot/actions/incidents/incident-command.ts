import type { Refusal } from '../../../deploy/decision.ts';
import { Failure } from '../../../errors.ts';
import type { IncidentCommand, IncidentPerson, IncidentRuling } from '../../../incidents/commands.ts';
import type { Incident } from '../../../incidents/incident.ts';
import type { Incidents } from '../../../response/incidents.ts';
import { sentence } from '../../blocks/escape.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import { incidentPerson } from '../../incident-person.ts';
import type { Content } from '../../messages.ts';

/** What is asked of incidents by people in Slack. */
export type IncidentBot = Pick<BotParts, 'incidents' | 'groups'>;

/** The incidents of this installation; throws `config-invalid` where there are none, for a button that an earlier one left behind. */
export function incidentsOf({ incidents }: Pick<BotParts, 'incidents'>): Incidents {
  if (incidents !== undefined) return incidents;
  throw new Failure(
    'config-invalid',
    'This Slipway keeps no incidents: slipway.yaml has no section "incidents". Nothing was changed.',
  );
}

/** An incident by its id; throws `incident-unknown`. */
export async function incidentOf(bot: IncidentBot, id: string): Promise<Incident> {
  const incident = await incidentsOf(bot).find(id);
  if (incident !== undefined) return incident;
  throw new Failure('incident-unknown', 'This button is of another installation of Slipway.');
}

/** What a person's click or words become, once it is known what they may do. */
export type Build = (by: IncidentPerson, ruling: IncidentRuling) => IncidentCommand;

/** Brings a person's commands to an incident, one after the other, and says what came of the first that was refused. */
export async function commandIncident(
  bot: IncidentBot,
  incident: string,
  user: string,
  ...builds: readonly Build[]
): Promise<Content | undefined> {
  const incidents = incidentsOf(bot);
  const by = await incidentPerson(bot.groups, incidents.settings, user);
  for (const build of builds) {
    const handled = await incidents.handle(incident, build(by, incidents.settings.ruling));
    if (!handled.ok) return refusedBy(handled.refusal);
  }
  return undefined;
}

/** A refusal as the asker reads it; the rules name people and channels in it. */
export function refusedBy({ code, detail }: Refusal): Content {
  return refused({ code, detail: sentence(detail) });
}
