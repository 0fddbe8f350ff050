import type { Episode, Labels } from '../../../alerts/alert.ts';
import type { AlertGroup, Matcher } from '../../../alerts/group.ts';
import { limits } from '../limits.ts';
import { distinct } from './alert-lines.ts';
import { nameOf } from './group-words.ts';

/** One of the things that somebody can choose; `value` is what comes back. */
export interface Option {
  readonly value: string;
  readonly text: string;
}

/** The matchers of a silence: exact ones of the group's labels or of all labels of one alert that fires; undefined for what is not there. */
export function matchersOf(
  group: AlertGroup,
  episodes: readonly Episode[],
  scope: string,
): readonly Matcher[] | undefined {
  const labels =
    scope === 'group'
      ? labelsOfAll(group)
      : episodes.find(({ fingerprint, status }) => fingerprint === scope && status === 'firing')?.labels;
  if (labels === undefined) return undefined;
  return Object.entries(labels)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
}

/**
 * The labels that stand for the whole group. Alertmanager takes no silence in which every matcher matches an empty value
 * (https://prometheus.io/docs/alerting/latest/alertmanager/#silences), so a group that is grouped by nothing goes by what its
 * alerts have in common.
 */
function labelsOfAll({ groupLabels, commonLabels }: AlertGroup): Labels | undefined {
  return [groupLabels, commonLabels].find(saysAnything);
}

function saysAnything(labels: Labels): boolean {
  return Object.values(labels).some((value) => value !== '');
}

/** The first choice of what to silence: the whole group where that can be said in matchers. */
export function firstScope(group: AlertGroup, episodes: readonly Episode[]): string {
  return scopesOf(group, episodes)[0]?.value ?? 'group';
}

const wholeGroup = 'The whole group, also alerts that join it later';
const allAlike = 'All alerts that have what these have in common';

/** What can be silenced: the whole group, where that can be said in matchers, and each alert that fires. */
export function scopesOf(group: AlertGroup, episodes: readonly Episode[]): readonly Option[] {
  const whole: Option[] =
    labelsOfAll(group) === undefined
      ? []
      : [{ value: 'group', text: saysAnything(group.groupLabels) ? wholeGroup : allAlike }];
  const one = new Map<string, Option>();
  for (const { fingerprint, labels, status } of episodes) {
    if (status !== 'firing') continue;
    const named = Object.entries(distinct(labels, group)).map(([name, value]) => `${name}=${value}`);
    const text = named.join(', ') || nameOf(group);
    one.set(fingerprint, { value: fingerprint, text: `Only ${text}` });
  }
  const all = [...whole, ...one.values()].slice(0, limits.options);
  return all.length > 0 ? all : [{ value: 'group', text: 'Nothing fires any more' }];
}
