import { z } from 'zod';

const action = z.enum(['trigger', 'acknowledge', 'resolve']);
const routingKey = z.string().length(32);
const dedupKey = z.string().max(255);

const Follow = z.object({
  routing_key: routingKey,
  event_action: action.exclude(['trigger']),
  dedup_key: dedupKey.min(1),
});

const Trigger = z.object({
  routing_key: routingKey,
  event_action: z.literal('trigger'),
  dedup_key: dedupKey.optional(),
  payload: z.object({
    summary: z.string().min(1).max(1_024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.string().optional(),
    component: z.string().optional(),
    group: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
  images: z
    .array(
      z.object({
        src: z.string().startsWith('https://'),
        href: z.string().optional(),
        alt: z.string().optional(),
      }),
    )
    .optional(),
  links: z.array(z.object({ href: z.url(), text: z.string().optional() })).optional(),
  client: z.string().optional(),
  client_url: z.string().optional(),
});

/** An event that Events API v2 accepts (https://developer.pagerduty.com/docs/send-alert-event, "Parameters"). */
export const AlertEvent = z.discriminatedUnion('event_action', [Trigger, Follow]);

export type AlertEvent = z.infer<typeof AlertEvent>;

/** What PagerDuty would say of an event that it does not accept. */
export function faultsIn(error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) => `'${path.join('.')}' is not valid: ${message}`);
}
