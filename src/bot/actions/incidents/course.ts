import { readable } from '../../../duration.ts';
import type { IncidentAnswers } from '../../blocks/incidents/incident-answers.ts';
import { reopenModal, resolveModal, roleModal, updateModal } from '../../blocks/incidents/incident-modals.ts';
import type { IncidentMetadata, IncidentReference } from '../../blocks/incidents/incident-reference.ts';
import { type BotParts, refused } from '../../bot-parts.ts';
import type { Answered, Listener, Pressed } from '../../listen.ts';
import { openView } from '../walkthroughs/open-view.ts';
import { type Build, commandIncident, incidentOf, incidentsOf } from './incident-command.ts';

type Button = Listener<Pressed<IncidentReference>>;
type Sent = Listener<Answered<IncidentMetadata, IncidentAnswers>>;

/** Where a dialogue is asked for: by a button, or by a command that was typed. */
export type Asking = Pick<Pressed<IncidentReference>, 'about' | 'channel' | 'trigger' | 'user'>;

/** **Update**: asks what is known and being done; `text` is what was typed already. */
export function askUpdate(bot: BotParts, text?: string): Button & Listener<Asking> {
  return async ({ about, channel, trigger }: Asking) => {
    const incident = await incidentOf(bot, about.incident);
    if (incident.status === 'resolved') {
      return refused({ code: 'incident-resolved', detail: 'Reopen it first.' });
    }
    const span = incidentsOf(bot).settings.ruling.updateEvery[incident.severity];
    const every = span === undefined ? {} : { every: readable(span) };
    const form = { metadata: metadataOf(about, channel), incident, ...every };
    return openView(bot, trigger, updateModal({ ...form, ...(text && { text }) }));
  };
}

/** The dialogue was sent: it is told, and the incident becomes what was chosen. */
export function update(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { text = '', status, severity } }) => {
    const before = await incidentOf(bot, incident);
    const severer: readonly Build[] =
      severity === undefined || severity === before.severity
        ? []
        : [(by, ruling) => ({ type: 'ChangeSeverity', severity, by, ruling })];
    return commandIncident(bot, incident, user, ...severer, (by, ruling) => ({
      type: 'Update',
      text,
      ...(status !== undefined && { status }),
      by,
      ruling,
    }));
  };
}

/** **Role**: asks who takes which. */
export function askRole(bot: BotParts): Button & Listener<Asking> {
  return async ({ about, channel, trigger, user }: Asking) => {
    const incident = await incidentOf(bot, about.incident);
    const { communications, scribe } = incident.roles;
    const free =
      communications === undefined ? 'communications' : scribe === undefined ? 'scribe' : 'commander';
    const form = { metadata: metadataOf(about, channel), incident, by: user, role: free } as const;
    return openView(bot, trigger, roleModal(form));
  };
}

/** The dialogue was sent: somebody has a role. */
export function giveRole(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { role = 'commander', person = user } }) =>
    commandIncident(bot, incident, user, (by) => ({ type: 'AssignRole', role, person, by }));
}

/** **Resolve**: asks what it was. */
export function askResolve(bot: BotParts): Button & Listener<Asking> {
  return async ({ about, channel, trigger }: Asking) => {
    const incident = await incidentOf(bot, about.incident);
    if (incident.status === 'resolved') return refused({ code: 'incident-resolved', detail: '' });
    const within = readable(incidentsOf(bot).settings.ruling.reviewWithin[incident.severity]);
    return openView(bot, trigger, resolveModal({ metadata: metadataOf(about, channel), incident, within }));
  };
}

/** The dialogue was sent: it is over, and to be reviewed. */
export function resolve(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { text = '' } }) =>
    commandIncident(bot, incident, user, (by, ruling) => ({ type: 'Resolve', text, by, ruling }));
}

/** **Reopen**: asks why. */
export function askReopening(bot: BotParts): Button {
  return async ({ about, channel, trigger }) => {
    const incident = await incidentOf(bot, about.incident);
    return openView(bot, trigger, reopenModal({ metadata: metadataOf(about, channel), incident }));
  };
}

/** The dialogue was sent: it is not over. */
export function reopen(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { text = '' } }) =>
    commandIncident(bot, incident, user, (by, ruling) => ({ type: 'Reopen', text, by, ruling }));
}

/** What a dialogue about an incident carries. */
export function metadataOf({ incident }: IncidentReference, channel: string): IncidentMetadata {
  return { incident, ...(channel !== '' && { channel }) };
}
