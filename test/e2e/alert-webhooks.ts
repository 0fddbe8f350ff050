import { freePort } from '../../rehearsal/world/free-port.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';

/** An Alertmanager's side of webhooks: what slipway.yaml says of it, and what it sends. */
export interface AlertWebhooks {
  readonly section: unknown;
  readonly secrets: Readonly<Record<string, string>>;
  /** Sends a group of this name as it stands; throws when it is not taken. */
  readonly send: (name: string, about?: GroupSent) => Promise<void>;
}

/** How a group is sent: a firing warning with one alert, unless it is said otherwise. */
export interface GroupSent {
  readonly severity?: 'critical' | 'warning';
  readonly status?: 'firing' | 'resolved';
  readonly alerts?: number;
  /** Labels that all of its alerts have, besides their name and severity. */
  readonly labels?: Readonly<Record<string, string>>;
  /** When its alerts began, in milliseconds since 1970; when the webhooks did unless told. */
  readonly startedAt?: number;
}

/** The name of the channel that all alerts go to. */
export const alertsChannel = 'alerts';

/** The id of that channel. */
export const alertsChannelId = 'C0ALERTS';

/** Webhooks to a port that is free now; `more` replaces parts of the section. */
export async function alertWebhooks(more: Readonly<Record<string, unknown>> = {}): Promise<AlertWebhooks> {
  const port = await freePort();
  const began = Date.now();
  return {
    section: {
      listen: `127.0.0.1:${port}`,
      may: { respond: ['oncall'], silence: ['oncall'] },
      sources: { main: { credential: { bearer: { env: 'TEST_HOOK' } } } },
      routes: [{ name: 'all', channel: alertsChannelId }],
      ...more,
    },
    secrets: { HOOK: 'token-of-main' },
    send: async (name, about = {}) => {
      const { severity = 'warning', status = 'firing', alerts = 1, startedAt = began } = about;
      const labels = { alertname: name, severity, ...about.labels };
      const ended = status === 'firing' ? {} : { status, endsAt: new Date().toISOString() };
      const body = webhookBody({
        groupKey: `{}:{alertname="${name}"}`,
        status,
        groupLabels: { alertname: name },
        commonLabels: labels,
        commonAnnotations: { summary: `${name} is not well` },
        alerts: Array.from({ length: alerts }, (_, index) =>
          alertBody(index, {
            labels: { ...labels, instance: `host-${index}` },
            annotations: { summary: `${name} is not well` },
            startsAt: new Date(startedAt).toISOString(),
            ...ended,
          }),
        ),
      });
      const response = await fetch(`http://127.0.0.1:${port}/alerts/alertmanager/main`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer token-of-main' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${name} was not taken: ${response.status} ${await response.text()}`);
    },
  };
}
