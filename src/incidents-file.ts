import { z } from 'zod';
import { weekdays } from './alerts-file.ts';
import { ChannelId, Name, SecretSource, WebAddress } from './config-terms.ts';
import { Duration } from './duration.ts';

const Groups = z.array(Name).default([]);

const StatusPageEntry = z.union([
  z.strictObject({ webhook: WebAddress, secret: SecretSource }),
  z.strictObject({
    page: z.string().regex(/^[a-z0-9]{4,40}$/, "Statuspage's id of the page"),
    token: SecretSource,
    api: WebAddress.default('https://api.statuspage.io'),
  }),
]);

/** `incidents` of slipway.yaml as it is written: who may do what, who is invited, how often people are owed an update. */
export const IncidentsSection = z.strictObject({
  may: z.strictObject({
    declare: z.array(Name).min(1).meta({ description: 'groups that may declare an incident' }),
    respond: z.array(Name).min(1).meta({ description: 'groups that may update, assign, resolve and review' }),
    run: Groups.meta({ description: 'groups that may run steps of runbooks, and approve those of others' }),
    publish: Groups.meta({ description: 'groups that may approve what is told outside' }),
  }),
  invite: z.strictObject({ schedules: Groups, groups: Groups }).prefault({}),
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'lower-case letters, digits and hyphens, at most 20 characters')
    .default('inc')
    .meta({ description: "what the names of incidents' channels begin with" }),
  private: z.boolean().default(false),
  announce: ChannelId.optional().meta({ description: 'where every incident is told of' }),
  updates: z
    .strictObject({
      critical: Duration.prefault('30m'),
      high: Duration.prefault('1h'),
      medium: Duration.prefault('4h'),
      low: Duration.optional(),
    })
    .prefault({})
    .meta({ description: 'how often an update is owed' }),
  review: z
    .strictObject({
      critical: Duration.prefault('24h'),
      high: Duration.prefault('24h'),
      medium: Duration.prefault('5d'),
      low: Duration.prefault('10d'),
      remind: Duration.prefault('12h'),
    })
    .prefault({})
    .meta({ description: 'how soon the review is due, and how often its people are reminded' }),
  statusPage: StatusPageEntry.optional(),
  report: z
    .strictObject({
      day: z.enum(weekdays).default('mon'),
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as "09:00"')
        .default('09:00'),
      timeZone: z.string().min(1).default('UTC'),
    })
    .prefault({})
    .meta({ description: 'when owners are told what their runbooks lack' }),
});

export type IncidentsSection = z.output<typeof IncidentsSection>;
