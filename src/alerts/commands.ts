import type { Alert, Episode, Labels } from './alert.ts';
import type { Actor, AlertGroup, Instant, Matcher, RelatedRun, Routing } from './group.ts';
import type { FlapBudget, PolicyStep } from './settings.ts';

/** A Slack user as looked up at the moment of the click, with what they may do about alerts. */
export interface Responder {
  readonly id: string;
  readonly may: readonly ('respond' | 'silence')[];
}

/** The newest episode that is kept of a fingerprint: the row with the latest `startsAt`, whole. */
export type Known = Episode;

/** What the configuration says of a group at this moment; decided by the caller, since the rules know no configuration. */
export interface Ruling {
  readonly routing: Routing;
  readonly flapping: FlapBudget;
  /** Whether a silence made here ends when its group closes. */
  readonly endSilences: boolean;
  /** How long the first step of the policy waits, in milliseconds; undefined without a policy. */
  readonly escalateAfter?: number;
  /** The dedup key that Alertmanager's own PagerDuty receiver would use. */
  readonly dedupKey: string;
  /** Runs that changed something in the environment lately; only looked up when the group may open. */
  readonly related: readonly RelatedRun[];
}

interface OfRound {
  /** The round that the button or timer is about; for another one it is too late. */
  readonly round: number;
}

interface ByResponder extends OfRound {
  readonly by: Responder;
}

/** What is asked of a group, by webhooks, people, timers and the services that it talks to. */
export type GroupCommand =
  | {
      readonly type: 'Deliver';
      /** `webhook`: what Alertmanager told; `poll`: what its API shows at this moment, which is right even against an episode that was closed. */
      readonly via: 'webhook' | 'poll';
      readonly id: string;
      readonly source: string;
      readonly receiver: string;
      readonly groupKey: string;
      readonly groupLabels: Labels;
      readonly commonLabels: Labels;
      readonly commonAnnotations: Labels;
      readonly externalUrl: string;
      readonly truncated: number;
      readonly alerts: readonly Alert[];
      /** The newest known episode of each fingerprint in `alerts`, as of the version that the group is decided on. */
      readonly known: readonly Known[];
      readonly ruling: Ruling;
      /** The hash under which the delivery itself is kept. */
      readonly delivery: string;
    }
  | ({ readonly type: 'Acknowledge' } & ByResponder)
  | ({
      readonly type: 'Unacknowledge';
      /** The first step's wait again, in milliseconds; without it the next step is due at once. */
      readonly escalateAfter?: number;
    } & ByResponder)
  | ({ readonly type: 'Resolve' } & ByResponder)
  /** Somebody will not wait: the next step is taken now. */
  | ({ readonly type: 'EscalateNow' } & ByResponder)
  /** A timer of the escalation went off and its step was carried out: these were found to be told. */
  | ({
      readonly type: 'Escalate';
      readonly step: number;
      readonly took: PolicyStep;
      readonly people: readonly string[];
      readonly because?: string;
      /** The wait before the step after it, or undefined when this was the last. */
      readonly next?: number;
      readonly dedupKey: string;
    } & OfRound)
  /** The policy of the group was found to be asleep although nobody has the group in hand: its next step is due now. */
  | ({ readonly type: 'StartEscalation' } & OfRound)
  | ({
      readonly type: 'Silence';
      readonly scope: 'group' | string;
      readonly matchers: readonly Matcher[];
      readonly until: Instant;
      readonly comment: string;
    } & ByResponder)
  /** The silence ends at another time: later, sooner, or now. */
  | ({ readonly type: 'ChangeSilence'; readonly number: number; readonly until: Instant } & ByResponder)
  /**
   * What Alertmanager answered, read back, to what was asked at this turn. When more was asked meanwhile, only the id counts:
   * a call for the newer turn is on its way.
   */
  | {
      readonly type: 'SilenceMade';
      readonly number: number;
      readonly turn: number;
      readonly silence: string;
      readonly until: Instant;
    }
  | { readonly type: 'SilenceEnded'; readonly number: number; readonly by?: Actor }
  | {
      readonly type: 'SilenceFailed';
      readonly number: number;
      readonly turn: number;
      readonly because: string;
    }
  /** PagerDuty accepted what was wanted at this turn, or refused it for good. */
  | ({ readonly type: 'PageTold'; readonly turn: number } & OfRound)
  | ({ readonly type: 'PageRefused'; readonly turn: number; readonly because: string } & OfRound)
  /** An incident about this round has a channel; one that is declared later takes the place of an earlier one. */
  | ({ readonly type: 'LinkIncident' } & Omit<NonNullable<AlertGroup['incident']>, 'id'> & {
        readonly incident: string;
      })
  /** What somebody did in PagerDuty itself. */
  | {
      readonly type: 'PageChanged';
      readonly dedupKey: string;
      readonly to: 'acknowledged' | 'unacknowledged' | 'resolved' | 'reassigned';
      readonly by: Actor;
      readonly assignees?: readonly string[];
      /** For `unacknowledged`: the first step's wait again, in milliseconds; without it the next step is due at once. */
      readonly escalateAfter?: number;
    };
