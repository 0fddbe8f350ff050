/** The value at a dotted path such as `data.items[0].id` in parsed JSON; undefined where the path leads nowhere. */
export function atPath(value: unknown, path: string): unknown {
  const keys = path.split(/\.|\[(\d+)\]/).filter((part) => part !== undefined && part !== '');
  return keys.reduce<unknown>((inner, key) => {
    const has = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key);
    return has ? Reflect.get(inner, key) : undefined;
  }, value);
}
