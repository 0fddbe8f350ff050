import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account, Agent, PagerDutyIncident, PagerDutyUser } from './account.ts';
import { newId } from './account.ts';

/** A subscription of v3 webhooks; two secrets are given while one is being replaced. */
export interface Subscription {
  readonly url: string;
  readonly secrets: readonly string[];
}

/** One attempt to deliver a webhook; `status` is undefined when nothing answered in time. */
export interface Attempt {
  readonly webhook: string;
  readonly type: string;
  readonly status: number | undefined;
}

/** Sends v3 webhooks (https://developer.pagerduty.com/docs/webhooks-overview, and docs/webhooks/02-Behavior.md of github.com/PagerDuty/developer-docs). */
export interface Webhooks {
  readonly subscribe: (subscription: Subscription) => void;
  readonly tell: (type: string, incident: PagerDutyIncident, agent: Agent) => void;
  /** Sends the newest webhook of a type once more under the same id, as "at least once" allows. */
  readonly again: (type: string) => void;
  /** Sends any body, signed. */
  readonly send: (body: string, type?: string) => void;
  readonly attempts: readonly Attempt[];
  /** Whether three dropped in a row have disabled the subscription. */
  readonly isDisabled: (url: string) => boolean;
  /** Waits until nothing is left to send. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Webhook {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

interface Line extends Subscription {
  drops: number;
  isDisabled: boolean;
  queue: Promise<void>;
}

/** `pause` is how long it waits before it tries again, in milliseconds; the real one grows over 48 hours. */
export function openWebhooks(users: () => Account['users'], pause: number): Webhooks {
  const lines: Line[] = [];
  const sent: Webhook[] = [];
  const attempts: Attempt[] = [];
  const stopping = new AbortController();

  const attempt = async (line: Line, { id, type, body }: Webhook): Promise<number | undefined> => {
    const signatures = line.secrets.map((secret) => `v1=${signature(secret, body)}`);
    const answer = await fetch(line.url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'PagerDuty-Webhook/V3.0',
        'x-webhook-id': id,
        'x-webhook-subscription': 'PSUBSCRIBED',
        'x-pagerduty-signature': signatures.join(','),
      },
      // "PagerDuty expects a 2xx response within 5 seconds".
      signal: AbortSignal.any([AbortSignal.timeout(5_000), stopping.signal]),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    attempts.push({ webhook: id, type, status: answer?.status });
    return answer?.status;
  };
  const deliver = async (line: Line, webhook: Webhook): Promise<void> => {
    while (!stopping.signal.aborted && !line.isDisabled) {
      const status = await attempt(line, webhook);
      if (status !== undefined && status >= 200 && status < 300) {
        line.drops = 0;
        return;
      }
      if (status !== undefined && status < 500 && status !== 429) {
        line.drops += 1;
        // "After 3 consecutive webhooks are dropped due to delivery failure, the extension will be disabled".
        line.isDisabled = line.drops >= 3;
        return;
      }
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const enqueue = (webhook: Webhook): void => {
    sent.push(webhook);
    for (const line of lines) line.queue = line.queue.then(() => deliver(line, webhook));
  };
  const idle = async (): Promise<void> => {
    await Promise.all(lines.map(({ queue }) => queue));
  };

  return {
    subscribe: (subscription) => {
      lines.push({ ...subscription, drops: 0, isDisabled: false, queue: Promise.resolve() });
    },
    tell: (type, incident, agent) =>
      enqueue({ id: randomUUID(), type, body: JSON.stringify(payload(type, incident, agent, users())) }),
    again: (type) => {
      const webhook = sent.findLast((one) => one.type === type);
      if (webhook === undefined) throw new RangeError(`no webhook ${type} was sent`);
      enqueue(webhook);
    },
    send: (body, type = 'any') => enqueue({ id: randomUUID(), type, body }),
    attempts,
    isDisabled: (url) => lines.some((line) => line.url === url && line.isDisabled),
    idle,
    stop: async () => {
      stopping.abort();
      await idle();
    },
  };
}

/** https://developer.pagerduty.com/docs/verifying-webhook-signatures, "The Signature". */
export function signature(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The payload of an event (https://developer.pagerduty.com/docs/webhooks-overview, "Webhook Payload" and "incident"). */
function payload(type: string, incident: PagerDutyIncident, agent: Agent, users: readonly PagerDutyUser[]) {
  return {
    event: {
      id: newId('01'),
      event_type: type,
      resource_type: 'incident',
      occurred_at: new Date().toISOString(),
      agent: agentReference(agent, users),
      client: null,
      data: {
        id: incident.id,
        type: 'incident',
        number: incident.number,
        status: incident.status,
        incident_key: incident.dedupKey,
        created_at: incident.createdAt,
        title: incident.title,
        service: { id: incident.service, summary: incident.service, type: 'service_reference' },
        assignees: incident.assignees.map((email) => userReference(email, users)),
        escalation_policy: { id: 'PPOLICY', summary: 'Default', type: 'escalation_policy_reference' },
        teams: [],
        priority: null,
        urgency: 'high',
        conference_bridge: null,
        resolve_reason: null,
      },
    },
  };
}

function agentReference(agent: Agent, users: readonly PagerDutyUser[]) {
  if (agent === null) return null;
  if ('email' in agent) return userReference(agent.email, users);
  return { id: agent.service, type: 'inbound_integration_reference', summary: 'Events API v2' };
}

/** A user as other things refer to it (https://developer.pagerduty.com/docs/references). */
export function userReference(email: string, users: readonly PagerDutyUser[]) {
  const user = users.find((one) => one.email === email);
  return { id: user?.id ?? 'PGONE', type: 'user_reference', summary: user?.name ?? email };
}
