import { z } from 'zod';
import { merged, type Span } from './firewall-addresses.ts';
import { addressesOf } from './firewall-sets.ts';

/** Where the answer of a ruleset may change: at these ports, and between addresses that are not in the same groups. */
export interface Named {
  readonly ports: readonly number[];
  /** Each of one family, in ascending order and without overlaps. */
  readonly groups: readonly (readonly Span[])[];
}

const SourceMatch = z.object({
  match: z.object({
    left: z.object({ payload: z.object({ protocol: z.enum(['ip', 'ip6']), field: z.literal('saddr') }) }),
    right: z.unknown(),
  }),
});

/**
 * Collects ports and addresses from rules and sets. All addresses of one comparison, or of one set of addresses, are one group, so that a
 * long list of banned ones counts as one; where addresses stand beside ports or verdicts, each is a group of its own.
 */
export function namedIn(
  rules: readonly (readonly unknown[])[],
  sets: readonly { readonly type?: unknown; readonly map?: unknown; readonly elem: readonly unknown[] }[],
): Named {
  const all = walked([rules, sets.map(({ elem }) => elem)]);
  const comparisons = rules.flatMap((expr) =>
    expr.map((statement) => {
      const parsed = SourceMatch.safeParse(statement);
      return parsed.success ? [walked(parsed.data.match.right).spans] : single(walked(statement).spans);
    }),
  );
  const named = sets.map(({ type, map, elem }) => {
    const { spans } = walked(elem);
    return typeof type === 'string' && map === undefined ? [spans] : single(spans);
  });
  const groups = [...comparisons, ...named]
    .flat()
    .flatMap((spans) =>
      ([4, 6] as const).map((family) => merged(spans.filter((span) => span.family === family))),
    );
  return { ports: all.ports, groups: groups.filter((spans) => spans.length > 0) };
}

function single(spans: readonly Span[]): readonly (readonly Span[])[] {
  return spans.map((span) => [span]);
}

/** Every address anywhere in a part of the ruleset, and every number that may be a port, with the one after it. */
function walked(part: unknown): { readonly spans: readonly Span[]; readonly ports: readonly number[] } {
  const spans: Span[] = [];
  const ports: number[] = [];
  const walk = (value: unknown): void => {
    const span = addressesOf(value);
    if (span) spans.push(span);
    else if (typeof value === 'number') ports.push(value, value + 1);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(part);
  return { spans, ports: ports.filter((port) => Number.isInteger(port) && port > 0 && port < 65_536) };
}
