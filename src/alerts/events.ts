import type { Labels, Stamp } from './alert.ts';
import type { Actor, AlertGroup, Instant, Page, RelatedRun, Routing, Silence } from './group.ts';
import type { PolicyStep } from './settings.ts';

/** How many alerts a delivery changed, a few of them by their labels, and the counts of the round after it. */
interface Counted {
  readonly count: number;
  readonly some: readonly Labels[];
  readonly firing: number;
  readonly resolved: number;
}

/** What a delivery said of the group as a whole. */
type About = Pick<AlertGroup, 'commonLabels' | 'commonAnnotations' | 'externalUrl' | 'truncated'>;

/** What stays the same for as long as the group exists. */
type Identity = Pick<AlertGroup, 'id' | 'source' | 'receiver' | 'groupKey' | 'groupLabels' | 'dedupKey'>;

type Happened =
  /** The first that is heard of the group is that an alert ended: it is kept, but the group has not opened. */
  | ({ readonly type: 'GroupNoted'; readonly routing: Routing; readonly delivery: string } & About & Identity)
  /** The first alert of a round fires: the group opens. */
  | ({
      readonly type: 'GroupOpened';
      readonly round: number;
      readonly routing: Routing;
      readonly since: Stamp;
      readonly flapping: boolean;
      /** While it flaps, whoever acknowledged an earlier round lately still has it. */
      readonly staysAcknowledged: boolean;
      readonly related: readonly RelatedRun[];
      readonly delivery: string;
    } & About &
      Identity)
  /** `opens`: these are the alerts that the group opened with. */
  | ({ readonly type: 'AlertsFired'; readonly opens: boolean; readonly delivery: string } & Counted & About)
  | ({ readonly type: 'AlertsResolved'; readonly delivery: string } & Counted & About)
  /** The delivery changed no alert, only what is said of the group (for one, how many were left out). */
  | ({ readonly type: 'GroupDescribed'; readonly delivery: string } & About)
  | { readonly type: 'GroupClosed'; readonly because: NonNullable<AlertGroup['closedBecause']> }
  | { readonly type: 'Acknowledged'; readonly by: Actor }
  | { readonly type: 'Unacknowledged'; readonly by: Actor }
  | { readonly type: 'Dismissed'; readonly by: Actor }
  | {
      readonly type: 'EscalationStarted';
      readonly policy: string;
      readonly step: number;
      readonly nextAt: Instant;
    }
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
  | { readonly type: 'PageTold'; readonly turn: number; readonly status: Page['wanted'] }
  | { readonly type: 'PageRefused'; readonly turn: number; readonly because: string }
  /** Somebody did it in PagerDuty itself, so that there is nothing to tell it. */
  | { readonly type: 'PageFollowed'; readonly dedupKey: string; readonly status: Page['wanted'] }
  | { readonly type: 'Reassigned'; readonly by: Actor; readonly assignees: readonly string[] }
  | { readonly type: 'SilenceAsked'; readonly silence: Silence }
  | { readonly type: 'SilenceChanged'; readonly number: number; readonly until: Instant; readonly by: Actor }
  | {
      readonly type: 'SilenceMade';
      readonly number: number;
      readonly turn: number;
      readonly silence: string;
      readonly until: Instant;
    }
  | { readonly type: 'SilenceEnded'; readonly number: number; readonly by?: Actor }
  | ({ readonly type: 'IncidentLinked' } & NonNullable<AlertGroup['incident']>)
  | { readonly type: 'SilenceFailed'; readonly number: number; readonly because: string };

/** One thing that happened to a group; `at` is when, in milliseconds since 1970. */
export type GroupEvent = Happened & { readonly at: Instant };

/** An event as the rules write it before it is given its time. */
export type UntimedGroupEvent = Happened;
