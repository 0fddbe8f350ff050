import { isTimeZone } from './alerts/wall-clock.ts';
import { weekdays } from './alerts-file.ts';
import type { ConfigFile } from './config-file.ts';
import { type Reading, secretFrom } from './config-values.ts';
import type { IncidentSettings, StatusPage } from './incidents/settings.ts';
import type { IncidentsSection } from './incidents-file.ts';
import { suggestion } from './nearest.ts';
import type { Problem, YamlFile } from './yaml-file.ts';

/** `incidents` with the values of its secrets; a secret without a value is added to the problems. */
export async function incidentsOf(section: IncidentsSection, reading: Reading): Promise<IncidentSettings> {
  const { may, invite, prefix, announce, updates, review, report } = section;
  const { critical, high, medium, low } = updates;
  const { remind, ...within } = review;
  const [hour = 0, minute = 0] = report.at.split(':').map(Number);
  const statusPage = await statusPageOf(section.statusPage, reading);
  return {
    may,
    invite,
    prefix,
    isPrivate: section.private,
    ...(announce !== undefined && { announce }),
    ruling: {
      updateEvery: { critical, high, medium, ...(low !== undefined && { low }) },
      reviewWithin: within,
      remindEvery: remind,
    },
    report: { day: weekdays.indexOf(report.day) + 1, minute: hour * 60 + minute, timeZone: report.timeZone },
    ...(statusPage && { statusPage }),
  };
}

async function statusPageOf(
  entry: IncidentsSection['statusPage'],
  reading: Reading,
): Promise<StatusPage | undefined> {
  if (entry === undefined) return undefined;
  const path = ['incidents', 'statusPage'];
  if ('webhook' in entry) {
    const secret = await secretFrom('secret of the status page', entry.secret, [...path, 'secret'], reading);
    return { webhook: entry.webhook, secret };
  }
  const token = await secretFrom('token of the status page', entry.token, [...path, 'token'], reading);
  return { api: entry.api, page: entry.page, token };
}

/** What is wrong with `incidents` as a whole: groups and schedules that are not there, and a time zone that no clock shows. */
export function incidentProblems(yaml: YamlFile, file: ConfigFile): readonly Problem[] {
  const { incidents, groups, alerts } = file;
  if (incidents === undefined) return [];
  const { may, invite, report } = incidents;
  const known = { group: Object.keys(groups), schedule: Object.keys(alerts?.schedules ?? {}) };
  const strangers = (kind: keyof typeof known, names: readonly string[], path: readonly string[]) =>
    names.flatMap((name, index) => {
      if (known[kind].includes(name)) return [];
      const where = kind === 'group' ? 'groups' : 'alerts.schedules';
      const message = `there is no ${kind} "${name}" under ${where}; ${suggestion(name, known[kind])}`;
      return [yaml.problem(['incidents', ...path, index], message)];
    });
  const isClock = isTimeZone(report.timeZone);
  return [
    ...(['declare', 'respond', 'run', 'publish'] as const).flatMap((right) =>
      strangers('group', may[right], ['may', right]),
    ),
    ...strangers('group', invite.groups, ['invite', 'groups']),
    ...strangers('schedule', invite.schedules, ['invite', 'schedules']),
    ...(isClock
      ? []
      : [
          yaml.problem(
            ['incidents', 'report', 'timeZone'],
            `"${report.timeZone}" is no time zone; expected a name such as Europe/Berlin`,
          ),
        ]),
  ];
}
