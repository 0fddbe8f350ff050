import { z } from 'zod';
import { carried, carry } from '../action.ts';
import { limits } from '../limits.ts';

/** Which runbook a button opens, and for which environment. */
export const RunbookReference = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/),
  environment: z.string().max(40).optional(),
});

export type RunbookReference = z.output<typeof RunbookReference>;

/** A button's value; throws a ZodError for what no runbook is called. */
export function encodeRunbook(reference: RunbookReference): string {
  return carry(RunbookReference.parse(reference), limits.buttonValue);
}

/** What a button's value says, or undefined when `encodeRunbook` cannot have written it. */
export function parseRunbookReference(value: unknown): RunbookReference | undefined {
  return RunbookReference.safeParse(carried(value)).data;
}
