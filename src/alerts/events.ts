import type { Labels, Stamp } from './alert.ts';
import type { Actor, AlertGroup, Instant, Page, RelatedRun, Routing, Silence } from './group.ts';
import type { PolicyStep } from './settings.ts';

/** How many alerts a delivery changed, and a few of them by their labels. */
interface Counted {
  readonly count: number;
  readonly some: readonly Labels[];
}

/** What a delivery said of the group as a whole. */
type About = Pick<AlertGroup, 'commonLabels' | 'commonAnnotations' | 'externalUrl' | 'truncated'>;

type Happened =
  /** The first alert of a round fires: the group opens. */
  | ({
      readonly type: 'GroupOpened';
      readonly round: number;
      readonly routing: Routing;
      readonly since: Stamp;
      readonly flapping: boolean;
      readonly related: readonly RelatedRun[];
      readonly delivery: string;
    } & About &
      Pick<AlertGroup, 'id' | 'source' | 'receiver' | 'groupKey' | 'groupLabels'>)
  | ({ readonly type: 'AlertsFired'; readonly delivery: string } & Counted & About)
  | ({ readonly type: 'AlertsResolved'; readonly delivery: string } & Counted & About)
  /** The delivery changed no alert, only what is said of the group (for one, how many were left out). */
  | ({ readonly type: 'GroupDescribed'; readonly delivery: string } & About)
  | { readonly type: 'GroupClosed'; readonly because: NonNullable<AlertGroup['closedBecause']> }
  | { readonly type: 'Acknowledged'; readonly by: Actor }
  | { readonly type: 'Unacknowledged'; readonly by: Actor }
  | { readonly type: 'Dismissed'; readonly by: Actor }
  | { readonly type: 'EscalationStarted'; readonly policy: string; readonly nextAt: Instant }
  | { readonly type: 'EscalationHurried'; readonly by: Actor }
  | {
      readonly type: 'Escalated';
      readonly step: number;
      readonly took: PolicyStep;
      readonly people: readonly string[];
      readonly because?: string;
      readonly nextAt?: Instant;
    }
  | { readonly type: 'EscalationStopped' }
  | { readonly type: 'PageWanted'; readonly page: Pick<Page, 'key' | 'dedupKey' | 'wanted'> }
  | { readonly type: 'PageTold'; readonly status: Page['wanted'] }
  | { readonly type: 'PageRefused'; readonly because: string }
  | { readonly type: 'Reassigned'; readonly by: Actor; readonly assignees: readonly string[] }
  | { readonly type: 'SilenceAsked'; readonly silence: Silence }
  | { readonly type: 'SilenceChanged'; readonly number: number; readonly until: Instant; readonly by: Actor }
  | {
      readonly type: 'SilenceMade';
      readonly number: number;
      readonly silence: string;
      readonly until: Instant;
    }
  | { readonly type: 'SilenceEnded'; readonly number: number; readonly by?: Actor }
  | { readonly type: 'SilenceFailed'; readonly number: number; readonly because: string };

/** One thing that happened to a group; `at` is when, in milliseconds since 1970. */
export type GroupEvent = Happened & { readonly at: Instant };

/** An event as the rules write it before it is given its time. */
export type UntimedGroupEvent = Happened;
