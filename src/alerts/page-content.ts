import type { AlertSeverity, Episode, Labels } from './alert.ts';
import type { AlertGroup } from './group.ts';
import { oneLine } from './one-line.ts';

/** What whoever is paged reads of a group; texts are one line each and bounded. */
export interface PageContent {
  readonly summary: string;
  readonly source: string;
  readonly severity: AlertSeverity;
  readonly details: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly href: string; readonly text: string }[];
}

/** How many of the firing alerts are told one by one. */
export const alertsTold = 20;

/** Says of a group what is known of it; `slack` is the address of its message, `episodes` are its alerts, those that fire first. */
export function pageContent(
  group: AlertGroup,
  episodes: readonly Episode[],
  slack: string | undefined,
): PageContent {
  const { commonLabels, groupLabels, commonAnnotations, routing, source, receiver, externalUrl } = group;
  const firing = episodes.filter(({ status }) => status === 'firing').slice(0, alertsTold);
  const name = groupLabels.alertname ?? commonLabels.alertname ?? firing[0]?.labels.alertname ?? '';
  const says = commonAnnotations.summary ?? firing[0]?.annotations.summary ?? '';
  const title = [name, says].filter((text) => text !== '').join(': ') || group.groupKey;
  const runbook = commonAnnotations.runbook_url ?? firing[0]?.annotations.runbook_url;
  return {
    summary: oneLine(group.firing > 1 ? `[${group.firing} firing] ${title}` : title, 1_000),
    source: oneLine(commonLabels.instance ?? commonLabels.job ?? source, 200),
    severity: routing.severity,
    details: {
      firing: group.firing,
      resolved: group.resolved,
      ...(group.truncated > 0 ? { 'left out by Alertmanager': group.truncated } : {}),
      since: group.since,
      'group labels': shown(groupLabels),
      'common labels': shown(commonLabels),
      alerts: firing.map(({ labels, annotations, startsAt }) => ({
        labels: shown(labels),
        annotations: shown(annotations),
        since: startsAt,
      })),
      source: oneLine(`${source}/${receiver}`, 200),
    },
    links: [
      slack === undefined ? channelLink(routing.channel) : { href: slack, text: 'Message in Slack' },
      { href: firing[0]?.generatorUrl ?? '', text: 'Rule in Prometheus' },
      { href: externalUrl, text: 'Alertmanager' },
      { href: runbook ?? '', text: 'Runbook' },
    ].filter(({ href }) => href !== ''),
  };
}

/** Where the message will be: whoever is paged is not to wait for it (https://api.slack.com/docs/deep-linking). */
function channelLink(channel: string) {
  const query = new URLSearchParams({ channel });
  return { href: `https://slack.com/app_redirect?${query}`, text: 'Channel in Slack' };
}

function shown(labels: Labels): Labels {
  const kept = Object.entries(labels).slice(0, 40);
  return Object.fromEntries(kept.map(([name, value]) => [oneLine(name, 100), oneLine(value, 500)]));
}
