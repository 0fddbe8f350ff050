/**
 * A JSON value as it comes back once it was kept as jsonb, which orders the members of an object by the length of their names
 * and then by their bytes (https://www.postgresql.org/docs/current/datatype-json.html): people would see the labels of a
 * message change places.
 */
export function asKept<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? ordered(inner) : inner,
    ),
  );
}

function ordered(given: object): object {
  const named = Object.entries(given).map(([name, inner]) => ({ bytes: Buffer.from(name), name, inner }));
  named.sort((one, other) => one.bytes.length - other.bytes.length || one.bytes.compare(other.bytes));
  return Object.fromEntries(named.map(({ name, inner }) => [name, inner]));
}
