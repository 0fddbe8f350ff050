import { z } from 'zod';
import { carried, carry } from '../action.ts';
import { GroupReference } from '../alerts/group-reference.ts';
import { limits } from '../limits.ts';

const Channel = z.string().max(30).optional();

const about = {
  incident: z.string().regex(/^incident-[0-9a-f]{16}$/),
  /** The number of a text for the status page, or of an action. */
  number: z.int().min(1).max(1_000_000_000).optional(),
};

/** Which incident, and what of it, a button is about, as its value carries it. */
export const IncidentReference = z.strictObject(about);

/** What a modal about an incident carries; `channel` is where its button stood. */
export const IncidentMetadata = z.strictObject({ ...about, channel: Channel });

/** What a button that declares an incident is about: the opening of an alert group, or a run. */
export const DeclareReference = z.union([
  GroupReference,
  z.strictObject({ run: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,149}$/) }),
]);

/** What the modal that declares an incident carries: what it is about, and where it was asked for. */
export const DeclareMetadata = z.strictObject({ about: DeclareReference.optional(), channel: Channel });

export type IncidentReference = z.output<typeof IncidentReference>;
export type IncidentMetadata = z.output<typeof IncidentMetadata>;
export type DeclareReference = z.output<typeof DeclareReference>;
export type DeclareMetadata = z.output<typeof DeclareMetadata>;

/** A button's value; throws a ZodError for what no incident is called. */
export function encodeIncident(reference: IncidentReference): string {
  return carry(IncidentReference.parse(reference), limits.buttonValue);
}

/** What a button's value says, or undefined when `encodeIncident` cannot have written it. */
export function parseIncident(value: unknown): IncidentReference | undefined {
  return IncidentReference.safeParse(carried(value)).data;
}

/** A modal's private_metadata; throws a ZodError for what no incident is called. */
export function encodeIncidentMetadata(metadata: IncidentMetadata): string {
  return carry(IncidentMetadata.parse(metadata), limits.metadata);
}

/** What a modal's private_metadata says, or undefined when `encodeIncidentMetadata` cannot have written it. */
export function parseIncidentMetadata(text: unknown): IncidentMetadata | undefined {
  return IncidentMetadata.safeParse(carried(text)).data;
}

/** The value of a button that declares an incident; throws a ZodError for what no group and no run is called. */
export function encodeDeclare(reference: DeclareReference): string {
  return carry(DeclareReference.parse(reference), limits.buttonValue);
}

/** What such a button's value says, or undefined when `encodeDeclare` cannot have written it. */
export function parseDeclare(value: unknown): DeclareReference | undefined {
  return DeclareReference.safeParse(carried(value)).data;
}

/** The private_metadata of the modal that declares an incident; throws a ZodError for what no group and no run is called. */
export function encodeDeclareMetadata(metadata: DeclareMetadata): string {
  return carry(DeclareMetadata.parse(metadata), limits.metadata);
}

/** What it says, or undefined when `encodeDeclareMetadata` cannot have written it. */
export function parseDeclareMetadata(text: unknown): DeclareMetadata | undefined {
  return DeclareMetadata.safeParse(carried(text)).data;
}
