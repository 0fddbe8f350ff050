import type { Instant } from '../incident.ts';
import type { Happening } from '../record.ts';

/** One line of a timeline. */
export interface Entry {
  readonly at: Instant;
  /** Who did it: a Slack user id, or a name in words. */
  readonly by?: string;
  /** A plain sentence on one line, without markup and without its full stop; it may hold text from outside. */
  readonly what: string;
  /** Slack user ids that the sentence is about. */
  readonly whom?: readonly string[];
  /** The event that it comes from. */
  readonly source: { readonly stream: string; readonly version: number; readonly type: string };
  /** `message`: somebody wrote it in the incident's channel, and it was pinned. */
  readonly kind: Happening['kind'] | 'message';
}

/** What an event means to a reader: an entry without what every entry has; `at` when it is not the event's own time. */
export type Told = Pick<Entry, 'what' | 'by' | 'whom'> & {
  readonly at?: Instant;
  readonly kind?: Entry['kind'];
};
