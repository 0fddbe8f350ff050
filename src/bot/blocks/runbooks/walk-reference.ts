import { z } from 'zod';
import { carried, carry } from '../action.ts';
import { limits } from '../limits.ts';

const about = {
  walk: z.string().regex(/^walk-[0-9a-f]{16}$/),
  /** The task (`t1`) or step (`s1`) of the runbook. */
  part: z
    .string()
    .regex(/^[ts][1-9]\d{0,4}$/)
    .optional(),
  /** The run of the step that the message showed; another one is not meant. */
  number: z.int().min(1).max(1_000_000_000).optional(),
  /** The page of an output. */
  page: z.int().min(1).max(10_000).optional(),
};

/** Which opened runbook, and what in it, a button is about, as its value carries it. */
export const WalkReference = z.strictObject(about);

/** What a modal about an opened runbook carries; `channel` is where its button stood. */
export const WalkMetadata = z.strictObject({ ...about, channel: z.string().max(30).optional() });

export type WalkReference = z.output<typeof WalkReference>;
export type WalkMetadata = z.output<typeof WalkMetadata>;

/** A button's value; throws a ZodError for what no opened runbook is called. */
export function encodeWalk(reference: WalkReference): string {
  return carry(WalkReference.parse(reference), limits.buttonValue);
}

/** What a button's value says, or undefined when `encodeWalk` cannot have written it. */
export function parseWalk(value: unknown): WalkReference | undefined {
  return WalkReference.safeParse(carried(value)).data;
}

/** A modal's private_metadata; throws a ZodError for what no opened runbook is called. */
export function encodeWalkMetadata(metadata: WalkMetadata): string {
  return carry(WalkMetadata.parse(metadata), limits.metadata);
}

/** What a modal's private_metadata says, or undefined when `encodeWalkMetadata` cannot have written it. */
export function parseWalkMetadata(text: unknown): WalkMetadata | undefined {
  return WalkMetadata.safeParse(carried(text)).data;
}
