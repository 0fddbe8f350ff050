import type { Job } from '../deploy/jobs.ts';
import type { Labels } from './alert.ts';
import type { Instant } from './group.ts';
import { matches } from './matcher.ts';
import type { AlertSource } from './surroundings.ts';

/** A time during which something was wrong; each has a message of its own. `number` counts within its kind. */
export interface Trouble {
  readonly number: number;
  readonly since: Instant;
  readonly endedAt?: Instant;
}

/** Alertmanagers that do not answer. */
export interface Unreached extends Trouble {
  /** Whether another peer answers, so that nothing is missed. */
  readonly isPartial: boolean;
  /** The addresses that do not answer, and why. */
  readonly silent: readonly { readonly address: string; readonly because: string }[];
}

/** Alerts that fire in Alertmanager and never reached Slack. */
export interface Drift extends Trouble {
  readonly count: number;
  /** A few of them by some of their labels. */
  readonly some: readonly Labels[];
}

/** What PagerDuty should show of a watchdog that is silent, and what it is known to have accepted. */
export interface WatchdogPage {
  readonly key: string;
  readonly dedupKey: string;
  readonly wanted: 'triggered' | 'resolved';
  readonly told?: 'triggered' | 'resolved';
  /** Counts what was wanted, so that an old call is known to be old. */
  readonly turn: number;
  /** Why PagerDuty refused it for good. */
  readonly refused?: string;
}

/** A source of alerts as it stands: a stream for each, for good. */
export interface SourceState {
  /** `source-` and the source's name. */
  readonly id: string;
  readonly name: string;
  /** Where its messages are. */
  readonly channel: string;
  readonly unreached?: Unreached;
  readonly drift?: Drift;
  /** When the watchdog was last heard, as far as that was noted: not each time. */
  readonly heardAt?: Instant;
  readonly silence?: Trouble;
  readonly page?: WatchdogPage;
}

interface Named {
  readonly source: string;
  readonly channel: string;
}

/** What is told to a source's stream. */
export type SourceCommand =
  /** How the Alertmanagers answered; nobody silent means that all do. */
  | ({ readonly type: 'Reach' } & Named & Pick<Unreached, 'isPartial' | 'silent'>)
  /** How many alerts never reached Slack. */
  | ({ readonly type: 'Compare' } & Named & Pick<Drift, 'count' | 'some'>)
  /** The watchdog was heard; noted when the last note is older than `every` milliseconds. */
  | ({ readonly type: 'Hear'; readonly every: number } & Named)
  /** Whether the watchdog was heard lately. `heardAt`: by this process; `startedAt`: when it began to listen. */
  | ({
      readonly type: 'CheckWatchdog';
      readonly silence: number;
      readonly startedAt: Instant;
      readonly heardAt?: Instant;
      readonly page?: string;
    } & Named)
  /** The configuration knows no watchdog any more. */
  | ({ readonly type: 'DropWatchdog' } & Named)
  | ({ readonly type: 'PageTold'; readonly turn: number } & Named)
  | ({ readonly type: 'PageRefused'; readonly turn: number; readonly because: string } & Named);

type Happened =
  | ({ readonly type: 'SourceNamed' } & Named)
  | ({ readonly type: 'ReachLost' } & Pick<Unreached, 'number' | 'isPartial' | 'silent'>)
  | { readonly type: 'ReachRegained' }
  | ({ readonly type: 'DriftFound' } & Pick<Drift, 'number' | 'count' | 'some'>)
  | { readonly type: 'DriftGone' }
  | { readonly type: 'WatchdogHeard' }
  | { readonly type: 'WatchdogSilent'; readonly number: number; readonly since: Instant }
  | { readonly type: 'WatchdogDropped' }
  | { readonly type: 'PageWanted'; readonly page: Pick<WatchdogPage, 'key' | 'dedupKey' | 'wanted'> }
  | { readonly type: 'PageTold'; readonly status: WatchdogPage['wanted'] }
  | { readonly type: 'PageRefused'; readonly because: string };

/** One thing that happened to a source; `at` is when, in milliseconds since 1970. */
export type SourceEvent = Happened & { readonly at: Instant };

/** An event as the rules write it before it is given its time. */
export type UntimedSourceEvent = Happened;

const prefix = 'source-';

/** The stream of a source. */
export function sourceId(name: string): string {
  return prefix + name;
}

/** Whether a stream is that of a source. */
export function isSource(stream: string): boolean {
  return stream.startsWith(prefix);
}

/** The dedup key under which PagerDuty keeps a silent watchdog. */
export function watchdogKey(name: string): string {
  return `slipway-watchdog-${name}`;
}

/** Whether an alert is the source's watchdog, which is never shown as a group. */
export function isWatchdog({ watchdog }: Pick<AlertSource, 'watchdog'>, labels: Labels): boolean {
  return watchdog !== undefined && matches(watchdog.match, labels);
}

/** Every job that should exist for a source as it stands: `watchdog-page` on `calls` with source and turn. */
export function sourceJobs({ id, name, page }: SourceState): readonly Job[] {
  if (page === undefined || page.wanted === page.told || page.refused !== undefined) return [];
  const data = { source: name, turn: page.turn };
  return [{ id: `${id}.page.${page.turn}`, queue: 'calls', name: 'watchdog-page', data }];
}
