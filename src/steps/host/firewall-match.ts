import { z } from 'zod';
import { isWithin, type Span } from './firewall-addresses.ts';
import { addressesOf, Element, isInAddresses, Range } from './firewall-sets.ts';

/** The first packet of a TCP connection from outside, as a firewall sees it. */
export interface Packet {
  readonly family: 4 | 6;
  readonly source: bigint;
  /** The addresses of this machine to which it may be sent. */
  readonly own: readonly Span[];
  readonly port: number;
  /** The network interface by which it comes in. */
  readonly by: string;
}

/** Whether something applies to a packet; a text says why that cannot be told. */
export type Match = boolean | { readonly unclear: string };

/** Tells whether a condition of a rule applies to a packet. */
export type Condition = (packet: Packet) => Match;

/** The elements of a named set or map of the same table; undefined when there is none of that name. */
export type SetNamed = (name: string) => readonly unknown[] | undefined;

/** What a packet has in the place that a rule looks at: `absent` when no packet of its kind has such a place. */
type Value =
  | { readonly is: 'port'; readonly port: number }
  | { readonly is: 'address'; readonly family: 4 | 6; readonly address: bigint }
  | { readonly is: 'any'; readonly family: 4 | 6; readonly spans: readonly Span[] }
  | { readonly is: 'word'; readonly word: string }
  | { readonly is: 'flags'; readonly flags: readonly string[] }
  | { readonly is: 'several'; readonly values: readonly Value[] }
  | { readonly is: 'absent' }
  | { readonly is: 'unclear'; readonly what: string };

type Read = (packet: Packet) => Value;

const Left = z.union([
  z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  z.object({ meta: z.object({ key: z.string() }) }),
  z.object({ ct: z.object({ key: z.string() }) }),
  z.object({ fib: z.object({ result: z.string(), flags: z.union([z.string(), z.array(z.string())]) }) }),
  z.object({ exthdr: z.object({ name: z.string() }) }),
  z.object({ concat: z.array(z.unknown()) }),
  z.object({ '&': z.tuple([z.unknown(), z.unknown()]) }),
]);

const Elements = z.object({ set: z.array(z.unknown()) });
const Concat = z.object({ concat: z.array(z.unknown()) });

/**
 * What a `match` of nftables' JSON asks of a packet (libnftables-json(5)); what is not understood makes the answer unclear, never
 * a no.
 */
export function conditionOf(op: string, left: unknown, right: unknown, setNamed: SetNamed): Condition {
  const read = reading(left);
  return (packet) => {
    const value = read(packet);
    // nftables itself puts the test for the protocol in front, so that a rule about UDP says nothing about TCP, whatever its operator.
    if (value.is === 'absent') return false;
    if (value.is === 'unclear') return { unclear: value.what };
    if (op === '==' || op === 'in') return isOneOf(value, right, setNamed, op === 'in');
    if (op === '!=') return not(isOneOf(value, right, setNamed, false));
    if (value.is === 'port' && typeof right === 'number') return compared(op, value.port, right);
    return { unclear: `the operator ${op}` };
  };
}

/** The verdict that a map gives for a packet: undefined when the packet is not in it. */
export function mappedOf(
  key: unknown,
  data: unknown,
  setNamed: SetNamed,
): (packet: Packet) => { readonly verdict?: unknown; readonly match: Match } {
  const read = reading(key);
  const Pairs = z.array(z.tuple([z.unknown(), z.unknown()]));
  const elements =
    typeof data === 'string' ? setNamed(data.replace(/^@/, '')) : Elements.safeParse(data).data?.set;
  const pairs = Pairs.safeParse(elements);
  return (packet) => {
    const value = read(packet);
    if (value.is === 'absent') return { match: false };
    if (value.is === 'unclear') return { match: { unclear: value.what } };
    if (!pairs.success) return { match: { unclear: 'a map of an unknown form' } };
    for (const [element, verdict] of pairs.data) {
      const match = isOneOf(value, element, setNamed, false);
      if (match !== false) return { match, verdict };
    }
    return { match: false };
  };
}

function reading(left: unknown): Read {
  const parsed = Left.safeParse(left);
  const unclear =
    (what: string): Read =>
    () => ({ is: 'unclear', what });
  if (!parsed.success) return unclear(`a condition on ${JSON.stringify(left).slice(0, 60)}`);
  if ('payload' in parsed.data) return ofPayload(parsed.data.payload.protocol, parsed.data.payload.field);
  if ('meta' in parsed.data) return ofMeta(parsed.data.meta.key);
  // Headers that ordinary packets do not have.
  if ('exthdr' in parsed.data) return () => ({ is: 'absent' });
  if ('ct' in parsed.data) {
    const words: Readonly<Record<string, string>> = { state: 'new', status: 'none', direction: 'original' };
    const word = words[parsed.data.ct.key];
    return word === undefined ? unclear(`ct ${parsed.data.ct.key}`) : () => ({ is: 'word', word });
  }
  if ('fib' in parsed.data) {
    const { result } = parsed.data.fib;
    const flags = [parsed.data.fib.flags].flat();
    if (result === 'type' && flags.includes('daddr')) return () => ({ is: 'word', word: 'local' });
    // The way back to who asks exists, else nobody there could connect.
    if (result === 'oif' && flags.includes('saddr')) return ({ by }) => ({ is: 'word', word: by });
    return unclear(`fib ${result}`);
  }
  if ('concat' in parsed.data) {
    const reads = parsed.data.concat.map(reading);
    return (packet) => together(reads.map((read) => read(packet)));
  }
  const [inner, mask] = parsed.data['&'];
  const kept = z.union([z.string().transform((one) => [one]), z.array(z.string())]).safeParse(mask);
  const read = reading(inner);
  return (packet) => {
    const value = read(packet);
    if (value.is !== 'flags' || !kept.success) return { is: 'unclear', what: 'a masked value' };
    return { is: 'flags', flags: value.flags.filter((flag) => kept.data.includes(flag)) };
  };
}

function ofPayload(protocol: string, field: string): Read {
  const name = `${protocol} ${field}`;
  if (name === 'tcp dport' || name === 'th dport') return ({ port }) => ({ is: 'port', port });
  if (name === 'tcp flags') return () => ({ is: 'flags', flags: ['syn'] });
  if (protocol === 'tcp' || protocol === 'th') return () => ({ is: 'unclear', what: name });
  if (protocol !== 'ip' && protocol !== 'ip6') {
    const others = ['udp', 'udplite', 'icmp', 'icmpv6', 'sctp', 'dccp', 'esp', 'ah', 'igmp', 'comp'];
    return () => (others.includes(protocol) ? { is: 'absent' } : { is: 'unclear', what: name });
  }
  const own = protocol === 'ip' ? 4 : 6;
  return ({ family, source, own: addressed }) => {
    if (family !== own) return { is: 'absent' };
    if (field === 'daddr') {
      return { is: 'any', family, spans: addressed.filter((one) => one.family === family) };
    }
    if (field === 'saddr') return { is: 'address', family, address: source };
    if (field === 'protocol' || field === 'nexthdr') return { is: 'word', word: 'tcp' };
    return { is: 'unclear', what: name };
  };
}

function ofMeta(key: string): Read {
  if (key === 'iifname' || key === 'iif') return ({ by }) => ({ is: 'word', word: by });
  if (key === 'l4proto') return () => ({ is: 'word', word: 'tcp' });
  if (key === 'nfproto') return ({ family }) => ({ is: 'word', word: family === 4 ? 'ipv4' : 'ipv6' });
  if (key === 'protocol') return ({ family }) => ({ is: 'word', word: family === 4 ? 'ip' : 'ip6' });
  if (key === 'pkttype') return () => ({ is: 'word', word: 'host' });
  return () => ({ is: 'unclear', what: `meta ${key}` });
}

function together(values: readonly Value[]): Value {
  const absent = values.find(({ is }) => is === 'absent');
  return absent ?? values.find(({ is }) => is === 'unclear') ?? { is: 'several', values };
}

function isOneOf(value: Value, right: unknown, setNamed: SetNamed, isIn: boolean): Match {
  if (typeof right === 'string' && right.startsWith('@')) {
    const elements = setNamed(right.slice(1));
    return elements ? anyOf(value, elements, setNamed) : { unclear: `the set ${right}` };
  }
  if (typeof right === 'object' && right !== null && 'set' in right) {
    return anyOf(value, Elements.parse(right).set, setNamed);
  }
  if (value.is === 'flags') return flagsAre(value.flags, right, isIn);
  if (Array.isArray(right)) return anyOf(value, right, setNamed);
  return isEqual(value, right, setNamed);
}

function anyOf(value: Value, elements: readonly unknown[], setNamed: SetNamed): Match {
  if (value.is === 'address') {
    const isIn = isInAddresses(elements, value.family, value.address);
    if (isIn !== undefined) return isIn;
  }
  let found: Match = false;
  for (const element of elements) {
    const match = isOneOf(value, element, setNamed, false);
    if (match === true) return true;
    if (match !== false) found = match;
  }
  return found;
}

function isEqual(value: Value, right: unknown, setNamed: SetNamed): Match {
  // The element that stands for everything else in a set or map.
  if (right === '*') return true;
  if (typeof right === 'object' && right !== null && 'elem' in right) {
    return isOneOf(value, Element.parse(right).elem.val, setNamed, false);
  }
  const unclear = { unclear: `a comparison with ${JSON.stringify(right).slice(0, 60)}` };
  if (value.is === 'several') {
    const parts = Concat.safeParse(right);
    if (!parts.success || parts.data.concat.length !== value.values.length) return unclear;
    const matches = value.values.map((one, at) => isOneOf(one, parts.data.concat[at], setNamed, false));
    return matches.find((match) => match === false) ?? matches.find((match) => match !== true) ?? true;
  }
  if (value.is === 'port') {
    if (typeof right === 'number') return value.port === right;
    const [from, to] = Range.safeParse(right).data?.range ?? [];
    if (typeof from !== 'number' || typeof to !== 'number') return unclear;
    return from <= value.port && value.port <= to;
  }
  if (value.is === 'address') {
    const span = addressesOf(right);
    return span ? isWithin(span, value.family, value.address) : unclear;
  }
  if (value.is === 'any') return isAnyWithin(value.spans, addressesOf(right)) ?? unclear;
  // `missing`, as the answer of a look at the routes is written.
  if (value.is === 'word' && right === false) return false;
  if (value.is !== 'word' || typeof right !== 'string') return unclear;
  return right.endsWith('*') ? value.word.startsWith(right.slice(0, -1)) : value.word === right;
}

/** Whether a packet is for an address when it may be for any of several; undefined when it is for some of them only. */
function isAnyWithin(spans: readonly Span[], right: Span | undefined): boolean | undefined {
  if (!right) return undefined;
  const within = spans.filter(({ family, from }) => isWithin(right, family, from));
  if (within.length === 0) return spans.length === 0 ? undefined : false;
  return within.length === spans.length ? true : undefined;
}

function flagsAre(flags: readonly string[], right: unknown, isIn: boolean): Match {
  const words = z.union([z.string().transform((one) => [one]), z.array(z.string())]).safeParse(right);
  if (right === 0) return flags.length === 0;
  if (!words.success) return { unclear: 'a comparison of TCP flags' };
  if (isIn) return words.data.some((word) => flags.includes(word));
  return words.data.length === flags.length && words.data.every((word) => flags.includes(word));
}

function compared(op: string, port: number, right: number): Match {
  if (op === '<') return port < right;
  if (op === '>') return port > right;
  if (op === '<=') return port <= right;
  if (op === '>=') return port >= right;
  return { unclear: `the operator ${op}` };
}

function not(match: Match): Match {
  return typeof match === 'boolean' ? !match : match;
}
