import { z } from 'zod';
import { isWithin, merged, type Span, spanOf } from './firewall-addresses.ts';

const Prefix = z.object({ prefix: z.object({ addr: z.string(), len: z.int() }) });
const End = z.union([z.string(), z.number()]);

/** A range of addresses or ports in nftables' JSON. */
export const Range = z.object({ range: z.tuple([End, End]) });

/** An element of a set that carries more than its value, such as the time until it goes. */
export const Element = z.object({ elem: z.object({ val: z.unknown() }) });

/** The same few values are asked about for every address and port that matters. */
const knownObjects = new WeakMap<object, Span | null>();
const knownSets = new WeakMap<readonly unknown[], readonly Span[] | null>();

/** The addresses that a value in nftables' JSON stands for: one, a prefix or a range; undefined when it is none of these. */
export function addressesOf(value: unknown): Span | undefined {
  if (typeof value === 'string') return spanOf(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const found = knownObjects.get(value);
  if (found !== undefined) return found ?? undefined;
  const span = addressesIn(value);
  knownObjects.set(value, span ?? null);
  return span;
}

/** Whether an address is in a set of nothing but addresses; undefined when the set has other elements too. Takes logarithmic time. */
export function isInAddresses(
  elements: readonly unknown[],
  family: 4 | 6,
  address: bigint,
): boolean | undefined {
  let spans = knownSets.get(elements);
  if (spans === undefined) {
    spans = spansOf(elements);
    knownSets.set(elements, spans);
  }
  return spans === null ? undefined : isInSpans(spans, family, address);
}

/** Whether an address is in one of these spans, which are of one family, in ascending order and without overlaps. */
export function isInSpans(spans: readonly Span[], family: 4 | 6, address: bigint): boolean {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (span && span.to < address) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && isWithin(span, family, address);
}

/** A set has addresses of one family only; two in one are left to be looked at one by one. */
function spansOf(elements: readonly unknown[]): readonly Span[] | null {
  const spans = elements.map((element) => {
    const parsed = typeof element === 'object' ? Element.safeParse(element) : undefined;
    return addressesOf(parsed?.success ? parsed.data.elem.val : element);
  });
  const found = spans.flatMap((span) => span ?? []);
  const isOneFamily = found.every(({ family }) => family === found[0]?.family);
  return found.length === elements.length && isOneFamily ? merged(found) : null;
}

function addressesIn(value: object): Span | undefined {
  const prefix = Prefix.safeParse(value);
  if (prefix.success) return spanOf(`${prefix.data.prefix.addr}/${prefix.data.prefix.len}`);
  const [from, to] = Range.safeParse(value).data?.range ?? [];
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  const [first, last] = [spanOf(from), spanOf(to)];
  if (!first || !last) return undefined;
  return { family: first.family, from: first.from, to: last.to };
}
