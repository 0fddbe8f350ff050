import type { Labels } from '../../../alerts/alert.ts';
import { limits } from '../limits.ts';
import type { GroupView } from './group-view.ts';
import { nameOf } from './group-words.ts';

/** A web address with what stands for it. */
export interface WebLink {
  readonly label: string;
  readonly url: string;
}

const dashboards = [
  ...['dashboard_url', 'dashboardURL', 'dashboard', 'grafana_url', 'grafana', 'grafana_dashboard'],
  ...['panel_url', 'panelURL'],
];

/** Where the alerts can be looked at: Prometheus, Alertmanager with the group's filter, and dashboards. */
export function placesToLook({ group, episodes }: GroupView): WebLink[] {
  const generator = episodes.find(({ generatorUrl }) => webAddress(generatorUrl) !== undefined)?.generatorUrl;
  const annotations = [group.commonAnnotations, ...episodes.map((episode) => episode.annotations)];
  const dashboard = dashboards
    .flatMap((name) => annotations.map((some) => some[name]))
    .find((url) => webAddress(url) !== undefined);
  return [
    ...linkTo('Prometheus', generator),
    ...linkTo('Alertmanager', alertmanagerUrl(group)),
    ...linkTo('Dashboard', dashboard),
  ];
}

/** The runbooks of a group's alerts, at most three; with several each is named for its alert. */
export function runbooks({ group, episodes }: GroupView): WebLink[] {
  const common = webAddress(group.commonAnnotations.runbook_url);
  if (common !== undefined) return [{ label: 'Runbook', url: common }];
  const found = new Map<string, string>();
  for (const episode of episodes) {
    const url = webAddress(episode.annotations.runbook_url);
    if (url !== undefined && !found.has(url)) found.set(url, nameOf(group, [episode]));
  }
  const all = [...found].slice(0, 3);
  return all.map(([url, name]) => ({ label: all.length === 1 ? 'Runbook' : `Runbook: ${name}`, url }));
}

/**
 * An address that a link of ours may lead to: http or https, without a name and password in it, and with everything encoded
 * that would end a link in mrkdwn. Anything else, and what is longer than a button takes, is none.
 */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  url.username = '';
  url.password = '';
  const address = url.href.replace(
    /[<>|`"'\\^{}]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return address.length > limits.url ? undefined : address;
}

function linkTo(label: string, text: string | undefined): WebLink[] {
  const url = webAddress(text);
  return url === undefined ? [] : [{ label, url }];
}

/** Alertmanager's own page with the group's alerts, silenced ones too; without the filter when that is too long. */
function alertmanagerUrl({ externalUrl, groupLabels }: GroupView['group']): string {
  const page = `${externalUrl.replace(/\/+$/, '')}/#/alerts?silenced=true`;
  const filter = encodeURIComponent(`{${matchersText(groupLabels)}}`.toWellFormed());
  const filtered = `${page}&filter=${filter}`;
  return filtered.length > 1_000 ? page : filtered;
}

function matchersText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}
