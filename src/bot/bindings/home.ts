import type { BotParts } from '../bot-parts.ts';
import type { Listening } from '../listen.ts';

/** Everything that people can press in their home tab. */
export function bindHome(_on: Listening, _bot: BotParts): void {}
