import { nearest } from '../../nearest.ts';
import type { RunbookReference } from '../blocks/runbooks/runbook-reference.ts';
import {
  runbookHelp,
  runbookList,
  runbookOpened,
  runbooksFound,
} from '../blocks/runbooks/runbook-replies.ts';
import type { BotParts } from '../bot-parts.ts';
import { refused } from '../bot-parts.ts';
import type { Listener, Pressed, Typed } from '../listen.ts';
import type { Content } from '../messages.ts';

type Parts = Pick<BotParts, 'library' | 'walkthroughs' | 'incidents' | 'runs'>;

/** How many runbooks a search offers. */
const mostFound = 4;

/** `/runbook`: lists, finds by words, or opens one in the channel. */
export function runbook(bot: Parts): Listener<Typed> {
  return async ({ text, channel, user, trigger }) => {
    const words = text.trim().split(/\s+/).filter(Boolean);
    const [first, name, environment] = words;
    if (first === undefined) return runbookList(bot.library.all(), bot.library.faults());
    if (first === 'help') return runbookHelp();
    if (first !== 'open') {
      const found = bot.library.search(text, mostFound).map((one) => one.runbook);
      return runbooksFound(text, found, undefined);
    }
    if (name === undefined) return runbookHelp();
    return openIn(
      bot,
      { name, ...(environment !== undefined && { environment }) },
      { channel, user, trigger },
    );
  };
}

/** **Open here**: opens the runbook that a search found. */
export function openRunbook(bot: Parts): Listener<Pressed<RunbookReference>> {
  return async ({ about, channel, user, trigger }) => openIn(bot, about, { channel, user, trigger });
}

async function openIn(
  bot: Parts,
  { name, environment: asked }: RunbookReference,
  { channel, user, trigger }: Pick<Typed, 'channel' | 'user' | 'trigger'>,
): Promise<Content> {
  const found = bot.library.find(name.toLowerCase());
  if (found === undefined) {
    return runbookHelp(
      name,
      nearest(
        name.slice(0, 80),
        bot.library.all().map((one) => one.name),
      ),
    );
  }
  const all = Object.keys(bot.runs.parts.config.environments);
  const environment = asked ?? (all.length === 1 ? all[0] : undefined);
  const incident = await bot.incidents?.inChannel(channel);
  const opened = await bot.walkthroughs.open({
    runbook: found,
    key: `${channel} ${trigger}`,
    place: { channel },
    labels: {},
    by: user,
    ...(environment !== undefined && { environment }),
    ...(incident !== undefined && { incident: incident.id }),
  });
  if (!opened.ok) return refused(opened.refusal);
  const hint =
    environment === undefined
      ? `No environment was named, so none of its steps can be run: /runbook open ${name} ${all[0] ?? 'ENVIRONMENT'}`
      : undefined;
  return runbookOpened(found, hint);
}
