import { z } from 'zod';
import { wholeRunbook } from './remark-modal.ts';

const Said = z.object({ value: z.string().nullish() }).transform(({ value }) => value?.trim() || undefined);

const Finding = z.object({ finding: z.object({ finding: Said }) });

const Remark = z.object({
  part: z.object({
    part: z
      .object({ selected_option: z.object({ value: z.string().max(20) }).nullish() })
      .transform(({ selected_option }) => selected_option?.value),
  }),
  text: z.object({ text: Said }),
});

/** What somebody saw, trimmed; absent when they wrote nothing. */
export interface FindingAnswers {
  readonly finding?: string;
}

/** What was wrong; `part` is absent for the runbook as a whole, `text` when they wrote nothing. */
export interface RemarkAnswers {
  readonly part?: string;
  readonly text?: string;
}

/** The inputs of the finding modal from its `view.state.values`, or undefined when it cannot have sent them. */
export function readFinding(values: unknown): FindingAnswers | undefined {
  const { data } = Finding.safeParse(values);
  if (data === undefined) return undefined;
  const { finding } = data.finding;
  return finding === undefined ? {} : { finding };
}

/** The inputs of the remark modal from its `view.state.values`, or undefined when it cannot have sent them. */
export function readRemark(values: unknown): RemarkAnswers | undefined {
  const { data } = Remark.safeParse(values);
  if (data === undefined) return undefined;
  const { part } = data.part;
  const { text } = data.text;
  return {
    ...(part === undefined || part === wholeRunbook ? {} : { part }),
    ...(text === undefined ? {} : { text }),
  };
}
