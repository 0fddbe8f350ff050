import type { AlertGroup } from '../../../alerts/group.ts';
import type { Deployment } from '../../../deploy/deployment.ts';
import type { Incident, Instant } from '../../../incidents/incident.ts';
import type { Walkthrough } from '../../../walkthroughs/walkthrough.ts';
import type { About } from '../surface.ts';
import type { IncidentChange } from './change-messages.ts';

/** An incident with what its messages show besides its state. */
export interface IncidentView {
  readonly incident: Incident;
  readonly now: Instant;
  /** A channel in which every incident is told of. */
  readonly announce?: string;
  readonly hasStatusPage: boolean;
  /** The linked alert groups with the opening that is meant. */
  readonly groups: readonly { readonly group: AlertGroup; readonly round: number }[];
  readonly runs: readonly { readonly run: Deployment; readonly about: About }[];
  /** The runbooks that were opened for it or for its alerts. */
  readonly walkthroughs: readonly Walkthrough[];
  /** What changed, the newest last. */
  readonly changes: readonly IncidentChange[];
  /** The keys of the messages that Slack shows, so that those which say what is no longer so can be told over. */
  readonly posted: readonly string[];
}

/** How far a runbook's steps are done: both those that are ticked and those that are run. */
export function progressOf({ tasks, steps, ticks, runs }: Walkthrough): {
  readonly done: number;
  readonly all: number;
} {
  const ran = Object.values(runs).filter(({ status }) => status === 'satisfied' || status === 'changed');
  return {
    done: tasks.filter((task) => ticks[task] !== undefined).length + ran.length,
    all: tasks.length + Object.keys(steps).length,
  };
}
