import type { Job } from '../deploy/jobs.ts';
import type { AlertGroup } from './group.ts';
import { oneLine } from './one-line.ts';
import { isUntold, pagesOf } from './pages-of.ts';

/**
 * Every job that should exist for a group as it stands: `escalate` on `timers` with group, round and step; `page` on `calls` with
 * group, round and turn (`pageOfTurn` gives the page); `silence` on `calls` with group, number and turn.
 */
export function groupJobs(group: AlertGroup): readonly Job[] {
  return [...escalateJobs(group), ...pageJobs(group), ...silenceJobs(group)];
}

function escalateJobs({ id, round, escalation }: AlertGroup): readonly Job[] {
  if (escalation?.status !== 'running') return [];
  const { step, nextAt } = escalation;
  const data = { group: id, round, step };
  return [
    { id: `${id}.escalate.${round}.${step}.${nextAt}`, queue: 'timers', name: 'escalate', data, at: nextAt },
  ];
}

/** Also of a group that has closed: PagerDuty is told that it has. */
function pageJobs(group: AlertGroup): readonly Job[] {
  const { id, round } = group;
  return pagesOf(group)
    .filter(isUntold)
    .map(({ turn }) => {
      const data = { group: id, round, turn };
      return { id: `${id}.page.${round}.${turn}`, queue: 'calls', name: 'page', data };
    });
}

function silenceJobs({ id, silences }: AlertGroup): readonly Job[] {
  return silences
    .filter(({ status }) => status === 'asked' || status === 'ending')
    .map(({ number, turn }) => {
      const data = { group: id, number, turn };
      return { id: `${id}.silence.${number}.${turn}`, queue: 'calls', name: 'silence', data };
    });
}

/** The jobs that a change makes due, and the drawing of runs that the group is near. */
export function reactGroup(before: AlertGroup | undefined, after: AlertGroup): readonly Job[] {
  const known = new Set(before === undefined ? [] : groupJobs(before).map(({ id }) => id));
  return [
    ...groupJobs(after).filter(({ id }) => !known.has(id)),
    ...drawings(before, after),
    ...holdings(before, after),
  ];
}

/** A critical group that opens may hold what is being deployed in its environment. */
function holdings(
  before: AlertGroup | undefined,
  { id, round, status, routing, ...group }: AlertGroup,
): readonly Job[] {
  const { environment, severity } = routing;
  const hasOpened = status === 'firing' && before?.round !== round;
  if (!hasOpened || severity !== 'critical' || environment === undefined) return [];
  const name = group.groupLabels.alertname ?? group.commonLabels.alertname ?? id;
  const data = { environment, group: id, name: oneLine(name, 100) };
  return [{ id: `${id}.hold.${round}`, queue: 'timers', name: 'hold', data }];
}

function drawings(before: AlertGroup | undefined, after: AlertGroup): readonly Job[] {
  if (before?.round === after.round && before.status === after.status) return [];
  const runs = new Set(after.related.map(({ run }) => run));
  return [...runs].map((run) => ({
    id: `draw.${run}`,
    queue: 'views',
    name: 'draw',
    data: { stream: run },
  }));
}
