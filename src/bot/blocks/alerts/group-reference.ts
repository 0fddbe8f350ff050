import { z } from 'zod';
import { carried, carry } from '../action.ts';
import { limits } from '../limits.ts';

const about = {
  group: z.string().regex(/^group-[0-9a-f]{16}$/),
  /** The round that the message showed; a later one is not meant. */
  round: z.int().min(1).max(1_000_000_000),
  /** The number of the silence that a button extends or ends. */
  silence: z.int().min(0).max(1_000_000_000).optional(),
};

/** Which group and round a button is about, as its value carries it. */
export const GroupReference = z.strictObject(about);

/** What a modal about a group carries; `channel` is where its button stood. */
export const GroupMetadata = z.strictObject({
  ...about,
  channel: z.string().max(30).optional(),
  /** The time zone in which the person's hours and dates are meant, and whether Slack told it. */
  zone: z.string().max(60),
  isZoneKnown: z.boolean(),
});

export type GroupReference = z.output<typeof GroupReference>;
export type GroupMetadata = z.output<typeof GroupMetadata>;

/** A button's value; throws a ZodError for what no group is called. */
export function encodeGroup(reference: GroupReference): string {
  return carry(GroupReference.parse(reference), limits.buttonValue);
}

/** What a button's value says, or undefined when `encodeGroup` cannot have written it. */
export function parseGroup(value: unknown): GroupReference | undefined {
  return GroupReference.safeParse(carried(value)).data;
}

/** A modal's private_metadata; throws a ZodError for what no group is called. */
export function encodeGroupMetadata(metadata: GroupMetadata): string {
  return carry(GroupMetadata.parse(metadata), limits.metadata);
}

/** What a modal's private_metadata says, or undefined when `encodeGroupMetadata` cannot have written it. */
export function parseGroupMetadata(text: unknown): GroupMetadata | undefined {
  return GroupMetadata.safeParse(carried(text)).data;
}
