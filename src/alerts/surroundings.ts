import type { Secret } from '../secret.ts';
import type { Matcher } from './group.ts';
import type { AlertSettings } from './settings.ts';

/** How somebody proves who they are over HTTP: a bearer token, or a user with a password. */
export type Credential = { readonly bearer: Secret } | { readonly user: string; readonly password: Secret };

/** An alert that must always fire: when none has come for `silence` milliseconds, this PagerDuty key is paged and the channel told. */
export interface Watchdog {
  readonly match: readonly Matcher[];
  readonly silence: number;
  readonly channel: string;
  readonly page?: string;
}

/** An Alertmanager (or its peers in HA) that sends webhooks to `/alerts/alertmanager/<name>`. */
export interface AlertSource {
  readonly name: string;
  /** What a webhook must carry. */
  readonly credential: Credential;
  /** Base addresses of the peers' API without `/api/v2`, tried in order; without any there are no silences and no poll. */
  readonly alertmanagers: readonly string[];
  /** What Alertmanager's API asks for, if anything. */
  readonly api?: Credential;
  /** Milliseconds between two looks at `/api/v2/alerts`. */
  readonly pollEvery: number;
  /** Milliseconds beyond what Alertmanager may wait, until an alert that has not come is one that will not. */
  readonly driftAfter: number;
  readonly watchdog?: Watchdog;
}

/** PagerDuty: where it is, and the keys and tokens that are known. Addresses end without a slash. */
export interface PagerDutySettings {
  /** https://events.pagerduty.com, or that of the account's region. */
  readonly eventsUrl: string;
  readonly apiUrl: string;
  /** A REST token, for schedules and for saying in whose name something was acknowledged. */
  readonly token?: Secret;
  /** Routing keys of Events v2 by the name that routes give them. */
  readonly keys: Readonly<Record<string, Secret>>;
  /** Secrets of v3 webhook subscriptions; any of them may have signed. */
  readonly webhookSecrets: readonly Secret[];
  /** Slack user ids to e-mail addresses in PagerDuty. */
  readonly users: Readonly<Record<string, string>>;
}

/** Everything that `alerts` of slipway.yaml says; `listen` is where webhooks come in. */
export interface AlertsConfig {
  readonly settings: AlertSettings;
  readonly listen: { readonly host: string; readonly port: number };
  /** The largest body that is taken, in bytes. */
  readonly maxBytes: number;
  readonly sources: Readonly<Record<string, AlertSource>>;
  readonly pagerduty?: PagerDutySettings;
}
