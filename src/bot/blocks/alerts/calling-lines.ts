import type { AlertGroup, Page } from '../../../alerts/group.ts';
import { clip, mentioned } from '../escape.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import { actorName, alertSign, brief } from './group-words.ts';

/** Who was told of a group, and which step of the policy comes when; nothing once it is over. */
export function escalationLines({ escalation, status, acknowledged }: AlertGroup): string[] {
  if (escalation === undefined || status === 'resolved') return [];
  const last = escalation.told.at(-1);
  const policy = `*${brief(escalation.policy, 60)}*`;
  const told =
    last === undefined
      ? []
      : [
          last.people.length > 0 || last.page !== undefined
            ? `Told ${moment(last.at)}: ${toldOf(last)}`
            : `${sign.warning} ${moment(last.at)} nobody could be told`,
          ...(last.because === undefined ? [] : [`${sign.warning} ${brief(last.because, 200)}`]),
        ];
  switch (escalation.status) {
    case 'running':
      return [
        ...told,
        `${sign.clock} Step ${escalation.step + 1} of ${policy} at ${moment(escalation.nextAt)} unless acknowledged`,
      ];
    case 'stopped':
      return told;
    case 'exhausted':
      return [
        ...told,
        ...(acknowledged === undefined
          ? [`${sign.warning} ${policy} has no further step and nobody has acknowledged`]
          : []),
      ];
  }
}

/** What PagerDuty shows of a group, by name where it is known. */
export function pageLines({ page, otherPages, acknowledged }: AlertGroup): string[] {
  const others = otherPages.filter(({ told, refused }) => told !== 'resolved' && refused === undefined);
  const all = [...(page === undefined ? [] : [page]), ...others];
  return all.slice(0, 4).map((one) => pageLine(one, acknowledged));
}

function pageLine(page: Page, acknowledged: AlertGroup['acknowledged']): string {
  const { refused, assignees = [] } = page;
  const key = brief(page.key, 60);
  if (refused !== undefined) {
    return `${sign.warning} PagerDuty (${key}) refused the page: ${brief(refused, 200)}`;
  }
  const isThere = acknowledged?.by.via === 'pagerduty' && page.told === 'acknowledged';
  const by = isThere ? ` by ${actorName(acknowledged.by)}` : '';
  const whose =
    assignees.length > 0
      ? ` · assigned to ${clip(assignees.map((one) => brief(one, 60)).join(', '), 300)}`
      : '';
  return `${alertSign.page} PagerDuty (${key}): ${pageWord(page)}${by}${whose}`;
}

/** People as mentions and the PagerDuty service, whoever was told at a step. */
export function toldOf({
  people,
  page,
}: {
  readonly people: readonly string[];
  readonly page?: string;
}): string {
  return [
    ...(people.length > 0 ? [clip(mentioned(people.slice(0, 10)), 400)] : []),
    ...(people.length > 10 ? [`${people.length - 10} more`] : []),
    ...(page === undefined ? [] : [`PagerDuty (${brief(page, 60)})`]),
  ].join(', ');
}

function pageWord({ wanted, told }: Page): string {
  if (told === undefined) return 'being paged';
  const word = { triggered: 'paged', acknowledged: 'acknowledged', resolved: 'closed' } as const;
  return wanted === told ? word[told] : `${word[told]}, to be ${word[wanted]}`;
}
