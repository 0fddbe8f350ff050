/** A phase of a plan as its file has it, with only what a test wants to say. */
export type PhaseEntry = Readonly<Record<string, unknown>>;

/** A plan with these phases and whatever else. */
export function planOf(phases: readonly PhaseEntry[], more: Readonly<Record<string, unknown>> = {}) {
  return { name: 'test', title: 'Test plan', phases, ...more };
}

/** A phase of one step or several. */
export function phase(id: string, title: string, steps: readonly unknown[], more: PhaseEntry = {}) {
  return { id, title, steps, ...more };
}

/** A step that has nothing to do. */
export function nothing(id = 'nothing') {
  return { id, title: 'Nothing to do', uses: 'wait/for', with: { duration: '0s' } };
}

/** A step that looks whether an address answers 200. */
export function looks(url: string, more: Readonly<Record<string, unknown>> = {}) {
  return { id: 'look', title: 'The app answers', uses: 'http/request', with: { url }, ...more };
}

/** A step that changes something by a POST, which nothing can take back. */
export function posts(url: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    id: 'post',
    title: 'The cache is told',
    uses: 'http/request',
    with: { url, method: 'POST' },
    ...more,
  };
}

/** One approval of one group. */
export function gate(group = 'approvers', more: Readonly<Record<string, unknown>> = {}) {
  return { gate: { approvals: { [group]: 1 }, ...more } };
}

/** A step that asks on-call. */
export function confirms(id = 'confirm', prompt = 'Is the console green?') {
  return { id, title: 'Somebody looks', uses: 'people/confirm', with: { prompt, from: ['oncall'] } };
}

/** How a plan takes a variable or secret of its environment. */
export function taken(name: string): string {
  return `\${${name}}`;
}
