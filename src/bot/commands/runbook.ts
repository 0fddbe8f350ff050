import { sha256 } from '../../canonical.ts';
import { nearest } from '../../nearest.ts';
import type { Library } from '../../runbooks/library.ts';
import { code, escaped } from '../blocks/escape.ts';
import { listReply } from '../blocks/runbooks/runbook-list.ts';
import type { RunbookReference } from '../blocks/runbooks/runbook-reference.ts';
import {
  foundReply,
  helpReply,
  nothingFoundReply,
  unknownRunbookReply,
} from '../blocks/runbooks/runbook-replies.ts';
import { sign } from '../blocks/signs.ts';
import type { BotParts } from '../bot-parts.ts';
import { refused, says } from '../bot-parts.ts';
import type { Listener, Pressed, Typed } from '../listen.ts';
import type { Content } from '../messages.ts';

/** How many runbooks words find at most. */
const mostFound = 5;

/** `/runbook`: lists runbooks, finds them by words, and opens one in this channel. */
export function runbook(bot: BotParts): Listener<Typed> {
  return async ({ text, user, channel, trigger }) => {
    const words = text.trim().split(/\s+/).filter(Boolean);
    const [verb = '', ...rest] = words;
    switch (verb.toLowerCase()) {
      case '':
        return list(bot, []);
      case 'help':
        if (rest.length === 0) return helpReply();
        break;
      case 'list':
        return list(bot, rest);
      case 'open': {
        const [name, environment] = rest;
        if (name === undefined) return helpReply();
        return open(bot, { name, environment, user, channel, key: keyOf(trigger) });
      }
    }
    return find(bot, words.join(' '), keyOf(trigger));
  };
}

/** **Open** beside a runbook that was found. */
export function openFound(bot: BotParts): Listener<Pressed<RunbookReference>> {
  return async ({ user, channel, about: { runbook: name, environment, key } }) =>
    open(bot, { name, environment, user, channel, key });
}

function list({ library, now }: BotParts, words: readonly string[]): Content {
  const last = words.at(-1) ?? '';
  const page = /^\d{1,4}$/.test(last) ? Number(last) : undefined;
  const word = (page === undefined ? words : words.slice(0, -1)).join(' ').toLowerCase();
  const all = library.all();
  if (word === '') return listReply({ runbooks: all, faults: library.faults(), page: page ?? 1, now: now() });
  const runbooks = all.filter(
    ({ severity, tags, owner }) =>
      severity === word || owner === word || tags.some((tag) => tag.toLowerCase() === word),
  );
  return listReply({ runbooks, faults: [], word, page: page ?? 1, now: now() });
}

function find({ library, runs, now }: BotParts, words: string, key: string): Content {
  const found = library.search(words, mostFound);
  if (found.length === 0) return nothingFoundReply(words, near(library, words));
  const environment = onlyOf(Object.keys(runs.parts.config.environments));
  return foundReply(words, found, { key, environment, now: now() });
}

async function open(
  bot: BotParts,
  asked: {
    readonly name: string;
    readonly environment: string | undefined;
    readonly user: string;
    readonly channel: string;
    readonly key: string;
  },
): Promise<Content> {
  const { library, runs, incidents, walkthroughs } = bot;
  const { user: by, channel } = asked;
  const found = library.find(asked.name.toLowerCase().replace(/\.md$/, ''));
  if (found === undefined) return unknownRunbookReply(asked.name, near(library, asked.name));
  const environments = Object.keys(runs.parts.config.environments);
  if (asked.environment !== undefined) runs.environment(asked.environment);
  const environment = asked.environment ?? onlyOf(environments);
  const incident = await incidents?.inChannel(channel);
  const opened = await walkthroughs.open({
    runbook: found,
    key: asked.key,
    place: { channel },
    labels: {},
    by,
    ...(environment !== undefined && { environment }),
    ...(incident !== undefined && { incident: incident.id }),
  });
  if (!opened.ok) return refused(opened.refusal);
  const title = `*${escaped(found.title)}*`;
  if (opened.events.length === 0) return says(`${title} is open in this channel already.`);
  const where =
    environment === undefined
      ? `${sign.warning} Nothing of it can be run, since no environment was named; type ${code(`/runbook open ${found.name} ${environments[0] ?? 'ENVIRONMENT'}`)} for one.`
      : `Its steps run in ${escaped(environment)}.`;
  const whose = incident === undefined ? '' : ` It belongs to the incident #${incident.number}.`;
  return says(`${title} is opened here. ${where}${whose}`);
}

/** Names that may have been meant: the nearest by its letters, then what its words find. */
function near(library: Library, typed: string): readonly string[] {
  const names = library.all().map(({ name }) => name);
  const meant = nearest(typed.slice(0, 100), names);
  const found = library.search(typed, 3).map(({ runbook: { name } }) => name);
  return [...new Set([...(meant === undefined ? [] : [meant]), ...found])].slice(0, 3);
}

function onlyOf(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

/** Slack gives no trigger twice, so an answer and all its buttons have a key of their own. */
function keyOf(trigger: string): string {
  return sha256(trigger).slice(0, 16);
}
