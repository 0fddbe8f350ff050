import { Secret } from '../secret.ts';

/** The text with every one of the given values replaced by its name; what a server echoes must not carry a secret into the record. */
export function hidden(text: string, values: readonly (string | Secret | undefined)[]): string {
  return values.reduce<string>((shown, value) => {
    if (!(value instanceof Secret) || value.reveal() === '') return shown;
    return shown.replaceAll(value.reveal(), value.toString());
  }, text);
}

/** Every secret inside a value of any depth. */
export function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}

/** A copy of a value with every secret inside replaced by its text; for the client that sends it, for nobody else. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
