/** Addresses of one family from the first to the last, as numbers. */
export interface Span {
  readonly family: 4 | 6;
  readonly from: bigint;
  readonly to: bigint;
}

const bits = { 4: 32n, 6: 128n } as const;

/** All addresses of a family. */
export function allOf(family: 4 | 6): Span {
  return { family, from: 0n, to: (1n << bits[family]) - 1n };
}

/** The addresses of `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32` or `::1`; undefined when the text is none of these (RFC 4632, RFC 4291). */
export function spanOf(text: string): Span | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const one = addressOf(address);
  if (!one || rest.length > 0) return undefined;
  if (length === undefined) return { family: one.family, from: one.value, to: one.value };
  if (!/^\d{1,3}$/.test(length) || BigInt(length) > bits[one.family]) return undefined;
  const size = 1n << (bits[one.family] - BigInt(length));
  const from = one.value - (one.value % size);
  return { family: one.family, from, to: from + size - 1n };
}

/** Whether an address lies within a span. */
export function isWithin({ family, from, to }: Span, otherFamily: 4 | 6, address: bigint): boolean {
  return family === otherFamily && from <= address && address <= to;
}

/** The addresses in a row as people write them: `192.0.2.0/24`, `::1`, or `192.0.2.1-192.0.2.9` where no prefix fits. */
export function shownSpan({ family, from, to }: Span): string {
  if (from === to) return shownAddress(family, from);
  const size = to - from + 1n;
  const isPrefix = (size & (size - 1n)) === 0n && from % size === 0n;
  if (!isPrefix) return `${shownAddress(family, from)}-${shownAddress(family, to)}`;
  return `${shownAddress(family, from)}/${bits[family] - BigInt(size.toString(2).length - 1)}`;
}

/** Spans of one family that touch or overlap become one; in ascending order. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  for (const span of [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = found.at(-1);
    if (!last || span.from > last.to + 1n) found.push(span);
    else if (span.to > last.to) found[found.length - 1] = { ...last, to: span.to };
  }
  return found;
}

/** Cuts a family's addresses wherever one of the spans begins or ends, so that each piece lies wholly in or out of every span. */
export function pieces(family: 4 | 6, spans: readonly Span[]): readonly Span[] {
  const all = allOf(family);
  const starts = new Set([0n]);
  for (const span of spans) {
    if (span.family !== family) continue;
    starts.add(span.from);
    if (span.to < all.to) starts.add(span.to + 1n);
  }
  const ordered = [...starts].sort((a, b) => (a < b ? -1 : 1));
  return ordered.map((from, at) => ({ family, from, to: (ordered[at + 1] ?? all.to + 1n) - 1n }));
}

function addressOf(text: string): { family: 4 | 6; value: bigint } | undefined {
  if (text.includes(':')) return sixOf(text);
  const value = fourOf(text);
  return value === undefined ? undefined : { family: 4, value };
}

function fourOf(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function sixOf(text: string): { family: 6; value: bigint } | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const four = dotted ? fourOf(dotted[2] ?? '') : undefined;
  if (dotted && four === undefined) return undefined;
  const whole =
    four === undefined
      ? text
      : `${dotted?.[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`;
  const halves = whole.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail = []] = halves;
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return undefined;
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) };
}

function shownAddress(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  // The URL parser writes IPv6 addresses in their shortest form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
