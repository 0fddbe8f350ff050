import { helpReply, unknownReply, words } from '../blocks/answers.ts';
import type { BotParts } from '../bot-parts.ts';
import type { Listener, Typed } from '../listen.ts';
import type { Content } from '../messages.ts';
import { lock, unlock } from './locking.ts';
import { history, plan, status } from './looking.ts';
import { start } from './start.ts';
import { abort, rollback } from './stopping.ts';

/** A command that was understood: in which environment, and what was typed after it. */
export interface Asked extends Typed {
  readonly environment: string;
  readonly rest: string;
}

type Verb = (bot: BotParts, asked: Asked) => Promise<Content | undefined>;

const verbs: Readonly<Record<string, Verb>> = { plan, status, history, rollback, abort, lock, unlock };

/** `/deploy`: an environment with a version, or one of the words that `help` lists. */
export function deploy(bot: BotParts): Listener<Typed> {
  const environments = Object.keys(bot.runs.parts.config.environments);
  return async (typed) => {
    const [first = '', ...others] = typed.text.trim().split(/\s+/);
    if (first === '' || first === 'help') return helpReply(environments);
    if (environments.includes(first)) {
      return start(bot, { ...typed, environment: first, rest: others.join(' ') });
    }
    const verb = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
    if (verb === undefined) return unknownReply(first, environments);
    const [second = '', ...rest] = others;
    if (environments.includes(second))
      return verb(bot, { ...typed, environment: second, rest: rest.join(' ') });
    const here = environmentHere(bot, typed.channel);
    // `/deploy status` in the environment's own channel needs no name, but a mistyped name is no reason.
    if (here !== undefined && (second === '' || takesText(first))) {
      return verb(bot, { ...typed, environment: here, rest: others.join(' ') });
    }
    return second === '' ? helpReply(environments) : unknownReply(second, environments);
  };
}

function takesText(word: string): boolean {
  return words.some((one) => one.word === word) && (word === 'lock' || word === 'unlock');
}

function environmentHere({ runs }: BotParts, channel: string): string | undefined {
  const all = Object.values(runs.parts.config.environments);
  const here = all.filter((environment) => environment.channel === channel);
  return (here.length === 1 ? here[0] : all.length === 1 ? all[0] : undefined)?.name;
}
