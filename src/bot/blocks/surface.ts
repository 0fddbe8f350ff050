import type { KnownBlock } from '@slack/types';
import type { AlertGroup } from '../../alerts/group.ts';
import type { Deployment, Instant } from '../../deploy/deployment.ts';
import type { RunPlan } from '../../deploy/run-plan.ts';
import type { Evidence } from '../../steps/step.ts';

/** One Slack message that shows a part of a stream: `key` names it within the stream, `text` is its line in a notification. */
export interface Surface {
  readonly key: string;
  readonly place: 'channel' | 'thread';
  /** Whether somebody is waited for, so that it is drawn before others. */
  readonly urgent: boolean;
  /** A Slack user id: a message to this person alone instead of one in the channel. */
  readonly to?: string;
  /** Another channel than the stream's own, and the thread in it. */
  readonly elsewhere?: { readonly channel: string; readonly thread?: string };
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** What a run's state does not say and its messages show. */
export interface About {
  /** The run's own copy of the plan. */
  readonly plan: RunPlan;
  readonly now: Instant;
  readonly environmentTitle?: string;
  /** How long the whole may take, in milliseconds. */
  readonly estimate?: number;
  /** The version that was there before. */
  readonly previous?: string;
  /** Whether taking this run back would work; when absent, whether the plan has a rollback section. */
  readonly canRollBack?: boolean;
  /** The rollback that takes this run back, if there is one. */
  readonly takenBack?: Pick<Deployment, 'id' | 'requestedBy' | 'reason'>;
  /** Evidence by its hash, for failures; what is missing is left to Details. */
  readonly evidence?: Readonly<Record<string, readonly Evidence[]>>;
  /** Whether incidents can be declared here. */
  readonly canDeclare?: boolean;
  /** Alert groups that opened shortly after this run changed something. */
  readonly alerts?: readonly AlertGroup[];
  /** For a rollback: what cannot be undone, a line each. */
  readonly cannotUndo?: readonly string[];
}
