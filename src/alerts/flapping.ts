import type { Instant } from './group.ts';
import type { FlapBudget } from './settings.ts';

/** How many openings of a group are kept. */
export const openingsKept = 50;

/** Whether a group that opens now, after these openings, opens so often that its rounds belong together. */
export function flaps(openings: readonly Instant[], now: Instant, { episodes, within }: FlapBudget): boolean {
  const lately = openings.filter((opening) => opening > now - within).length + 1;
  // More than are kept could never be counted.
  return lately >= Math.min(episodes, openingsKept);
}
