import { inspect } from 'node:util';

/** A string that never prints: every way of turning it into text gives its name, only `reveal` gives its value. */
export class Secret {
  readonly name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Gives the value behind a secret, or the text itself when it is none; call it only where the value is handed to a client. */
export function reveal(text: string | Secret): string {
  return text instanceof Secret ? text.reveal() : text;
}
