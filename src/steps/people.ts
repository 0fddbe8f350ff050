import { z } from 'zod';
import { type Answer, defineStep, type Evidence, satisfied } from './step.ts';

const Prompt = z.string().min(1).max(2_000);
const Groups = z.array(z.string().min(1)).min(1).max(10);

/** Somebody of the named groups has confirmed in their own words. */
export const peopleConfirm = defineStep({
  uses: 'people/confirm',
  summary: 'Somebody has confirmed in their own words.',
  with: z.strictObject({ prompt: Prompt, from: Groups }),
  timeout: '10s',
  check: async ({ prompt, from }, { answers }) => {
    const answer = answers.find(({ group }) => from.includes(group));
    if (answer) return satisfied(asEvidence(prompt, answer));
    return { is: 'asking', question: { kind: 'confirm', prompt, groups: from } };
  },
});

/** Each of the named groups has signed, every one by a person of its own; the question names the groups still missing. */
export const peopleSignOff = defineStep({
  uses: 'people/sign-off',
  summary: 'Each of several groups has signed, every one by a person of its own.',
  with: z.strictObject({
    prompt: Prompt,
    groups: Groups.refine((groups) => new Set(groups).size === groups.length, 'each group once'),
  }),
  timeout: '10s',
  check: async ({ prompt, groups }, { answers }) => {
    const signed = signatures(groups, answers);
    const missing = groups.filter((group) => !signed.some((answer) => answer.group === group));
    if (missing.length > 0) return { is: 'asking', question: { kind: 'sign-off', prompt, groups: missing } };
    return satisfied(...signed.map((answer) => asEvidence(prompt, answer)));
  },
});

/** The most groups that can be signed with nobody counted twice: who is in two groups signs for the one that needs them. */
function signatures(groups: readonly string[], answers: readonly Answer[]): readonly Answer[] {
  const [group, ...rest] = groups;
  if (group === undefined) return [];
  const own = answers.filter((answer) => answer.group === group);
  const choices = own.map((answer) => [
    answer,
    ...signatures(
      rest,
      answers.filter(({ by }) => by !== answer.by),
    ),
  ]);
  return [...choices, signatures(rest, answers)].reduce((best, next) =>
    next.length > best.length ? next : best,
  );
}

function asEvidence(prompt: string, { by, group, text, at }: Answer): Evidence {
  return { asked: prompt, of: `${by} for ${group}`, answered: `${text} (${new Date(at).toISOString()})` };
}
