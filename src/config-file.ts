import { z } from 'zod';
import { AlertsSection } from './alerts-file.ts';
import { ChannelId, Name, SecretSource } from './config-terms.ts';
import { valueName } from './deploy/interpolate.ts';
import { Duration } from './duration.ts';
import { IncidentsSection } from './incidents-file.ts';

const ValueName = z.string().regex(valueName, 'capital letters, digits and underscores, such as API_URL');

const May = z.strictObject({
  deploy: z.array(Name).default([]),
  rollback: z.array(Name).default([]),
  lock: z.array(Name).default([]),
});

const HostEntry = z.strictObject({
  address: z.string().min(1),
  port: z.int().min(1).max(65_535).default(22),
  user: z.string().min(1),
  privateKey: SecretSource,
  hostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'a fingerprint such as SHA256:… as ssh-keygen -lf prints it'),
});

/** Where versions are kept; a token within an address would be a secret in this file. */
const SourceEntry = z.strictObject({
  repository: z
    .string()
    .regex(
      /^(https?:\/\/([^\s/@:]+@)?[^\s/@]+\/\S+|ssh:\/\/\S+|file:\/\/\/\S+|[\w.-]+@[\w.-]+:\S+)$/,
      'an address such as git@github.com:yourorg/app.git, https://…, ssh://… or file:///…, without a password in it; a token goes under key',
    ),
  key: SecretSource.optional().meta({ description: 'the private key (SSH) or token (https) that opens it' }),
  knownHosts: z.string().min(1).optional().meta({
    description: "lines of known_hosts for the repository's host; without them those of Slipway's account",
  }),
  image: z
    .string()
    .regex(
      /^([a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+(:\d+)?|localhost(:\d+)?)(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
      'an image with its registry and without a tag, such as registry.example.com/yourorg/app',
    )
    .optional(),
  registry: z.strictObject({ user: z.string().min(1), password: SecretSource }).optional(),
});

const EnvironmentEntry = z.strictObject({
  channel: ChannelId,
  plan: Name,
  may: May,
  selfApproval: z.boolean().default(false),
  // A number or true is what people write without quotes; as a value of an environment it is text.
  variables: z
    .record(
      ValueName,
      z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value)),
    )
    .default({}),
  secrets: z.record(ValueName, SecretSource).default({}),
  hosts: z.record(Name, HostEntry).default({}),
  source: SourceEntry.optional(),
});

/** slipway.yaml as it is written: who the people are, for each environment its channel, plan, rights, values and hosts, where alerts go, and how incidents are run. */
export const ConfigFile = z.strictObject({
  groups: z.record(
    Name,
    z.array(
      z
        .string()
        .regex(/^[UWS][A-Z0-9]{2,20}$/, 'the id of a Slack user (U… or W…) or user group (S…), not a name'),
    ),
  ),
  environments: z.record(Name, EnvironmentEntry),
  alerts: AlertsSection.optional(),
  incidents: IncidentsSection.optional(),
  runbooks: z.string().min(1).default('runbooks'),
  listen: z.string().min(1).default('127.0.0.1'),
  workers: z
    .strictObject({ concurrency: z.int().min(1).max(100).default(10), lease: Duration.prefault('30s') })
    .prefault({}),
});

export type ConfigFile = z.output<typeof ConfigFile>;
export type EnvironmentEntry = z.output<typeof EnvironmentEntry>;
