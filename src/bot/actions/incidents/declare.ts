import { declareModal } from '../../blocks/incidents/declare-modal.ts';
import type { IncidentAnswers } from '../../blocks/incidents/incident-answers.ts';
import type { DeclareMetadata, DeclareReference } from '../../blocks/incidents/incident-reference.ts';
import { type BotParts, refused, says } from '../../bot-parts.ts';
import { incidentPerson } from '../../incident-person.ts';
import type { Answered, Listener, Pressed } from '../../listen.ts';
import type { Content } from '../../messages.ts';
import { openView } from '../walkthroughs/open-view.ts';
import { type DeclareSubject, subjectOf } from './declare-subject.ts';
import { incidentsOf, refusedBy } from './incident-command.ts';

/** **Declare incident** on the message of an alert or a run: asks what is wrong and how bad it is. */
export function askDeclaration(bot: BotParts): Listener<Pressed<DeclareReference>> {
  return async ({ user, about, channel, trigger }) => {
    const refusal = await refusalFor(bot, user);
    if (refusal !== undefined) return refusal;
    const subject = await subjectOf(bot, about);
    if (subject === undefined) return refused({ code: 'nothing-waiting', detail: '' });
    const known = knownIncident(subject);
    if (known !== undefined) return known;
    const metadata = { about, ...(channel !== '' && { channel }) };
    const { title, severity } = subject;
    const form = { metadata, by: user, title, ...(severity !== undefined && { severity }) };
    return openView(bot, trigger, declareModal(form));
  };
}

/** The dialogue was sent: there is an incident, in whose channel everything else is said. */
export function declare(bot: BotParts): Listener<Answered<DeclareMetadata, IncidentAnswers>> {
  return async ({ user, about: { about, channel }, answers, view }) => {
    const incidents = incidentsOf(bot);
    const by = await incidentPerson(bot.groups, incidents.settings, user);
    const subject = about === undefined ? undefined : await subjectOf(bot, about);
    if (about !== undefined && subject === undefined) {
      const detail = 'The alerts have opened anew meanwhile; declare it from their newest message.';
      return refused({ code: 'nothing-waiting', detail });
    }
    const { title = '', severity = 'high', person = user } = answers;
    const handled = await incidents.declare({
      title,
      severity,
      commander: person,
      by,
      key: subject?.key ?? view,
      from: subject?.from ?? { channel: channel ?? user },
      groups: subject?.groups ?? [],
      runs: subject?.runs ?? [],
    });
    return handled.ok ? undefined : refusedBy(handled.refusal);
  };
}

/** Says so at once when somebody may not declare, so that they fill in no dialogue in vain. */
export async function refusalFor(bot: BotParts, user: string): Promise<Content | undefined> {
  const { settings } = incidentsOf(bot);
  const { may } = await incidentPerson(bot.groups, settings, user);
  if (may.includes('declare')) return undefined;
  return refused({
    code: 'not-allowed',
    detail: `Who may declare: ${settings.may.declare.join(', ') || 'nobody'}.`,
  });
}

function knownIncident({ incident }: DeclareSubject): Content | undefined {
  if (incident === undefined) return undefined;
  return says(`It already belongs to incident #${incident.number}, in <#${incident.channel}>.`);
}
