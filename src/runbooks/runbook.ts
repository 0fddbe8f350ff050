/** A runbook as its file says it: front matter, and the text under its headings. Everything in it is text from outside. */
export interface Runbook {
  /** The file's name without `.md`: lower case letters, digits and hyphens, at most 80. */
  readonly name: string;
  readonly title: string;
  /** The names of the alerts that it answers. */
  readonly alerts: readonly string[];
  readonly severity?: RunbookSeverity;
  /** A group of slipway.yaml. */
  readonly owner?: string;
  /** The day on which somebody last read it against the system, `2026-11-22`. */
  readonly reviewed?: string;
  readonly tags: readonly string[];
  /** SHA-256 of the file's text, so that an opened runbook is known to be the one that somebody read. */
  readonly hash: string;
  readonly sections: readonly Section[];
}

/** The severities of the checklist's rollbacks and one below them, worst first. */
export const runbookSeverities = ['critical', 'high', 'medium', 'low'] as const;

export type RunbookSeverity = (typeof runbookSeverities)[number];

/** What stands under one heading. What stands before the first heading has the heading `''` and the level 0. */
export interface Section {
  readonly heading: string;
  readonly level: number;
  readonly parts: readonly Part[];
}

/** A piece of a section: plain Markdown, a step that a person ticks, or a step that Slipway can run. */
export type Part = Text | Task | Block;

/** Plain Markdown; `task` is the task in whose item it stands, after a step or another task in it. */
export interface Text {
  readonly kind: 'text';
  readonly markdown: string;
  readonly task?: string;
}

/** A task item (`- [ ] …`) with what is indented under it. `id` is `t1`, `t2` … in the order of the file. */
export interface Task {
  readonly kind: 'task';
  readonly id: string;
  /** Its first paragraph, as Markdown. */
  readonly markdown: string;
  /** What else stands under it, as Markdown; empty when there is nothing. */
  readonly more: string;
}

/** A fenced block ```` ```yaml step ```` whose YAML names a step (`uses`, `with`). `id` is `s1`, `s2` … in the order of the file. */
export interface Block {
  readonly kind: 'step';
  readonly id: string;
  /** The task in whose item it stands. */
  readonly task?: string;
  readonly title?: string;
  readonly uses: string;
  readonly with: Readonly<Record<string, unknown>>;
  /** The block as the file has it. */
  readonly yaml: string;
}
