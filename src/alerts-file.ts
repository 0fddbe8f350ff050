import { z } from 'zod';
import { severities } from './alerts/alert.ts';
import { ChannelId, Name, SecretSource, UserId, WebAddress } from './config-terms.ts';
import { Duration } from './duration.ts';

const largest = 256;

const Size = z
  .string()
  .regex(/^[1-9]\d{0,5}(KB|MB)$/, 'a size such as 512KB or 32MB')
  .refine((text) => bytesOf(text) <= largest * 1_048_576, `at most ${largest}MB`)
  .transform(bytesOf);

const Listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):\d{1,5}$/, 'an address with its port such as 127.0.0.1:9095')
  .refine((text) => placeOf(text).port <= 65_535, 'a port from 0 to 65535')
  .transform(placeOf);

const ApiAddress = WebAddress.refine(
  (url) => !/\/api\/v\d+\/?$/.test(url),
  'the address without /api/v2 at its end',
);

const Credential = z.union([
  z.strictObject({ bearer: SecretSource }),
  z.strictObject({ user: z.string().min(1), password: SecretSource }),
]);

/** Matchers as Alertmanager writes them; they are read later, where their line is known. */
const Match = z.array(z.string()).meta({
  description: 'matchers such as team="db", severity!="info", service=~"web|api"; all must hold',
});

const Severity = z.enum(severities);
const LocalTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as "07:30"');
const LocalDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, 'a local date and time such as 2026-11-02T09:00');
const TimeZone = z.string().min(1).meta({ description: 'a time zone such as Europe/Berlin' });

/** Monday is the first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const SourceEntry = z.strictObject({
  credential: Credential.meta({ description: 'what a webhook must carry' }),
  alertmanagers: z.array(ApiAddress).default([]),
  api: Credential.optional().meta({ description: "what Alertmanager's own API asks for" }),
  poll: Duration.prefault('30s'),
  driftAfter: Duration.prefault('60s').meta({
    description:
      'how long an alert may be late, beyond what Alertmanager may wait, until Slack is told that it never came',
  }),
  watchdog: z
    .strictObject({
      match: Match.min(1),
      silence: Duration.prefault('10m'),
      channel: ChannelId,
      page: Name.optional(),
    })
    .optional(),
});

const RouteEntry = z.strictObject({
  name: Name,
  match: Match.default([]),
  channel: ChannelId,
  severity: Severity.optional(),
  page: Name.optional(),
  policy: Name.optional(),
  environment: Name.optional(),
  quiet: z.array(Name).default([]),
});

const QuietHoursEntry = z.strictObject({
  timeZone: TimeZone,
  days: z
    .array(z.enum(weekdays))
    .min(1)
    .default([...weekdays]),
  from: LocalTime,
  to: z.union([LocalTime, z.literal('24:00')]),
});

const RotationEntry = z.strictObject({
  timeZone: TimeZone,
  start: LocalDate,
  days: z.int().min(1).max(366).default(7),
  people: z.array(UserId).min(1),
  overrides: z.array(z.strictObject({ from: LocalDate, to: LocalDate, person: UserId })).default([]),
});

const ScheduleEntry = z.union([
  RotationEntry,
  z.strictObject({
    pagerduty: z.string().regex(/^[A-Z0-9]{5,40}$/, 'the id of a PagerDuty schedule such as PABC123'),
  }),
]);

const StepEntry = z.strictObject({
  tell: z.union([
    z.strictObject({ schedule: Name, who: z.enum(['now', 'next']).default('now') }),
    z.strictObject({ group: Name }),
    z.strictObject({ page: Name }),
  ]),
  after: Duration.prefault('0s').meta({ description: 'how long after the group opened' }),
});

const PagerDutyEntry = z.strictObject({
  events: WebAddress.default('https://events.pagerduty.com'),
  api: WebAddress.default('https://api.pagerduty.com'),
  token: SecretSource.optional(),
  keys: z.record(Name, SecretSource).default({}),
  webhookSecrets: z.array(SecretSource).default([]),
  users: z.record(UserId, z.email()).default({}),
});

/** `alerts` of slipway.yaml as it is written: where alerts come from, where they go, whom they wake and who may answer. */
export const AlertsSection = z.strictObject({
  listen: Listen.prefault('127.0.0.1:9095'),
  maxBody: Size.prefault('32MB'),
  may: z.strictObject({ respond: z.array(Name).min(1), silence: z.array(Name).default([]) }),
  sources: z.record(Name, SourceEntry),
  routes: z.array(RouteEntry).min(1),
  severities: z.record(z.string().min(1).max(64), Severity).default({}),
  quietHours: z.record(Name, QuietHoursEntry).default({}),
  schedules: z.record(Name, ScheduleEntry).default({}),
  policies: z.record(Name, z.array(StepEntry).min(1).max(50)).default({}),
  // As many openings as a group remembers.
  flapping: z
    .strictObject({ episodes: z.int().min(2).max(50).default(4), within: Duration.prefault('1h') })
    .prefault({}),
  relateWithin: Duration.prefault('30m'),
  endSilences: z.boolean().default(true),
  pagerduty: PagerDutyEntry.optional(),
});

export type AlertsSection = z.output<typeof AlertsSection>;

function bytesOf(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith('KB') ? 1_024 : 1_048_576);
}

function placeOf(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
