import type { BotParts } from '../bot-parts.ts';
import type { Listening } from '../listen.ts';

/** Everything that people can open, tick and run of runbooks. */
export function bindRunbooks(_on: Listening, _bot: BotParts): void {}
