import { z } from 'zod';
import type { Instant } from '../alerts/group.ts';

// The API answers in milliseconds while webhooks carry nanoseconds, so a time from here is compared as milliseconds.
const Time = z
  .string()
  .max(64)
  .transform((text, context): Instant => {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
    context.addIssue('a time');
    return z.NEVER;
  });

const LabelSet = z.record(z.string(), z.string());

/** An alert as `/api/v2/alerts` shows it (`gettableAlert` of api/v2/openapi.yaml); unknown fields are left out. */
export const ShownAlert = z
  .object({
    fingerprint: z.string().max(64),
    labels: LabelSet,
    annotations: LabelSet,
    startsAt: Time,
    generatorURL: z.string().default(''),
    receivers: z.array(z.object({ name: z.string() })),
    status: z.object({
      state: z.enum(['active', 'suppressed', 'unprocessed']),
      silencedBy: z.array(z.string()).nullish(),
    }),
  })
  .transform(({ generatorURL, receivers, status, ...alert }) => ({
    ...alert,
    generatorUrl: generatorURL,
    /** The names of its receivers, as they stand in Alertmanager's configuration. */
    receivers: receivers.map(({ name }) => name),
    /** `suppressed`: silenced or inhibited; `unprocessed`: it has only just come. */
    state: status.state,
    /** Ids of the silences that keep it quiet. */
    silencedBy: status.silencedBy ?? [],
  }));

export type ShownAlert = Readonly<z.output<typeof ShownAlert>>;

/** A silence as it is kept in Alertmanager (`gettableSilence`); times are by Alertmanager's clock. */
export const KeptSilence = z
  .object({
    id: z.string().min(1).max(100),
    status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
    matchers: z.array(
      z.object({
        name: z.string(),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().default(true),
      }),
    ),
    startsAt: Time,
    endsAt: Time,
    createdBy: z.string(),
    comment: z.string(),
  })
  .transform(({ status, ...silence }) => ({ ...silence, state: status.state }));

export type KeptSilence = Readonly<z.output<typeof KeptSilence>>;

/** What `POST /api/v2/silences` answers. */
export const PostedSilence = z.object({ silenceID: z.string().min(1).max(100) });

/** How an Alertmanager is (`alertmanagerStatus`). */
export const ShownStatus = z
  .object({ uptime: Time, config: z.object({ original: z.string() }) })
  .transform(({ uptime, config }) => ({
    /** When it was started, by its own clock. */
    startedAt: uptime,
    longestWait: longestWaitIn(config.original),
  }));

export type ShownStatus = Readonly<z.output<typeof ShownStatus>>;

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 };

/**
 * How long Alertmanager may keep a new alert to itself, in milliseconds: the longest `group_wait` or `group_interval` of its
 * configuration (https://prometheus.io/docs/alerting/latest/configuration/#route), which it shows with its defaults.
 */
export function longestWaitIn(configuration: string): number {
  const waits = configuration.matchAll(/\bgroup_(?:wait|interval): *"?([0-9a-z]+)/g);
  const spans = [...waits].map(([, span = '']) =>
    [...span.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units],
      0,
    ),
  );
  return Math.max(0, ...spans);
}
