import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type {
  Interface,
  Model,
  Property,
  Request,
  TypeDefinition,
  TypeName,
  ValueOf,
} from '@elastic/request-converter/dist/metamodel.js';

const file = createRequire(import.meta.url).resolve('@elastic/request-converter/dist/schema.json');
const model: Model = JSON.parse(readFileSync(file, 'utf8'));
const types = new Map(model.types.map((type) => [nameOf(type.name), type]));

/** Every endpoint of the vendor's published schema. */
export const { endpoints } = model;

/** `namespace:name`. */
export function nameOf({ namespace, name }: TypeName): string {
  return `${namespace}:${name}`;
}

/** The definition of a type, undefined for what the schema has built in and for generic parameters. */
export function typeNamed(name: TypeName | string): TypeDefinition | undefined {
  return types.get(typeof name === 'string' ? name : nameOf(name));
}

/** What stands behind each open generic parameter, by its name. */
export type Scope = ReadonlyMap<string, { readonly type: ValueOf; readonly scope: Scope }>;

/** A definition's own and inherited properties, each with what its generic parameters stand for. */
export function propertiesOf(
  type: Interface | Request,
  scope: Scope,
): readonly { readonly property: Property; readonly scope: Scope }[] {
  const own = type.kind === 'interface' ? type.properties : [];
  const inherited = type.inherits ? [type.inherits] : [];
  return [
    ...own.map((property) => ({ property, scope })),
    ...inherited.flatMap((above) => {
      const definition = typeNamed(above.type);
      if (definition?.kind !== 'interface') return [];
      return propertiesOf(definition, scopeOf(definition.generics, above.generics, scope));
    }),
  ];
}

/** The query parameters of a request, with those that every request takes. */
export function queryOf(request: Request): readonly Property[] {
  const common = request.attachedBehaviors ?? [];
  const shared = common.flatMap((name) => {
    const definition = typeNamed(`_spec_utils:${name}`);
    return definition?.kind === 'interface' ? definition.properties : [];
  });
  return [...request.query, ...shared];
}

/** Binds the open generic parameters of a definition to what they are used with. */
export function scopeOf(
  open: readonly TypeName[] | undefined,
  used: readonly ValueOf[] | undefined,
  scope: Scope,
): Scope {
  const pairs = (open ?? []).flatMap((name, index) => {
    const type = used?.[index];
    return type ? [[nameOf(name), { type, scope }] as const] : [];
  });
  return new Map(pairs);
}

/** The names that a union of tagged definitions has for its members, such as all types of tokenizers. */
export function tagsOf(union: string): readonly string[] {
  const definition = typeNamed(union);
  if (definition?.kind !== 'type_alias' || definition.type.kind !== 'union_of') return [];
  return definition.type.items.flatMap((item) => tagOf(item, 'type') ?? []);
}

/** The literal by which a member of a tagged union is told, if it has one. */
export function tagOf(item: ValueOf, tag: string): string | undefined {
  const definition = item.kind === 'instance_of' ? typeNamed(item.type) : undefined;
  if (definition?.kind !== 'interface') return undefined;
  const type = definition.properties.find(({ name }) => name === tag)?.type;
  return type?.kind === 'literal_value' ? String(type.value) : undefined;
}
