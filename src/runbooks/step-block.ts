import { z } from 'zod';
import { cleaned } from '../alerts/bounds.ts';
import { checkYaml } from '../yaml-file.ts';
import type { Block } from './runbook.ts';
import { readSmallYaml, type TextFault } from './small-yaml.ts';

const StepYaml = z.strictObject({
  title: z.string().min(1).max(150).optional(),
  uses: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'the name of a step such as postgres/query'),
  with: z
    .record(z.string(), z.unknown())
    .refine(isVisible, 'text without control marks and marks that turn the reading order')
    .default({}),
});

/** A fenced block as Markdown's parser gives it; `line` is that of its opening fence, from 1. */
export interface Fence {
  readonly info: string;
  readonly content: string;
  readonly line: number;
  readonly isClosed: boolean;
}

/** Whether the words after a block's fence mark it as a step: `yaml step`, `yml step` or `step`. */
export function isStepFence(info: string): boolean {
  return /^\s*(?:ya?ml\s+)?step(?:\s|$)/i.test(info);
}

/** The step that a fenced block marked as one describes, without its id. */
export function stepBlock(
  fence: Fence,
): { readonly step: Omit<Block, 'id'> } | { readonly faults: readonly TextFault[] } {
  const { info, content, line, isClosed } = fence;
  if (!isClosed) return faultAt(line, 'this step is not closed; end it with the same fence');
  if (!/^\s*(?:ya?ml\s+)?step\s*$/i.test(info)) {
    return faultAt(line, 'after the word step nothing more may stand beside the fence');
  }
  const yaml = readSmallYaml(content, line);
  if ('faults' in yaml) return yaml;
  const checked = checkYaml(yaml.read, StepYaml);
  if ('problems' in checked) {
    const faults = checked.problems.map((problem) => ({
      line: Math.max(line, problem.line),
      message: `this step${problem.path === '' ? '' : `, ${problem.path}`}: ${problem.message}`,
    }));
    return { faults };
  }
  const { title, uses, with: parameters } = checked.value;
  const step = { kind: 'step', uses, with: parameters, yaml: content } as const;
  return { step: { ...step, ...(title !== undefined && { title }) } };
}

function faultAt(line: number, message: string): { readonly faults: readonly TextFault[] } {
  return { faults: [{ line, message }] };
}

function isVisible(value: unknown): boolean {
  if (typeof value === 'string') return cleaned(value) === value;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isVisible(key) && isVisible(inner));
}
