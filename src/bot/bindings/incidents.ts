import type { BotParts } from '../bot-parts.ts';
import type { Listening } from '../listen.ts';

/** Everything that people can press and type about incidents. */
export function bindIncidents(_on: Listening, _bot: BotParts): void {}
