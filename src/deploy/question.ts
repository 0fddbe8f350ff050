/** A question to people: who may answer, whether one answer is enough or each group must give one, and what is asked. */
export interface Question {
  readonly kind: 'confirm' | 'sign-off';
  readonly prompt: string;
  readonly groups: readonly string[];
}

/** One person's answer to a question; `group` is the group for which they answered. */
export interface Answer {
  readonly by: string;
  readonly group: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}
