import { suggestion } from '../nearest.ts';
import { type Parameter, parametersOf } from '../step-reference.ts';
import type { Step } from '../steps/step.ts';
import { type Out, table } from './table.ts';

/**
 * Prints every implementation that a plan may name in `uses`, or one with all its parameters, or with `markdown` all of them
 * as a page; gives the exit code: 0, or 2 when there is none of that name.
 */
export function listSteps(options: {
  readonly steps: readonly Step[];
  readonly uses?: string | undefined;
  readonly markdown?: boolean;
  readonly out: Out;
}): number {
  const { steps, uses, out } = options;
  if (uses === undefined) {
    out.write(options.markdown ? page(steps) : overview(steps));
    return 0;
  }
  const step = steps.find((one) => one.uses === uses);
  if (step === undefined) {
    const known = steps.map((one) => one.uses);
    out.write(`there is no step "${uses}"; ${suggestion(uses, known)}\n`);
    return 2;
  }
  out.write(options.markdown ? page([step]) : details(step));
  return 0;
}

function overview(steps: readonly Step[]): string {
  const rows = steps.map((step) => [step.uses, abilities(step), step.timeout, step.summary]);
  return table([['uses', 'can', 'timeout', 'what is so afterwards'], ...rows]);
}

function details(step: Step): string {
  const rows = parametersOf(step).map((one) => [one.name, one.type, presence(one), one.description]);
  const head = `${step.uses}: ${step.summary}\ncan ${abilities(step)}; ends after ${step.timeout}\n\n`;
  return head + table([['parameter', 'type', 'default', 'meaning'], ...rows]);
}

/** All steps as a Markdown page: the source of `docs/steps.md`. */
function page(steps: readonly Step[]): string {
  const sections = steps.map((step) => {
    const rows = parametersOf(step).map(
      (one) => `| \`${one.name}\` | ${cell(one.type)} | ${cell(presence(one))} | ${cell(one.description)} |`,
    );
    const parameters =
      rows.length === 0
        ? 'No parameters.'
        : ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
    return `## ${step.uses}\n\n${step.summary} Can ${abilities(step)}; ends after ${step.timeout} unless the plan says otherwise.\n\n${parameters}\n`;
  });
  const title = `# Steps

What a plan may name in \`uses\`. \`check\` only looks; \`apply\` makes it so; \`undo\` takes back what this run did.
A text may hold \`\${NAME}\`, a variable or secret of the environment. This page is written by \`npm run docs\`.
`;
  return [title, ...sections].join('\n');
}

function abilities({ apply, undo }: Step): string {
  return ['check', ...(apply ? ['apply'] : []), ...(undo ? ['undo'] : [])].join(', ');
}

function presence({ required, preset }: Parameter): string {
  if (preset !== undefined) return JSON.stringify(preset);
  return required ? 'required' : '–';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
