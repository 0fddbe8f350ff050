import { z } from 'zod';
import { carried, carry } from '../action.ts';
import { limits } from '../limits.ts';

/** What an *Open* button is about; `key` is of the answer that it stands in, so that pressing it twice opens one. */
export const RunbookReference = z.strictObject({
  runbook: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/),
  environment: z.string().min(1).max(150).optional(),
  key: z.string().regex(/^[0-9a-f]{16}$/),
});

export type RunbookReference = z.output<typeof RunbookReference>;

/** A button's value; throws a ZodError for a name that no runbook can have. */
export function encodeRunbook(reference: RunbookReference): string {
  return carry(RunbookReference.parse(reference), limits.buttonValue);
}

/** What a button's value says, or undefined when `encodeRunbook` cannot have written it. */
export function parseRunbookReference(value: unknown): RunbookReference | undefined {
  return RunbookReference.safeParse(carried(value)).data;
}
