import type { AlertGroup, Page } from '../alerts/group.ts';
import { Failure } from '../errors.ts';
import type { PagerDutyIncident, PagerDutyRest } from './pagerduty-rest.ts';

interface CallParts {
  readonly rest?: Pick<PagerDutyRest, 'incidentsOf' | 'callAgain'> | undefined;
  /** Slack user ids to e-mail addresses in PagerDuty. */
  readonly users: Readonly<Record<string, string>>;
}

/**
 * Takes back the acknowledgement of a page, which Events v2 cannot; false when PagerDuty has no open incident of it any more.
 * Throws `pagerduty-unreachable`, or `pagerduty-refused` where it goes on being acknowledged.
 */
export async function isCalledAgain(
  { rest, users }: CallParts,
  group: AlertGroup,
  page: Page,
): Promise<boolean> {
  if (rest === undefined) throw staysAcknowledged('without alerts.pagerduty.token it cannot be taken back');
  const [only, ...others] = await openIncidents(rest, page);
  if (only === undefined) return false;
  if (others.length > 0) throw staysAcknowledged('several services have an incident of this key');
  if (only.status === 'triggered') return true;
  const by = group.changes.findLast(({ what }) => what === 'unacknowledged')?.by;
  try {
    await rest.callAgain(only.id, by === undefined ? undefined : users[by.id]);
  } catch (error) {
    if (error instanceof Failure && error.code === 'pagerduty-refused')
      throw staysAcknowledged(error.message);
    throw error;
  }
  return true;
}

function staysAcknowledged(because: string): Failure {
  return new Failure(
    'pagerduty-refused',
    `it stays acknowledged there and calls nobody again (${because}). Reassign it in PagerDuty.`,
  );
}

/** What PagerDuty has open under a page's dedup key, of any service. */
export async function openIncidents(
  rest: Pick<PagerDutyRest, 'incidentsOf'>,
  { dedupKey }: Page,
): Promise<readonly PagerDutyIncident[]> {
  return (await rest.incidentsOf(dedupKey)).filter(({ status }) => status !== 'resolved');
}
