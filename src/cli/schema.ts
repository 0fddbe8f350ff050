import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configJsonSchema, planJsonSchema } from '../json-schemas.ts';
import type { Step } from '../steps/step.ts';
import type { Out } from './table.ts';

/** Writes `slipway.schema.json` and `plan.schema.json` (JSON Schema 2020-12) for editors into a folder, prints their names and gives exit code 0. */
export async function schema(options: {
  readonly folder: string;
  readonly steps: readonly Step[];
  readonly out: Out;
}): Promise<number> {
  const { folder, steps, out } = options;
  const files = { 'slipway.schema.json': configJsonSchema(), 'plan.schema.json': planJsonSchema(steps) };
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
    out.write(`${file}\n`);
  }
  return 0;
}
