import type {
  Action,
  Incident,
  IncidentSeverity,
  Instant,
  Notice,
  OpenStatus,
  Pin,
  Role,
} from './incident.ts';

interface By {
  readonly by: string;
}

type Happened =
  | ({
      readonly type: 'IncidentDeclared';
      readonly roomName: string;
      readonly invite: readonly string[];
      readonly commander: string;
      readonly updateDueAt?: Instant;
    } & Pick<Incident, 'id' | 'number' | 'title' | 'severity' | 'from' | 'groups' | 'runs'> &
      By)
  | ({
      readonly type: 'Updated';
      readonly number: number;
      readonly text: string;
      readonly status?: OpenStatus;
      readonly updateDueAt?: Instant;
    } & By)
  | ({
      readonly type: 'SeverityChanged';
      readonly severity: IncidentSeverity;
      readonly updateDueAt?: Instant;
    } & By)
  | ({ readonly type: 'Renamed'; readonly title: string } & By)
  | ({ readonly type: 'RoleAssigned'; readonly role: Role; readonly person: string } & By)
  | ({ readonly type: 'InviteWanted'; readonly people: readonly string[] } & By)
  | ({ readonly type: 'GroupLinked'; readonly group: string; readonly round: number } & By)
  | ({ readonly type: 'RunLinked'; readonly run: string } & By)
  | ({ readonly type: 'Mitigated' } & By)
  | ({
      readonly type: 'IncidentResolved';
      readonly text: string;
      readonly reviewDueAt: Instant;
      readonly remindAt: Instant;
    } & By)
  | ({ readonly type: 'IncidentReopened'; readonly text: string; readonly updateDueAt?: Instant } & By)
  | { readonly type: 'MessagePinned'; readonly pin: Pin }
  | ({ readonly type: 'MessageUnpinned'; readonly ts: string } & By)
  | { readonly type: 'ActionAdded'; readonly action: Action }
  | ({ readonly type: 'ActionDone'; readonly number: number } & By)
  | ({ readonly type: 'ReviewDone'; readonly where?: string } & By)
  | { readonly type: 'NoticeProposed'; readonly notice: Notice }
  | ({ readonly type: 'NoticeApproved'; readonly number: number; readonly turn: number } & By)
  | ({ readonly type: 'NoticeDeclined'; readonly number: number } & By)
  | { readonly type: 'NoticeSent'; readonly number: number; readonly page?: string }
  | { readonly type: 'NoticeFailed'; readonly number: number; readonly because: string }
  | { readonly type: 'UpdateReminded'; readonly updateDueAt: Instant; readonly count: number }
  | { readonly type: 'ReviewReminded'; readonly remindAt: Instant; readonly count: number }
  | { readonly type: 'RoomMade'; readonly channel: string; readonly name: string }
  | {
      readonly type: 'RoomSettled';
      readonly turn: number;
      readonly invited: readonly string[];
      readonly because?: string;
    }
  | { readonly type: 'RoomFailed'; readonly because: string };

/** One thing that happened to an incident; `at` is when, in milliseconds since 1970. */
export type IncidentEvent = Happened & { readonly at: Instant };

/** An event as the rules write it before it is given its time. */
export type UntimedIncidentEvent = Happened;
