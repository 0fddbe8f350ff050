import { cleaned } from '../alerts/bounds.ts';

/** How much is kept of what people write, in characters. */
export const longest = { title: 150, text: 2_000, pin: 500, because: 500, address: 500 } as const;

/** How many of each an incident's state may hold; of updates, notices and pins the newest stay, and the record has all. */
export const most = { updates: 20, notices: 20, pins: 200, actions: 100, groups: 100, runs: 50 } as const;

/** A text over several lines as the record takes it: without what PostgreSQL refuses or a terminal obeys, trimmed and bounded. */
export function written(text: string, limit: number = longest.text): string {
  return cleaned(text.slice(0, limit * 4))
    .trim()
    .slice(0, limit)
    .replace(/[\ud800-\udbff]$/u, '');
}
