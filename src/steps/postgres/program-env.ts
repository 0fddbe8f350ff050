import { z } from 'zod';
import { reveal, Secret } from '../../secret.ts';
import { hidden, secretsIn } from '../hidden.ts';
import { Text } from '../step.ts';

/** The name of an environment variable. */
export const EnvName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of an environment variable');

/** The value of an environment variable, which may be secret. */
export const OneLine = Text.refine(
  (value) => typeof value !== 'string' || !/[\n\0]/.test(value),
  'no line breaks',
).meta({ type: 'string' });

/** How an application is told its database, under both of its usual names; SQLAlchemy does not know the shorter scheme. */
export function databaseEnv(url: string | Secret): Record<string, string> {
  const address = normal(url);
  return { SQLALCHEMY_DATABASE_URI: address, DATABASE_URL: address };
}

/** What a program said, without the secrets of its parameters and without the parts of a secret address. */
export function veiled(output: string, parameters: { readonly url: string | Secret }): string {
  const { url } = parameters;
  const parts =
    url instanceof Secret ? [normal(url), ...passwords(url)].map((part) => new Secret(url.name, part)) : [];
  return hidden(output, [...secretsIn(parameters), ...parts]);
}

/** The line with which Python names an error, or else the last one that a program said. */
export function pythonError(output: string): string {
  const lines = output.trim().split('\n');
  const named = lines.findLast((line) => /^[A-Za-z_][\w.]*: /.test(line)) ?? lines.at(-1) ?? '';
  return named.slice(0, 500) || 'it said nothing';
}

function normal(url: string | Secret): string {
  return reveal(url).replace(/^postgres:/, 'postgresql:');
}

function passwords(url: Secret): readonly string[] {
  const { password } = URL.canParse(url.reveal()) ? new URL(url.reveal()) : { password: '' };
  return [password, decodeURIComponent(password)];
}
