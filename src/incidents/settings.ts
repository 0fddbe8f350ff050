import type { Secret } from '../secret.ts';
import type { IncidentRuling } from './commands.ts';

/** Where news of incidents goes outside: a webhook of one's own that is signed, or Statuspage (https://developer.statuspage.io). */
export type StatusPage =
  | { readonly webhook: string; readonly secret: Secret }
  | { readonly api: string; readonly page: string; readonly token: Secret };

/** What `incidents` of slipway.yaml says. */
export interface IncidentSettings {
  /**
   * Groups of people who may declare; who may update, assign, resolve and review; who may run steps of runbooks and approve those
   * of others; and who may approve what is told outside.
   */
  readonly may: Readonly<Record<'declare' | 'respond' | 'run' | 'publish', readonly string[]>>;
  /** Schedules (of `alerts`) and groups whose people are invited into an incident's channel. */
  readonly invite: { readonly schedules: readonly string[]; readonly groups: readonly string[] };
  /** What the names of incidents' channels begin with. */
  readonly prefix: string;
  readonly isPrivate: boolean;
  /** A channel in which every incident is told of, besides where it was declared. */
  readonly announce?: string;
  readonly ruling: IncidentRuling;
  readonly statusPage?: StatusPage;
  /** When owners are told what their runbooks lack: `day` counts from 1, Monday; `minute` after midnight in the zone. */
  readonly report: { readonly day: number; readonly minute: number; readonly timeZone: string };
}
