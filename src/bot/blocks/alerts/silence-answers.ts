import { z } from 'zod';
import { action } from '../action.ts';

const Chosen = z
  .object({ selected_option: z.object({ value: z.string() }).nullish() })
  .transform(({ selected_option }) => selected_option?.value);

const Answers = z.object({
  scope: z.object({ [action.silenceChoice]: Chosen }).optional(),
  span: z
    .object({ span: Chosen.pipe(z.enum(['30m', '2h', '8h', 'working-hours', 'custom']).optional()) })
    .optional(),
  date: z.object({ date: z.object({ selected_date: z.string().nullish() }) }).optional(),
  time: z.object({ time: Chosen }).optional(),
  comment: z.object({ comment: z.object({ value: z.string().nullish() }) }).optional(),
});

/** What somebody put into the modal; what was left empty is absent. `date` and `time` are of the wall clock, `2026-11-22` and `09:00`. */
export interface SilenceAnswers {
  readonly scope?: string;
  readonly span?: '30m' | '2h' | '8h' | 'working-hours' | 'custom';
  readonly date?: string;
  readonly time?: string;
  readonly comment?: string;
}

/** The inputs of the modal from its `view.state.values`, or undefined when it cannot have sent them. */
export function readSilence(values: unknown): SilenceAnswers | undefined {
  const { data } = Answers.safeParse(values);
  if (data === undefined) return undefined;
  const scope = data.scope?.[action.silenceChoice];
  const span = data.span?.span;
  const date = data.date?.date.selected_date;
  const time = data.time?.time;
  const comment = data.comment?.comment.value?.trim();
  return {
    ...(scope === undefined ? {} : { scope }),
    ...(span === undefined ? {} : { span }),
    ...(date ? { date } : {}),
    ...(time ? { time } : {}),
    ...(comment ? { comment } : {}),
  };
}
