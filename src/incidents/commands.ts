import type { Incident, IncidentSeverity, OpenStatus, Role } from './incident.ts';

/** A Slack user as looked up at the moment of the click, with what they may do about incidents. */
export interface IncidentPerson {
  readonly id: string;
  readonly may: readonly ('declare' | 'respond' | 'publish')[];
}

/** What the configuration says, decided by the caller since the rules know no configuration. Times are in milliseconds. */
export interface IncidentRuling {
  /** How often an update is owed at this severity; undefined for never. */
  readonly updateEvery: Readonly<Partial<Record<IncidentSeverity, number>>>;
  /** How soon the review is due after it is resolved. */
  readonly reviewWithin: Readonly<Record<IncidentSeverity, number>>;
  readonly remindEvery: number;
}

interface Ruled {
  readonly ruling: IncidentRuling;
}

interface ByPerson {
  readonly by: IncidentPerson;
}

/** What is asked of an incident, by people, timers and the services that it talks to. */
export type IncidentCommand =
  | ({
      readonly type: 'Declare';
      readonly roomName: string;
      /** Who is to be invited besides whoever declares it and the commander. */
      readonly invite: readonly string[];
      readonly commander: string;
    } & Pick<Incident, 'id' | 'number' | 'title' | 'severity' | 'from' | 'groups' | 'runs'> &
      ByPerson &
      Ruled)
  | ({ readonly type: 'Update'; readonly text: string; readonly status?: OpenStatus } & ByPerson & Ruled)
  | ({ readonly type: 'ChangeSeverity'; readonly severity: IncidentSeverity } & ByPerson & Ruled)
  | ({ readonly type: 'Rename'; readonly title: string } & ByPerson)
  | ({ readonly type: 'AssignRole'; readonly role: Role; readonly person: string } & ByPerson)
  | ({ readonly type: 'Invite'; readonly people: readonly string[] } & ByPerson)
  | ({ readonly type: 'LinkGroup'; readonly group: string; readonly round: number } & ByPerson)
  | ({ readonly type: 'LinkRun'; readonly run: string } & ByPerson)
  | ({ readonly type: 'Resolve'; readonly text: string } & ByPerson & Ruled)
  | ({ readonly type: 'Reopen'; readonly text: string } & ByPerson & Ruled)
  | {
      readonly type: 'Pin';
      readonly ts: string;
      readonly author: string;
      readonly text: string;
      readonly by: string;
    }
  | { readonly type: 'Unpin'; readonly ts: string; readonly by: string }
  | ({
      readonly type: 'AddAction';
      readonly title: string;
      readonly owner: string;
      readonly due: string;
    } & ByPerson)
  | ({ readonly type: 'CompleteAction'; readonly number: number } & ByPerson)
  | ({ readonly type: 'CompleteReview'; readonly where?: string } & ByPerson)
  | ({ readonly type: 'ProposeNotice'; readonly text: string } & ByPerson)
  | ({ readonly type: 'ApproveNotice'; readonly number: number } & ByPerson)
  | ({ readonly type: 'DeclineNotice'; readonly number: number } & ByPerson)
  /** A timer: the update that was owed at this time has not come, or the review is not done. */
  | ({ readonly type: 'RemindUpdate'; readonly dueAt: number } & Ruled)
  | ({ readonly type: 'RemindReview'; readonly remindAt: number } & Ruled)
  /** What Slack answered to what was asked at this turn. */
  | { readonly type: 'RoomMade'; readonly turn: number; readonly channel: string; readonly name: string }
  | {
      readonly type: 'RoomSettled';
      readonly turn: number;
      readonly invited: readonly string[];
      readonly because?: string;
    }
  | { readonly type: 'RoomFailed'; readonly turn: number; readonly because: string }
  /** What the status page answered. */
  | { readonly type: 'NoticeSent'; readonly number: number; readonly turn: number; readonly page?: string }
  | {
      readonly type: 'NoticeFailed';
      readonly number: number;
      readonly turn: number;
      readonly because: string;
    };
