import { z } from 'zod';
import type { Step } from './steps/step.ts';

/** One parameter of a step as people read it; nested ones are named `expect.status`, those of a list's items `tables[].min`. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly preset?: unknown;
  readonly description: string;
}

type Json = z.core.JSONSchema.BaseSchema;

/** The parameters of a step in the order in which its schema names them. */
export function parametersOf(step: Step): readonly Parameter[] {
  const json = z.toJSONSchema(step.with, { io: 'input', unrepresentable: 'any' });
  return inside(json, '');
}

function inside(json: Json, before: string): readonly Parameter[] {
  return Object.entries(json.properties ?? {}).flatMap(([key, schema]) => {
    if (typeof schema === 'boolean') return [];
    const name = `${before}${key}`;
    const own: Parameter = {
      name,
      type: typeOf(schema),
      required: (json.required ?? []).includes(key),
      description: schema.description ?? '',
      ...(schema.default === undefined ? {} : { preset: schema.default }),
    };
    return [own, ...inside(schema, `${name}.`), ...insideItems(schema, name)];
  });
}

function insideItems({ items, additionalProperties: values }: Json, name: string): readonly Parameter[] {
  if (isOne(items)) return inside(items, `${name}[].`);
  return isOne(values) ? inside(values, `${name}.<name>.`) : [];
}

function typeOf(json: Json): string {
  const { type, enum: choices, const: only, items, additionalProperties: values } = json;
  const forms = (json.anyOf ?? json.oneOf ?? []).filter(isOne).filter((form) => Object.keys(form).length > 0);
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(' or ');
  if (only !== undefined) return JSON.stringify(only);
  if (forms.length > 0) return [...new Set(forms.map(typeOf))].join(' or ');
  if (type === 'array') return isOne(items) ? `list of ${typeOf(items)}` : 'list';
  if (type === 'object') return isOne(values) ? `names with ${typeOf(values)}` : 'object';
  return words[String(type)] ?? 'anything';
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
};

function isOne(schema: unknown): schema is Json {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema);
}
