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
      state: z.string(),
      silencedBy: z.array(z.string()).nullish(),
    }),
  })
  .transform(({ generatorURL, receivers, status, ...alert }) => ({
    ...alert,
    generatorUrl: generatorURL,
    /** The names of its receivers, as they stand in Alertmanager's configuration. */
    receivers: receivers.map(({ name }) => name),
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
  .object({ uptime: Time, cluster: z.object({ status: z.string() }) })
  .transform(({ uptime, cluster }) => ({
    /** When it was started, by its own clock. */
    startedAt: uptime,
    cluster: cluster.status,
  }));

export type ShownStatus = Readonly<z.output<typeof ShownStatus>>;
