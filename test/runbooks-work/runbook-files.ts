import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import { type ParsedRunbook, parseRunbook } from '../../src/runbooks/parse.ts';
import { isStepFence } from '../../src/runbooks/step-block.ts';

/** A shell command of a runbook. Without `place` it is for the host `app`; else its first line says where it runs. */
export interface RunbookCommand {
  /** File and line, to be told when it fails. */
  readonly where: string;
  readonly runbook: string;
  /** The heading of the second level under which it stands. */
  readonly section: string;
  readonly script: string;
  readonly place?: string;
}

/** A step of a runbook that Slipway can run, with what its file says. */
export interface RunbookStep {
  readonly where: string;
  readonly runbook: string;
  readonly section: string;
  readonly uses: string;
  readonly with: Readonly<Record<string, unknown>>;
}

/** A file of runbooks/incidents/. */
export interface RunbookFile {
  readonly name: string;
  readonly text: string;
  readonly parsed: ParsedRunbook;
  readonly commands: readonly RunbookCommand[];
  readonly steps: readonly RunbookStep[];
}

const folder = fileURLToPath(new URL('../../runbooks/incidents/', import.meta.url));

/** Every runbook of SoftFactory, by name. */
export async function runbookFiles(): Promise<readonly RunbookFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort();
  return Promise.all(
    names.map(async (file) => runbookFile(file.replace(/\.md$/, ''), await readFile(folder + file, 'utf8'))),
  );
}

/** A runbook's text with its commands and steps. */
export function runbookFile(name: string, text: string): RunbookFile {
  const parsed = parseRunbook(name, text);
  const fences = fencesOf(text);
  const where = ({ line }: Fence) => `runbooks/incidents/${name}.md:${line}`;
  const commands = fences
    .filter(({ info }) => info === 'sh')
    .map((fence) => {
      const [, place] = /^# (on .*)\n/.exec(fence.content) ?? [];
      const { section, content: script } = fence;
      return { where: where(fence), runbook: name, section, script, ...(place !== undefined && { place }) };
    });
  const blocks =
    'runbook' in parsed
      ? parsed.runbook.sections.flatMap(({ parts }) => parts.filter((part) => part.kind === 'step'))
      : [];
  const places = fences.filter(({ info }) => isStepFence(info));
  const steps = blocks.flatMap((block, index) => {
    const fence = places[index];
    if (fence === undefined) return [];
    return { where: where(fence), runbook: name, section: fence.section, uses: block.uses, with: block.with };
  });
  return { name, text, parsed, commands, steps };
}

interface Fence {
  readonly info: string;
  readonly content: string;
  readonly line: number;
  readonly section: string;
}

/** The fenced blocks of a file in their order, each with its line and section. */
function fencesOf(text: string): readonly Fence[] {
  // Front matter would be read as Markdown; its lines stay, so that those below keep their numbers.
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, (front) => front.replace(/[^\n]/g, ''));
  const tokens = new MarkdownIt().parse(body, {});
  let section = '';
  return tokens.flatMap(({ type, tag, info, content, map }, index) => {
    if (type === 'heading_open' && tag === 'h2') section = tokens[index + 1]?.content ?? '';
    return type === 'fence' ? [{ info: info.trim(), content, line: (map?.[0] ?? 0) + 1, section }] : [];
  });
}
