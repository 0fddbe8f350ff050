import type { Episode, Labels } from '../alerts/alert.ts';
import type { AlertGroup } from '../alerts/group.ts';
import type { Library } from '../runbooks/library.ts';
import type { Runbook } from '../runbooks/runbook.ts';

type Described = Pick<AlertGroup, 'groupLabels' | 'commonLabels' | 'commonAnnotations'>;

/** The runbook that is here for a group's alerts: for what they have in common, else for the first alert that has one. */
export function runbookOfGroup(
  library: Pick<Library, 'all' | 'find'>,
  group: Described,
  episodes: readonly Episode[],
): Runbook | undefined {
  const common = {
    labels: { ...group.commonLabels, ...group.groupLabels },
    annotations: group.commonAnnotations,
  };
  for (const { labels, annotations } of [common, ...episodes]) {
    const found = library
      .all()
      .find(({ name, alerts }) => labels.runbook === name || alerts.includes(labels.alertname ?? ''));
    if (found !== undefined) return found;
    if (annotations === undefined) continue;
  }
  return undefined;
}

/** What the `{{ labels.… }}` of a runbook stand for: what the alerts have in common, and of the first one what is its own. */
export function labelsOfGroup(group: Described, [first]: readonly Episode[]): Labels {
  return { ...first?.labels, ...group.commonLabels, ...group.groupLabels };
}
