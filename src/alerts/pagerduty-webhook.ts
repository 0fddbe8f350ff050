import { z } from 'zod';
import type { Actor, Instant } from './group.ts';
import { oneLine } from './one-line.ts';

/** What a v3 webhook tells of an incident, its texts cleaned and bounded; or why it tells nothing that matters here. */
export type PagerDutyNews =
  | {
      readonly matters: true;
      readonly to: 'acknowledged' | 'unacknowledged' | 'resolved' | 'reassigned';
      readonly incident: string;
      /** The dedup key of its first alert; PagerDuty may leave it out where alerts are grouped. */
      readonly key?: string;
      readonly by: Actor;
      /** Names. */
      readonly assignees: readonly string[];
      /** When it happened, by PagerDuty's clock. */
      readonly at?: Instant;
    }
  | { readonly matters: false; readonly because: string };

/** https://developer.pagerduty.com/docs/webhooks-overview, "Event Types"; what is reopened waits for somebody again. */
const changes: Readonly<Record<string, 'acknowledged' | 'unacknowledged' | 'resolved' | 'reassigned'>> = {
  'incident.acknowledged': 'acknowledged',
  'incident.unacknowledged': 'unacknowledged',
  'incident.reopened': 'unacknowledged',
  'incident.resolved': 'resolved',
  'incident.reassigned': 'reassigned',
  'incident.escalated': 'reassigned',
  'incident.delegated': 'reassigned',
};

const Reference = z.object({
  id: z.string().catch(''),
  type: z.string().catch(''),
  summary: z.string().nullish().catch(null),
});

/** https://developer.pagerduty.com/docs/webhooks-overview, "Webhook Payload" and "incident". */
const Webhook = z.object({
  event: z.object({
    event_type: z.string(),
    occurred_at: z.string().nullish().catch(null),
    agent: Reference.nullish().catch(null),
    data: z.unknown(),
  }),
});

const Incident = z.object({
  id: z.string().min(1).max(100),
  incident_key: z.string().max(255).nullish().catch(null),
  assignees: z.array(Reference).catch([]),
});

/** Reads a v3 webhook; whatever is in it, it throws nothing. */
export function readPagerDutyWebhook(body: unknown): PagerDutyNews {
  const webhook = Webhook.safeParse(body);
  if (!webhook.success) return { matters: false, because: 'its shape is not known' };
  const { event_type: type, occurred_at: occurredAt, agent, data } = webhook.data.event;
  const to = Object.hasOwn(changes, type) ? changes[type] : undefined;
  if (to === undefined) return { matters: false, because: `${oneLine(type, 60)} is of no interest` };
  const incident = Incident.safeParse(data);
  if (!incident.success) return { matters: false, because: 'its incident is not known' };
  const isPerson = agent?.type.startsWith('user') ?? false;
  if (!isPerson && (to === 'acknowledged' || to === 'resolved')) {
    // An event that came by an integration is most likely one of ours: taken for news, an old one that is told late would close
    // or acknowledge what has opened anew since.
    return { matters: false, because: `${oneLine(type, 60)} by an integration` };
  }
  const { id, incident_key: key, assignees } = incident.data;
  const at = Date.parse(occurredAt ?? '');
  return {
    matters: true,
    to,
    incident: id,
    ...(key ? { key } : {}),
    by: actor(agent ?? undefined),
    assignees: assignees.slice(0, 20).map(nameOf),
    ...(Number.isNaN(at) ? {} : { at }),
  };
}

function actor(agent: z.infer<typeof Reference> | undefined): Actor {
  if (agent === undefined) return { via: 'pagerduty', id: 'pagerduty', name: 'PagerDuty' };
  return { via: 'pagerduty', id: oneLine(agent.id, 100) || 'pagerduty', name: nameOf(agent) };
}

function nameOf({ summary }: z.infer<typeof Reference>): string {
  return oneLine(summary ?? '', 80) || 'somebody';
}
