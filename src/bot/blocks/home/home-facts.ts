import type { AlertGroup, Instant } from '../../../alerts/group.ts';
import type { Deployment } from '../../../deploy/deployment.ts';
import type { Lock } from '../../../deploy/environment.ts';
import type { RunPlan } from '../../../deploy/run-plan.ts';
import type { Incident } from '../../../incidents/incident.ts';
import type { Walkthrough } from '../../../walkthroughs/walkthrough.ts';

/** Something with the address of its message, where Slack has told it. */
interface Linked {
  readonly link?: string;
}

/** Everything that home tabs are drawn from, the same for all people. */
export interface HomeFacts {
  readonly now: Instant;
  /** Runs that have not ended, with their own copies of the plan, the oldest first. */
  readonly runs: readonly (Linked & { readonly run: Deployment; readonly plan: RunPlan })[];
  /** The environments that are locked now. */
  readonly locks: readonly (Lock & { readonly environment: string })[];
  /** Alert groups that fire, the most severe first, of each the newest; `firing` counts those that are left out, too, and is absent where no alerts are taken. */
  readonly groups: readonly (Linked & { readonly group: AlertGroup })[];
  readonly firing?: number;
  /** Those that are not resolved or whose review is not done. */
  readonly incidents: readonly Incident[];
  /** Opened runbooks with a step that waits for a second person. */
  readonly walkthroughs: readonly (Linked & { readonly walkthrough: Walkthrough })[];
  /** Who is on call in each schedule, as Slack user ids. */
  readonly onCall: readonly { readonly schedule: string; readonly now?: string; readonly next?: string }[];
}

/** Whose home tab it is, and what they may do. */
export interface HomePerson {
  readonly id: string;
  /** The groups of slipway.yaml that they are in. */
  readonly groups: readonly string[];
  readonly may: readonly ('acknowledge' | 'run' | 'publish' | 'respond')[];
}
