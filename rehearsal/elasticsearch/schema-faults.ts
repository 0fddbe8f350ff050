import type {
  Interface,
  TypeAlias,
  TypeDefinition,
  ValueOf,
} from '@elastic/request-converter/dist/metamodel.js';
import { nameOf, propertiesOf, type Scope, scopeOf, tagOf, typeNamed } from './schema.ts';

/** Where a value differs from what the schema allows, and how. */
export interface SchemaFault {
  readonly path: readonly string[];
  readonly says: string;
}

type Path = readonly string[];

/** Settings are the one place where the schema lets anything pass and the server does not. */
const closed = ['indices._types:IndexSettings'];

const builtIn: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => ['string', 'number', 'boolean'].includes(typeof value),
  number: (value) =>
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)),
  boolean: (value) => typeof value === 'boolean' || ['true', 'false', ''].includes(String(value)),
  null: (value) => value === null,
};

/** The first difference between a value and its type, or undefined; numbers and booleans may be given as text, as the server takes them. */
export function faultIn(value: unknown, type: ValueOf, scope: Scope, path: Path): SchemaFault | undefined {
  switch (type.kind) {
    case 'user_defined_value':
      return undefined;
    case 'literal_value':
      return String(value) === String(type.value) ? undefined : { path, says: `expected [${type.value}]` };
    case 'array_of':
      if (!Array.isArray(value)) return { path, says: 'expected an array' };
      return firstOf(value, (item, index) => faultIn(item, type.value, scope, [...path, String(index)]));
    case 'dictionary_of':
      if (!isObject(value)) return { path, says: 'expected an object' };
      if (type.singleKey && Object.keys(value).length !== 1)
        return { path, says: 'expected exactly one field' };
      return firstOf(Object.entries(value), ([key, item]) =>
        faultIn(item, type.value, scope, [...path, key]),
      );
    case 'union_of':
      return deepest(type.items.map((item) => faultIn(value, item, scope, path)));
    case 'instance_of': {
      const bound = scope.get(nameOf(type.type));
      if (bound) return faultIn(value, bound.type, bound.scope, path);
      if (type.type.namespace === '_builtins') {
        const fits = builtIn[type.type.name] ?? (() => true);
        return fits(value) ? undefined : { path, says: `expected a ${type.type.name}` };
      }
      const definition = typeNamed(type.type);
      if (!definition) return undefined;
      const generics = 'generics' in definition ? definition.generics : undefined;
      return faultInDefined(value, definition, scopeOf(generics, type.generics, scope), path);
    }
  }
}

/** The first difference between an object and a list of properties that it may have. */
export function faultInObject(
  value: Readonly<Record<string, unknown>>,
  properties: ReturnType<typeof propertiesOf>,
  path: Path,
  isOpen = false,
): SchemaFault | undefined {
  const known = new Map(
    properties.flatMap((one) =>
      [one.property.name, ...(one.property.aliases ?? [])].map((name) => [name, one] as const),
    ),
  );
  const wrong = firstOf(Object.entries(value), ([key, item]) => {
    const one = known.get(key);
    if (!one) return isOpen ? undefined : { path: [...path, key], says: `unknown field [${key}]` };
    return item === null ? undefined : faultIn(item, one.property.type, one.scope, [...path, key]);
  });
  const missing = properties.find(
    ({ property }) =>
      property.required && ![property.name, ...(property.aliases ?? [])].some((name) => name in value),
  );
  return wrong ?? (missing && { path, says: `required field [${missing.property.name}] is missing` });
}

function faultInDefined(
  value: unknown,
  definition: TypeDefinition,
  scope: Scope,
  path: Path,
): SchemaFault | undefined {
  const name = nameOf(definition.name);
  if (name === '_types:Duration' && !/^(-1|0|\d+(nanos|micros|ms|s|m|h|d))$/.test(String(value))) {
    return { path, says: `failed to parse value [${value}] as a time value` };
  }
  switch (definition.kind) {
    case 'enum': {
      const names = definition.members.flatMap((member) => [member.name, ...(member.aliases ?? [])]);
      if (definition.isOpen || names.includes(String(value))) return undefined;
      return { path, says: `[${value}] is none of [${names.join(', ')}]` };
    }
    case 'type_alias':
      return definition.variants?.kind === 'internal_tag' && isObject(value)
        ? faultInTagged(value, definition, definition.variants, scope, path)
        : faultIn(value, definition.type, scope, path);
    case 'interface':
      return faultInInterface(value, definition, scope, path);
    default:
      return undefined;
  }
}

function faultInTagged(
  value: Readonly<Record<string, unknown>>,
  { type }: TypeAlias,
  { tag, defaultTag }: { readonly tag: string; readonly defaultTag?: string },
  scope: Scope,
  path: Path,
): SchemaFault | undefined {
  const wanted = String(value[tag] ?? defaultTag);
  const items = type.kind === 'union_of' ? type.items : [];
  const meant = items.find((item) => tagOf(item, tag) === wanted);
  if (!meant) return { path: [...path, tag], says: `there is no [${tag}] of the name [${wanted}]` };
  return faultIn({ [tag]: wanted, ...value }, meant, scope, path);
}

function faultInInterface(
  value: unknown,
  definition: Interface,
  scope: Scope,
  path: Path,
): SchemaFault | undefined {
  const properties = propertiesOf(definition, scope);
  if (!isObject(value)) {
    const shortcut = properties.find(({ property }) => property.name === definition.shortcutProperty);
    if (!shortcut) return { path, says: 'expected an object' };
    return faultIn(value, shortcut.property.type, shortcut.scope, path);
  }
  const variants = properties.filter(({ property }) => !property.containerProperty && property.name in value);
  if (definition.variants?.kind === 'container' && variants.length !== 1) {
    return { path, says: `expected exactly one kind, found [${Object.keys(value).join(', ')}]` };
  }
  const isOpen =
    !closed.includes(nameOf(definition.name)) &&
    (definition.attachedBehaviors ?? []).some((name) => /^AdditionalPropert(y|ies)$/.test(name));
  return faultInObject(value, properties, path, isOpen);
}

/** Whether a value is an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstOf<T>(items: readonly T[], look: (item: T, index: number) => SchemaFault | undefined) {
  for (const [index, item] of items.entries()) {
    const fault = look(item, index);
    if (fault) return fault;
  }
  return undefined;
}

/** The branch that was meant is the one that fits furthest. */
function deepest(faults: readonly (SchemaFault | undefined)[]): SchemaFault | undefined {
  if (faults.includes(undefined)) return undefined;
  return faults.toSorted((a, b) => (b?.path.length ?? 0) - (a?.path.length ?? 0))[0];
}
