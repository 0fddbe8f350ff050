import { sha256 } from '../canonical.ts';

/** One event of a stream's history as it is stored: `hash` covers the event and the hash before it. */
export interface Link {
  readonly version: number;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

/** Chains new events to what they follow. */
export function chain(
  stream: string,
  from: { readonly version: number; readonly hash: string },
  events: readonly { readonly type: string; readonly at: number }[],
): readonly Link[] {
  let previous = from.hash;
  return events.map((event, index) => {
    const { type, at, ...data } = event;
    const link = { version: from.version + index + 1, type, at, data };
    previous = linkHash(stream, previous, link);
    return { ...link, hash: previous };
  });
}

/** The first version at which a stored history does not follow from what is before it, or undefined when it all holds. */
export function firstBreak(stream: string, links: readonly Link[]): number | undefined {
  let previous = '';
  for (const [index, link] of links.entries()) {
    const { hash, ...rest } = link;
    if (link.version !== index + 1 || hash !== linkHash(stream, previous, rest)) return index + 1;
    previous = hash;
  }
  return undefined;
}

function linkHash(stream: string, previous: string, link: Omit<Link, 'hash'>): string {
  return sha256({ stream, previous, ...link });
}
