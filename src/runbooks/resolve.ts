import type { Alert, Episode, Labels } from '../alerts/alert.ts';
import type { AlertGroup } from '../alerts/group.ts';
import type { Library } from './library.ts';
import type { Runbook } from './runbook.ts';

/** What an alert says of itself. */
export type Described = Pick<Alert, 'labels' | 'annotations'>;

/** What the alerts of a group have in common. */
export type CommonOfGroup = Pick<AlertGroup, 'groupLabels' | 'commonLabels' | 'commonAnnotations'>;

type Runbooks = Pick<Library, 'all'> | readonly Runbook[];

/** Ways to a runbook; the first runbook by name has what several could have. */
interface Ways {
  readonly byName: ReadonlyMap<string, Runbook>;
  readonly byAlert: ReadonlyMap<string, Runbook>;
  /** By the letters and digits of its name alone. */
  readonly byLetters: ReadonlyMap<string, Runbook>;
}

/** The most alerts of a group that are asked, and characters of what names a runbook. */
const most = { alerts: 200, characters: 4_000 } as const;

/**
 * The runbook that answers an alert: the one that its annotation or label `runbook_url` or else `runbook` leads to (a name, a
 * path or an address, by its last part), else one that lists its name under `alerts`, else the one that is called like it
 * (`HighErrorRate`: `high-error-rate`).
 */
export function runbookFor(runbooks: Runbooks, { labels, annotations }: Described): Runbook | undefined {
  const ways = waysTo('all' in runbooks ? runbooks.all() : runbooks);
  for (const name of ['runbook_url', 'runbook']) {
    for (const text of [labelOf(annotations, name), labelOf(labels, name)]) {
      const found = text === undefined ? undefined : named(ways, text);
      if (found !== undefined) return found;
    }
  }
  const alert = labelOf(labels, 'alertname');
  if (alert === undefined || alert.length > most.characters) return undefined;
  return ways.byAlert.get(alert) ?? called(ways, alert);
}

/** The runbook that answers a group: the one for what its alerts have in common, else that of the first alert that has one. */
export function runbookForGroup(
  runbooks: Runbooks,
  group: CommonOfGroup,
  episodes: readonly Described[],
): Runbook | undefined {
  const common = { labels: together(group), annotations: group.commonAnnotations };
  for (const alert of [common, ...episodes.slice(0, most.alerts)]) {
    const found = runbookFor(runbooks, alert);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The labels that a runbook opened for a group is filled in with: those that its alerts share, and all of an alert that fires alone. */
export function labelsFor(
  group: CommonOfGroup,
  episodes: readonly Pick<Episode, 'labels' | 'status'>[],
): Labels {
  const firing = episodes.filter(({ status }) => status === 'firing');
  const [alone, ...others] = firing.length > 0 ? firing : episodes;
  return together(group, alone !== undefined && others.length === 0 ? alone.labels : {});
}

// Not by assignment: a label may be called __proto__.
function together({ groupLabels, commonLabels }: CommonOfGroup, own: Labels = {}): Labels {
  return Object.fromEntries([groupLabels, commonLabels, own].flatMap((labels) => Object.entries(labels)));
}

/** The runbook that a name, a path or an address leads to. */
function named(ways: Ways, text: string): Runbook | undefined {
  if (text.length > most.characters) return undefined;
  const path = text.trim().replace(/[?#].*$/s, '');
  const last = path.split(/[/\\]/).findLast((part) => part !== '');
  if (last === undefined) return undefined;
  return called(ways, decoded(last).replace(/\.(?:md|markdown|html?)$/i, ''));
}

function called({ byName, byLetters }: Ways, word: string): Runbook | undefined {
  return byName.get(word.toLowerCase()) ?? byName.get(kebab(word)) ?? byLetters.get(lettersOf(word));
}

/** `KubePodOOMKilled` as `kube-pod-oom-killed`. */
function kebab(word: string): string {
  return word
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '');
}

function lettersOf(word: string): string {
  return word.toLowerCase().replace(/[^a-z\d]+/g, '');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

// A library answers with the same list until something changes, and every alert that is drawn asks.
const known = new WeakMap<readonly Runbook[], Ways>();

function waysTo(runbooks: readonly Runbook[]): Ways {
  const before = known.get(runbooks);
  if (before !== undefined) return before;
  const byLast = runbooks.toReversed();
  const ways: Ways = {
    byName: new Map(byLast.map((runbook) => [runbook.name, runbook])),
    byAlert: new Map(byLast.flatMap((runbook) => runbook.alerts.map((alert) => [alert, runbook] as const))),
    byLetters: new Map(byLast.map((runbook) => [lettersOf(runbook.name), runbook])),
  };
  known.set(runbooks, ways);
  return ways;
}
