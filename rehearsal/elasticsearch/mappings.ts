import { refuse } from './refusal.ts';
import { isObject } from './schema-faults.ts';

/** A field as the server gives it back: `type` and its parameters, or `properties` for an object. */
export type Field = Readonly<Record<string, unknown>>;
/** Fields by their names. */
export type Fields = Readonly<Record<string, Field>>;

/** Parameters that may be changed on a field that exists, https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-parameters */
const updatable = [
  'fields',
  'properties',
  'ignore_above',
  'ignore_malformed',
  'coerce',
  'search_analyzer',
  'meta',
  'dynamic',
];

/** Fields with more fields put in: new ones are added, changed types and analyzers are refused. */
export function mergedFields(
  existing: Fields,
  wanted: unknown,
  analyzers: readonly string[],
  at = '',
): Fields {
  const result: Record<string, Field> = { ...existing };
  for (const [name, given] of Object.entries(isObject(wanted) ? wanted : {})) {
    if (!isObject(given)) continue;
    const path = at === '' ? name : `${at}.${name}`;
    const { type: kind = 'object', properties, fields, ...parameters } = given;
    for (const parameter of ['analyzer', 'search_analyzer']) {
      const analyzer = parameters[parameter];
      if (analyzer !== undefined && !analyzers.includes(String(analyzer))) {
        const reason = `Failed to parse mapping: analyzer [${analyzer}] has not been configured in mappings`;
        refuse(400, 'mapper_parsing_exception', reason);
      }
    }
    const before = result[name];
    if (before) requireSame(before, { type: kind, ...parameters }, path);
    const inner = (key: string, more: unknown): object => {
      const old = before?.[key];
      if (more === undefined && old === undefined) return {};
      return { [key]: mergedFields(fieldsOf(old), more, analyzers, path) };
    };
    result[name] = {
      ...(kind === 'object' ? before : { type: kind }),
      ...parameters,
      ...inner('properties', properties),
      ...inner('fields', fields),
    };
  }
  return result;
}

function requireSame(before: Field, given: Field, path: string): void {
  const old = before.type ?? 'object';
  if (old !== given.type) {
    refuse(
      400,
      'illegal_argument_exception',
      `mapper [${path}] cannot be changed from type [${old}] to [${given.type}]`,
    );
  }
  const { type: _, ...parameters } = given;
  // What is left out of a field means its default, but of an object that it stays.
  const names = new Set([...Object.keys(parameters), ...(old === 'object' ? [] : Object.keys(before))]);
  names.delete('type');
  for (const name of names) {
    const [was, is] = [before[name] ?? 'default', parameters[name] ?? 'default'];
    if (updatable.includes(name) || JSON.stringify(was) === JSON.stringify(is)) continue;
    const conflict = `Cannot update parameter [${name}] from [${was}] to [${is}]`;
    refuse(
      400,
      'illegal_argument_exception',
      `Mapper for [${path}] conflicts with existing mapper:\n\t${conflict}`,
    );
  }
}

/** The fields of a document that the mapping does not have yet, mapped as the server would; refuses values that do not fit. */
export function fieldsFor(
  document: Readonly<Record<string, unknown>>,
  known: Fields,
  dynamic: string,
  at = '',
): Fields {
  const added: Record<string, Field> = {};
  for (const [name, value] of Object.entries(document)) {
    const path = at === '' ? name : `${at}.${name}`;
    const field = known[name];
    const sample = Array.isArray(value) ? value.find((item) => item !== null) : value;
    if (sample === null || sample === undefined) continue;
    if (field === undefined && dynamic === 'strict') {
      const reason = `mapping set to strict, dynamic introduction of [${name}] within [${at || '_doc'}] is not allowed`;
      refuse(400, 'strict_dynamic_mapping_exception', reason);
    }
    if (field === undefined && dynamic === 'false') continue;
    if (isObject(sample) && (field === undefined || field.properties)) {
      added[name] = {
        ...field,
        properties: {
          ...fieldsOf(field?.properties),
          ...fieldsFor(sample, fieldsOf(field?.properties), dynamic, path),
        },
      };
    } else if (field === undefined) added[name] = guessed(sample);
    else if (!takes(field, sample)) {
      const reason = `failed to parse field [${path}] of type [${field.type}] in document`;
      refuse(400, 'document_parsing_exception', reason);
    }
  }
  return added;
}

function guessed(value: unknown): Field {
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'long' : 'float' };
  if (/^\d{4}-\d{2}-\d{2}(T|$)/.test(String(value))) return { type: 'date' };
  return { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
}

function takes({ type }: Field, value: unknown): boolean {
  if (isObject(value))
    return type === undefined || type === 'object' || type === 'nested' || type === 'flattened';
  switch (type) {
    case 'long':
    case 'integer':
    case 'short':
    case 'double':
    case 'float':
      return typeof value !== 'boolean' && value !== '' && Number.isFinite(Number(value));
    case 'boolean':
      return ['true', 'false'].includes(String(value));
    case 'date':
      return typeof value === 'number' || !Number.isNaN(Date.parse(String(value)));
    case undefined:
    case 'object':
    case 'nested':
      return false;
    default:
      return true;
  }
}

function fieldsOf(value: unknown): Fields {
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.flatMap(([name, field]) => (isObject(field) ? [[name, field]] : [])));
}
