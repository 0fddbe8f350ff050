import type { Episode } from '../../../alerts/alert.ts';
import type { AlertGroup, Instant } from '../../../alerts/group.ts';

/** What the messages of an alert group are drawn from: some of its alerts, those that fire first, at most thirty. */
export interface GroupView {
  readonly group: AlertGroup;
  readonly episodes: readonly Episode[];
  readonly now: Instant;
  /** Whether there is a runbook here for its alerts, which can be opened in its thread. */
  readonly hasRunbook?: boolean;
  /** Whether incidents can be declared here. */
  readonly canDeclare?: boolean;
}
