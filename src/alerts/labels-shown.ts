import type { Alert, Labels } from './alert.ts';

/** How many alerts of a change are shown, with how many labels of how many characters each. */
const shown = { alerts: 10, labels: 12, characters: 200 } as const;

/** A few alerts by the labels that tell them from the others of their group; by all labels where nothing does. */
export function someOf(alerts: readonly Alert[], common: Labels): readonly Labels[] {
  return alerts.slice(0, shown.alerts).map(({ labels }) => {
    const own = Object.entries(labels).filter(
      ([name, value]) => !(Object.hasOwn(common, name) && common[name] === value),
    );
    const entries = own.length > 0 ? own : Object.entries(labels);
    return Object.fromEntries(entries.slice(0, shown.labels).map(([name, value]) => [cut(name), cut(value)]));
  });
}

function cut(text: string): string {
  return text.slice(0, shown.characters).toWellFormed();
}
