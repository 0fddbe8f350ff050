import { z } from 'zod';
import { ConfigFile } from './config-file.ts';
import { Plan, PlanStep } from './deploy/plan.ts';
import type { Step } from './steps/step.ts';

type Json = z.core.JSONSchema.BaseSchema;

/** The JSON Schema (2020-12) of slipway.yaml. */
export function configJsonSchema(): Json {
  return { title: 'slipway.yaml', ...z.toJSONSchema(ConfigFile, { io: 'input', reused: 'ref' }) };
}

/** The JSON Schema (2020-12) of a plan, in which the parameters of each step are those of the implementation that it uses. */
export function planJsonSchema(steps: readonly Step[]): Json {
  const choices = steps.map(({ uses, with: parameters }) => {
    const json = parametersJsonSchema(parameters);
    const needed = (json.required ?? []).length > 0 ? { required: ['with'] } : {};
    return {
      if: { properties: { uses: { const: uses } }, required: ['uses'] },
      // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's.
      then: { properties: { with: json }, ...needed },
    };
  });
  const plan = z.toJSONSchema(Plan, {
    io: 'input',
    reused: 'ref',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema !== PlanStep) return;
      jsonSchema.properties = {
        ...jsonSchema.properties,
        uses: {
          type: 'string',
          oneOf: steps.map(({ uses, summary }) => ({ const: uses, description: summary })),
        },
      };
      jsonSchema.allOf = choices;
    },
  });
  return { title: 'A deployment plan', ...plan };
}

const placeholder = { type: 'string', pattern: '\\$\\{[A-Z][A-Z0-9_]*\\}' } as const;

function parametersJsonSchema(parameters: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(parameters, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema, path }) {
      // What code alone can test (a secret) is no form of its own in a file: there it is text.
      if (zodSchema instanceof z.ZodUnion && zodSchema.options.some(isCustom)) {
        const forms = jsonSchema.anyOf ?? [];
        jsonSchema.anyOf = forms.filter((_form, index) => !isCustom(zodSchema.options[index]));
      }
      if (path.includes('propertyNames') || !isNarrow(jsonSchema)) return;
      const { default: preset, description, ...narrow } = jsonSchema;
      for (const key of Object.keys(narrow)) delete jsonSchema[key];
      jsonSchema.anyOf = [narrow, placeholder];
    },
  });
  return json;
}

function isCustom(schema: unknown): boolean {
  return schema instanceof z.ZodCustom;
}

// What no text with a placeholder in it would match, although a variable may stand there.
function isNarrow(json: Json): boolean {
  const { type, enum: choice, const: only, pattern, format, maxLength } = json;
  if (choice !== undefined || only !== undefined) return true;
  if (type === 'number' || type === 'integer' || type === 'boolean') return true;
  return type === 'string' && [pattern, format, maxLength].some((limit) => limit !== undefined);
}
