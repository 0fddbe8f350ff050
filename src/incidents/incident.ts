/** Milliseconds since 1970. */
export type Instant = number;

/** Worst first. */
export const incidentSeverities = ['critical', 'high', 'medium', 'low'] as const;

export type IncidentSeverity = (typeof incidentSeverities)[number];

/** In the words of status pages; `monitoring` means that it is mitigated and watched. */
export const incidentStatuses = ['investigating', 'identified', 'monitoring', 'resolved'] as const;

export type IncidentStatus = (typeof incidentStatuses)[number];

/** What an update may make of an incident; resolving has rules of its own. */
export const openStatuses = ['investigating', 'identified', 'monitoring'] as const;

export type OpenStatus = (typeof openStatuses)[number];

export const roles = ['commander', 'communications', 'scribe'] as const;

export type Role = (typeof roles)[number];

/** Something bad enough that people come together for it: a stream each, kept open until its review is done. */
export interface Incident {
  /** `incident-` and 16 hexadecimal digits of the hash of what it was declared from, so that declaring it twice is declaring it once. */
  readonly id: string;
  /** What people call it: `#12`. */
  readonly number: number;
  readonly title: string;
  readonly severity: IncidentSeverity;
  readonly status: IncidentStatus;
  readonly declaredBy: string;
  readonly declaredAt: Instant;
  /** Where it was declared, so that it is told there; `thread` when from an alert's or a run's message. */
  readonly from: { readonly channel: string; readonly thread?: string };
  readonly roles: Readonly<Partial<Record<Role, string>>>;
  readonly room: Room;
  /** The alert groups with the opening that is meant, and the runs, that it is about. */
  readonly groups: readonly { readonly group: string; readonly round: number }[];
  readonly runs: readonly string[];
  /** What was told so far, the newest last, at most twenty. */
  readonly updates: readonly Update[];
  readonly updatesSoFar: number;
  /** When people are owed the next update; absent once it is resolved. */
  readonly updateDueAt?: Instant;
  /** How often in a row somebody was reminded of the update that is due. */
  readonly reminders: number;
  /** Messages that somebody put a pin on, by their time, at most two hundred. */
  readonly pins: readonly Pin[];
  readonly actions: readonly Action[];
  /** What is to be told outside, the newest last, at most twenty. */
  readonly notices: readonly Notice[];
  readonly noticesSoFar: number;
  /** The status page's own id of this incident, once it has one. */
  readonly page?: string;
  readonly mitigatedAt?: Instant;
  readonly resolvedAt?: Instant;
  readonly resolvedBy?: string;
  readonly review?: Review;
}

/** The channel of an incident: its name as wanted, and its id once Slack has made it. `turn` counts what was asked of Slack. */
export interface Room {
  readonly name: string;
  readonly channel?: string;
  readonly turn: number;
  /** Who is known to have been invited. */
  readonly invited: readonly string[];
  /** Who is to be invited. */
  readonly wanted: readonly string[];
  /** Why Slack would not make it, or not invite somebody, in words for people. */
  readonly because?: string;
}

/** What was told of an incident; `status` is what it became with it. */
export interface Update {
  readonly number: number;
  readonly at: Instant;
  readonly by: string;
  readonly text: string;
  readonly status?: IncidentStatus;
}

/** A message that belongs into the timeline. `ts` names it in the incident's channel, `at` is when it was written. */
export interface Pin {
  readonly ts: string;
  readonly at: Instant;
  readonly author: string;
  readonly text: string;
  readonly by: string;
}

/** Something to be done so that it does not happen again. `due` is a day, `2026-11-29`. */
export interface Action {
  readonly number: number;
  readonly title: string;
  readonly owner: string;
  readonly due: string;
  readonly by: string;
  readonly doneBy?: string;
  readonly doneAt?: Instant;
}

/** A text for the status page: nothing goes out that a second person has not approved. */
export interface Notice {
  readonly number: number;
  readonly text: string;
  readonly status: IncidentStatus;
  readonly by: string;
  readonly at: Instant;
  readonly state: 'proposed' | 'approved' | 'declined' | 'sent' | 'failed';
  readonly decidedBy?: string;
  /** Counts what was asked of the status page, so that an old call is known to be old. */
  readonly turn: number;
  readonly because?: string;
}

/** What is looked back on: `dueAt` is when it must be done, `done` who says that it is, with where it can be read. */
export interface Review {
  readonly dueAt: Instant;
  readonly remindAt: Instant;
  readonly reminders: number;
  readonly done?: { readonly by: string; readonly at: Instant; readonly where?: string };
}
