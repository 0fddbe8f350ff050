import { z } from 'zod';

/** A name that somebody chooses in slipway.yaml: of an environment, a group, a plan, a host. */
export const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40 characters');

/** The id of a Slack channel. */
export const ChannelId = z
  .string()
  .regex(/^[CG][A-Z0-9]{2,20}$/, 'the id of a Slack channel such as C0123ABCD, not its name');

/** The id of a Slack user. */
export const UserId = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,20}$/, 'the id of a Slack user (U… or W…), not a name');

/** Where a secret is found: an environment variable of the process, or a file beside slipway.yaml or anywhere. */
export const SecretSource = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

export type SecretSource = z.output<typeof SecretSource>;

/** An address to which paths are appended, without a slash at its end; what opens it is kept apart, so it holds no password and no query. */
export const WebAddress = z
  .string()
  .regex(
    /^https?:\/\/[^\s/@?#]+(\/[^\s@?#]*)?$/,
    'an address that begins with http:// or https://, without a password in it',
  )
  .refine((url) => URL.canParse(url), 'an address such as https://alerts.example.com:9093')
  .transform((url) => url.replace(/\/+$/, ''));
