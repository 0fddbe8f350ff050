import { z } from 'zod';
import { oneLine } from '../../alerts/one-line.ts';
import type { Happening } from '../record.ts';
import type { Told } from './entry.ts';

/** An event among all that are known of its stream, the oldest first. */
export interface Telling {
  readonly happening: Happening;
  readonly story: readonly Happening[];
  /** What people call another stream, or its id. */
  readonly nameOf: (stream: string) => string;
}

/** Reads an event of one type, however it was written, and tells it; undefined when it is nothing for a timeline. */
export type Teller = (telling: Telling) => Told | undefined;

/** A teller of events of a shape: of what does not have it, as another version may have written it, nothing is told. */
export function teller<Shape extends z.ZodType>(
  shape: Shape,
  tell: (data: z.output<Shape>, telling: Telling) => Told | undefined,
): Teller {
  return (telling) => {
    const read = shape.safeParse(telling.happening.data);
    return read.success ? tell(read.data, telling) : undefined;
  };
}

/** The data of an earlier event of this type and shape, the newest that `fits`. */
export function earlier<Shape extends z.ZodType>(
  { happening, story }: Telling,
  type: string,
  shape: Shape,
  fits: (data: z.output<Shape>) => boolean,
): z.output<Shape> | undefined {
  for (const one of story.toReversed()) {
    if (one.type !== type || one.version >= happening.version) continue;
    const read = shape.safeParse(one.data);
    if (read.success && fits(read.data)) return read.data;
  }
  return undefined;
}

/** What people call a part of the stream, or its id. */
export function titled({ titles }: Happening, id: string): string {
  const title = titles !== undefined && Object.hasOwn(titles, id) ? titles[id] : undefined;
  return oneLine(title ?? id, 120);
}

/** What people call the stream itself. */
export function named({ name, stream }: Happening): string {
  return oneLine(name, 120) || oneLine(stream, 60);
}

/** Text of an event on one line. */
export const Line = z.string().transform((text) => oneLine(text, 500));

export const Short = z.string().transform((text) => oneLine(text, 120));

/** A Slack user id, or what stands in its place. */
export const Person = z.string().transform((text) => oneLine(text, 60));

export const Count = z.number().int().nonnegative();

/** The end of a sentence: what was said, when something was. */
export function because(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `: ${text}`;
}

/** How many there are of what has a plain plural. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
