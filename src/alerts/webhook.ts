import { z } from 'zod';
import type { Alert, Labels } from './alert.ts';
import { boundedAddress, boundedKey, boundedLabels, bounds, clipped } from './bounds.ts';
import type { Delivery } from './delivery.ts';
import { dedupKeyOf } from './delivery.ts';
import { receiverName } from './receiver-name.ts';
import { isZero, readStamp } from './stamp.ts';

/** A webhook as it was understood, or one sentence that says where it is not what Alertmanager sends. */
export type Webhook =
  | { readonly ok: true; readonly webhook: Delivery }
  | { readonly ok: false; readonly because: string };

const Labelled = z.unknown().transform(readLabels);

// Go writes an empty map as null.
const MaybeLabelled = z.unknown().transform((given, context) => readLabels(given ?? {}, context));

const Time = z.string('must be text').transform((given, context) => {
  return readStamp(given) ?? refuse(context, 'must be a time such as 2026-11-22T03:04:05Z');
});

const Address = z.string('must be text').transform(boundedAddress).default('');

const Status = z.enum(['firing', 'resolved'], 'must be firing or resolved');

const Told = z.object(
  {
    fingerprint: z.string('must be text').regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits'),
    status: Status,
    startsAt: Time,
    endsAt: Time.optional(),
    labels: Labelled,
    annotations: MaybeLabelled,
    generatorURL: Address,
  },
  'must be an object',
);

const Name = z.string('must be text').min(1, 'must not be empty');

const Body = z.object(
  {
    version: z.literal('4', 'must be "4", the only version that is read'),
    groupKey: Name,
    receiver: Name,
    status: Status,
    truncatedAlerts: z.int('must be a whole number').nonnegative('must not be negative').default(0),
    groupLabels: MaybeLabelled,
    commonLabels: MaybeLabelled,
    commonAnnotations: MaybeLabelled,
    externalURL: Address,
    // Each is read by itself, so that a million wrong ones are one fault and not a million.
    alerts: z.custom<readonly unknown[]>(Array.isArray, 'must be a list'),
  },
  'must be an object',
);

/**
 * Reads the body of Alertmanager's webhook, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config),
 * with everything in it cleaned and bounded. Members that are not known are left out.
 */
export function readWebhook(body: unknown): Webhook {
  const read = Body.safeParse(body);
  if (!read.success) return unfit(read.error, []);
  const alerts: Alert[] = [];
  for (const [index, given] of read.data.alerts.entries()) {
    const told = Told.safeParse(given);
    if (!told.success) return unfit(told.error, ['alerts', index]);
    alerts.push(alertOf(told.data));
  }
  const { groupKey, receiver, truncatedAlerts: truncated, externalURL: externalUrl } = read.data;
  const { groupLabels, commonLabels, commonAnnotations } = read.data;
  return {
    ok: true,
    webhook: {
      receiver: clipped(receiverName(receiver), bounds.name),
      groupKey: boundedKey(groupKey),
      dedupKey: dedupKeyOf(groupKey),
      groupLabels,
      commonLabels,
      commonAnnotations,
      externalUrl,
      truncated,
      alerts,
    },
  };
}

function alertOf({ endsAt, generatorURL: generatorUrl, ...told }: z.infer<typeof Told>): Alert {
  const hasEnded = told.status === 'resolved' && endsAt !== undefined && !isZero(endsAt);
  return { ...told, generatorUrl, ...(hasEnded && { endsAt }) };
}

function readLabels(given: unknown, context: z.RefinementCtx): Labels {
  if (!isObject(given)) return refuse(context, 'must be an object of texts');
  const labels: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') return refuse(context, 'must be text', name);
    labels.push([name, value]);
  }
  return boundedLabels(labels);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(context: z.RefinementCtx, message: string, ...path: string[]): never {
  context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
}

function unfit(error: z.ZodError, above: readonly PropertyKey[]): Webhook {
  const [issue] = error.issues;
  const path = [...above, ...(issue?.path ?? [])];
  return { ok: false, because: `${placeOf(path)} ${issue?.message ?? 'is not as it should be'}.` };
}

/** Where in the body, as `alerts[3].labels.job`. */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'The body';
  return path
    .map((key, at) =>
      typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${clipped(String(key), 60)}`,
    )
    .join('')
    .replace(/\s/g, ' ');
}
