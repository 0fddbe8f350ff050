import { z } from 'zod';
import { parseTelling } from './issue-sentences.ts';
import { type Problem, placeless } from './yaml-file.ts';

// An empty variable is what `NAME= command` and many compose files give for one that is not set.
const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const Port = z
  .string()
  .regex(/^\d{1,5}$/, 'a port number from 0 to 65535')
  .transform(Number)
  .refine((port) => port <= 65_535, 'a port number from 0 to 65535');

const HttpUrl = z.string().regex(/^https?:\/\/[^\s/]+/, 'an address that begins with http:// or https://');

/** What Slipway takes from the process's environment variables; Slack's token forms are from https://docs.slack.dev/authentication/tokens. */
export const ProcessEnvironment = z.object({
  SLACK_BOT_TOKEN: optional(
    z
      .string()
      .regex(
        /^xoxb-\S+$/,
        'a bot token, which begins with xoxb-: at api.slack.com/apps under OAuth & Permissions, Bot User OAuth Token',
      ),
  ),
  SLACK_APP_TOKEN: optional(
    z
      .string()
      .regex(
        /^xapp-\S+$/,
        'an app-level token, which begins with xapp-: at api.slack.com/apps under Basic Information, App-Level Tokens, with the scope connections:write',
      ),
  ),
  SLACK_SIGNING_SECRET: optional(
    z
      .string()
      .regex(
        /^(?!xox|xapp-)\S{8,}$/,
        'the signing secret, which is no token: at api.slack.com/apps under Basic Information, App Credentials',
      ),
  ),
  SLACK_API_URL: optional(HttpUrl.transform((url) => (url.endsWith('/') ? url : `${url}/`))),
  DATABASE_URL: optional(
    z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/, 'an address such as postgres://user:password@host:5432/slipway'),
  ),
  REDIS_URL: optional(
    z.string().regex(/^rediss?:\/\/\S+$/, 'an address such as redis://:password@host:6379/0'),
  ),
  PORT: optional(Port),
  SLIPWAY_CONFIG: optional(z.string()),
  SLIPWAY_DATA_DIR: optional(z.string()),
  SLIPWAY_METRICS_PORT: optional(Port),
  LOG_LEVEL: optional(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])),
});

export type ProcessEnvironment = z.output<typeof ProcessEnvironment>;

/** Parses the environment variables that Slipway reads; the faulty ones are left out and told, never with the value of a token or address. */
export function readProcessEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly variables: ProcessEnvironment;
  readonly problems: readonly Problem[];
} {
  const shown = new Set<PropertyKey>(['PORT', 'SLIPWAY_METRICS_PORT', 'LOG_LEVEL']);
  const parsed = parseTelling(ProcessEnvironment, env, ([name = '']) => !shown.has(name));
  if ('value' in parsed) return { variables: parsed.value, problems: [] };
  const faulty = new Set(parsed.faults.map(({ path: [name] }) => String(name)));
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !faulty.has(name)));
  return {
    variables: ProcessEnvironment.parse(rest),
    problems: parsed.faults.map(({ path: [name], message }) =>
      placeless('environment variables', String(name), message),
    ),
  };
}
