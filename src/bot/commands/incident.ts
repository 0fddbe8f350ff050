import type { Incident } from '../../incidents/incident.ts';
import { incidentSeverities, roles } from '../../incidents/incident.ts';
import { suggestion } from '../../nearest.ts';
import type { Incidents } from '../../response/incidents.ts';
import { askResolve, askRole, askUpdate } from '../actions/incidents/course.ts';
import { refusalFor } from '../actions/incidents/declare.ts';
import { commandIncident } from '../actions/incidents/incident-command.ts';
import { timelineFor } from '../actions/incidents/record.ts';
import { openView } from '../actions/walkthroughs/open-view.ts';
import { code } from '../blocks/escape.ts';
import { declareModal } from '../blocks/incidents/declare-modal.ts';
import {
  incidentHelp,
  incidentList,
  type incidentWords,
  noIncidentsReply,
  noSuchIncident,
  whichIncident,
} from '../blocks/incidents/incident-reply.ts';
import { type BotParts, says } from '../bot-parts.ts';
import type { Listener, Typed } from '../listen.ts';
import type { Content } from '../messages.ts';
import { type IncidentWords, readIncidentWords } from './incident-words.ts';

/** `/incident` with what was typed after its word. */
interface Asked extends Typed, IncidentWords {
  readonly incidents: Incidents;
}

type Verb = (bot: BotParts, asked: Asked) => Promise<Content | undefined>;

const verbs: Readonly<Record<keyof typeof incidentWords, Verb>> = {
  declare: async (bot, { user, channel, trigger, rest }) => {
    const refusal = await refusalFor(bot, user);
    if (refusal !== undefined) return refusal;
    const [first = '', ...others] = rest.split(' ');
    const severity = oneOf(incidentSeverities, first);
    const title = (severity === undefined ? rest : others.join(' ')).slice(0, 150);
    const metadata = { ...(channel !== '' && { channel }) };
    return openView(
      bot,
      trigger,
      declareModal({ metadata, by: user, title, ...(severity !== undefined && { severity }) }),
    );
  },
  update: about('update', async (bot, asked, { id }) =>
    askUpdate(bot, asked.rest)({ ...asked, about: { incident: id } }),
  ),
  severity: about('severity', async (bot, { rest, user }, { id }) => {
    const severity = oneOf(incidentSeverities, rest);
    if (severity === undefined) return says(`Which severity? ${wordFor(rest, incidentSeverities)}`);
    return commandIncident(bot, id, user, (by, ruling) => ({ type: 'ChangeSeverity', severity, by, ruling }));
  }),
  role: about('role', async (bot, asked, { id }) => {
    const [first = ''] = asked.rest.split(' ');
    const role = oneOf(roles, first);
    if (first !== '' && role === undefined) return says(`Which role? ${wordFor(first, roles)}`);
    const [person] = asked.people;
    if (role !== undefined && person !== undefined) {
      return commandIncident(bot, id, asked.user, (by) => ({ type: 'AssignRole', role, person, by }));
    }
    return askRole(bot)({ ...asked, about: { incident: id } });
  }),
  invite: about('invite', async (bot, { people, user }, { id }) =>
    people.length === 0
      ? says('Whom? Name them as in `/incident invite @bob`.')
      : commandIncident(bot, id, user, (by) => ({ type: 'Invite', people, by })),
  ),
  resolve: about('resolve', async (bot, asked, { id }) =>
    askResolve(bot)({ ...asked, about: { incident: id } }),
  ),
  timeline: about('timeline', async (bot, { user }, incident) => timelineFor(bot, incident, user)),
  list: async ({ now }, { incidents }) => incidentList(await incidents.open(), now()),
  help: async () => incidentHelp(),
};

/** `/incident`: declares one, leads one, or tells of those that are open. */
export function incident(bot: BotParts): Listener<Typed> {
  return async (typed) => {
    const { incidents } = bot;
    if (incidents === undefined) return noIncidentsReply();
    const words = readIncidentWords(typed.text);
    if (words.word === '') return incidentHelp();
    const verb = isWord(words.word) ? verbs[words.word] : undefined;
    return verb === undefined ? incidentHelp(words.word) : verb(bot, { ...typed, ...words, incidents });
  };
}

/** A word about one incident: that which is named, or in whose channel it is typed. */
function about(
  word: string,
  answer: (bot: BotParts, asked: Asked, incident: Incident) => Promise<Content | undefined>,
): Verb {
  return async (bot, asked) => {
    const { incidents, number, channel } = asked;
    const found =
      number === undefined ? await incidents.inChannel(channel) : await incidents.numbered(Number(number));
    if (found !== undefined) return answer(bot, asked, found);
    if (number !== undefined) return noSuchIncident(number);
    const open = await incidents.open();
    return whichIncident(
      word,
      open.filter(({ status }) => status !== 'resolved'),
    );
  };
}

function isWord(word: string): word is keyof typeof verbs {
  return Object.hasOwn(verbs, word);
}

function oneOf<Value extends string>(all: readonly Value[], typed: string): Value | undefined {
  return all.find((one) => one === typed.toLowerCase());
}

function wordFor(typed: string, all: readonly string[]): string {
  if (typed === '') return `There is ${all.join(', ')}.`;
  return `${code(typed.slice(0, 40))} is none: ${suggestion(typed.slice(0, 40), all)}`;
}
