import type { Fault } from './library.ts';
import { linkFaults } from './lint-links.ts';
import { runbookFor } from './resolve.ts';
import { reviewAge } from './review-age.ts';
import type { Block, Runbook } from './runbook.ts';

/** A runbook with the text of its file, and the path of that below the folder. */
export interface LintedFile {
  readonly file: string;
  readonly text: string;
  readonly runbook: Runbook;
}

/** An alert of a Prometheus rule file, with the place where it stands. */
export interface RuleAlert {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly file: string;
  readonly line: number;
}

/** What runbooks are held against. */
export interface LintGround {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of all rule files; undefined when there are none, so that nothing is said of alerts. */
  readonly alerts?: readonly RuleAlert[];
  /** The groups of slipway.yaml; undefined when it could not be read. */
  readonly groups?: readonly string[];
  /** What is wrong with a step, a sentence each. */
  readonly stepFaults: (step: Block) => readonly string[];
  /** Whether a path below the folder's parent leads to something; relative to the folder. */
  readonly exists: (path: string) => boolean;
  /** The text of another Markdown file, by the same paths, whose headings may be linked to; undefined when nobody can tell. */
  readonly textOf?: (path: string) => string | undefined;
}

/** What a runbook that answers alerts says, in the order in which it is read. */
const headings = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Escalation'] as const;

const placeholder = /\b(?:TODO|FIXME|XXX|TBD)\b|<your[- ][^>\n]{0,60}>|\blorem ipsum\b/gi;

/** Everything that is wrong with runbooks that parse: what they lack, what is out of date, and what leads nowhere. */
export function lintRunbooks(files: readonly LintedFile[], ground: LintGround): readonly Fault[] {
  return [...files.flatMap((file) => faultsOf(file, ground)), ...alertFaults(files, ground)];
}

function faultsOf(linted: LintedFile, ground: LintGround): readonly Fault[] {
  const { file, text, runbook } = linted;
  const note = (message: string, line?: number): Fault => ({
    file,
    ...(line !== undefined && { line }),
    message,
  });
  const missing =
    runbook.alerts.length === 0
      ? []
      : headings.filter((heading) => !runbook.sections.some((section) => section.heading === heading));
  const steps = runbook.sections.flatMap(({ parts }) => parts.filter((part) => part.kind === 'step'));
  return [
    ...missing.map((heading) => note(`has no heading "${heading}", which whoever is called looks for`)),
    ...reviewFaults(runbook, ground.now).map((message) => note(message, lineOf(text, /^reviewed:/m))),
    ...ownerFaults(runbook, ground.groups).map((message) => note(message, lineOf(text, /^owner:/m))),
    ...[...text.matchAll(placeholder)].map((found) =>
      note(`"${found[0]}" is a placeholder; write what belongs there`, lineAt(text, found.index)),
    ),
    ...linkFaults(text, file, ground.exists, ground.textOf).map(({ line, message }) => note(message, line)),
    ...steps.flatMap((step) => {
      const at = text.indexOf(step.yaml);
      const line = at < 0 ? undefined : lineAt(text, at);
      return ground.stepFaults(step).map((message) => note(message, line));
    }),
  ];
}

function reviewFaults(runbook: Runbook, now: number): readonly string[] {
  const age = reviewAge(runbook.reviewed, now);
  switch (age.kind) {
    case 'never':
      return ['was never reviewed; read it against the system, and set reviewed: to that day'];
    case 'future':
      return [`was reviewed on ${runbook.reviewed}, which is yet to come`];
    case 'old':
      return [`was reviewed ${age.days} days ago; read it again, and set reviewed: to today`];
    case 'fresh':
      return [];
  }
}

function ownerFaults({ owner }: Runbook, groups: readonly string[] | undefined): readonly string[] {
  if (owner === undefined) return ['has no owner; name a group of slipway.yaml'];
  if (groups === undefined || groups.includes(owner)) return [];
  return [`there is no group "${owner}" in slipway.yaml; there is ${groups.join(', ') || 'none'}`];
}

function alertFaults(files: readonly LintedFile[], { alerts }: LintGround): readonly Fault[] {
  if (alerts === undefined) return [];
  const runbooks = files.map(({ runbook }) => runbook);
  const known = new Set(alerts.map(({ name }) => name));
  const without = alerts
    .filter(({ name, labels, annotations }) => {
      const described = { labels: { ...labels, alertname: name }, annotations };
      return runbookFor(runbooks, described) === undefined;
    })
    .map(({ name, file, line }) => ({ file, line, message: `the alert ${name} has no runbook` }));
  const strangers = files.flatMap(({ file, text, runbook }) =>
    runbook.alerts
      .filter((name) => !known.has(name))
      .map((name) => ({
        file,
        line: lineOf(text, /^alerts:/m) ?? 1,
        message: `answers the alert ${name}, which no rule has`,
      })),
  );
  return [...without, ...strangers];
}

function lineOf(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : lineAt(text, found.index);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
