import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { z } from 'zod';
import { type Hidden, parseTelling } from './issue-sentences.ts';

/** One error in a file: 1-based line and column (0 when it belongs to no line), the path of the value, what was found and expected. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** A YAML file that could be read: its plain value, and where in the file each part of it stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** A problem at a path; it is placed at the nearest part that exists, at the key instead of the value when `on` says so. */
  problem(path: readonly PropertyKey[], message: string, on?: 'key' | 'value'): Problem;
}

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

const largestFile = 1_048_576;
const mostAliases = 100;

/** Parses YAML 1.2 text of at most 1 MiB and 100 alias resolutions; `file` is only the name for messages. */
export function readYaml(
  file: string,
  text: string,
): { readonly read: YamlFile } | { readonly problems: readonly Problem[] } {
  if (text.length > largestFile) return { problems: [placed(file, 0, 0, '', 'is larger than 1 MiB')] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const position = (offset: number) => lines.linePos(offset);
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => syntaxProblem(file, error, position)) };
  }
  const loose: Problem[] = [];
  visit(document, {
    Alias(_key, alias) {
      const { line, col } = position(alias.range?.[0] ?? 0);
      const message = `the alias *${alias.source} has no anchor before it`;
      if (alias.resolve(document) === undefined) loose.push(placed(file, line, col, '', message));
    },
  });
  if (loose.length > 0) return { problems: loose };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    const message = `its aliases cannot be followed: ${error instanceof Error ? error.message : String(error)}`;
    return { problems: [placed(file, 1, 1, '', message)] };
  }
  return {
    read: {
      file,
      value,
      problem(path, message, on = 'value') {
        const { line, col } = position(offsetOf(document.contents, path, on));
        return placed(file, Math.max(line, 1), Math.max(col, 1), pathText(path), message);
      },
    },
  };
}

/** Checks a file's value against a schema; every fault becomes a problem with its line. */
export function checkYaml<S extends z.ZodType>(
  yaml: YamlFile,
  schema: S,
  hidden?: Hidden,
): { readonly value: z.output<S> } | { readonly problems: readonly Problem[] } {
  const parsed = parseTelling(schema, yaml.value, hidden);
  if ('value' in parsed) return parsed;
  return { problems: parsed.faults.map(({ path, message, on }) => yaml.problem(path, message, on)) };
}

/** A problem that belongs to no line of a file, such as an environment variable that is missing. */
export function placeless(file: string, path: string, message: string): Problem {
  return placed(file, 0, 0, path, message);
}

/** The problems in the order of their files and lines, each as `file:line:column  path: message`. */
export function formatProblems(problems: readonly Problem[]): string {
  return [...problems]
    .sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
    .map(({ file, line, column, path, message }) => {
      const place = line === 0 ? file : `${file}:${line}:${column}`;
      return `${place}  ${path === '' ? '' : `${path}: `}${message}\n`;
    })
    .join('');
}

// As people write it: `phases[2].steps[0].with.url`.
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function placed(file: string, line: number, column: number, path: string, message: string): Problem {
  return { file, line, column, path, message };
}

function offsetOf(root: ParsedNode | null, path: readonly PropertyKey[], on: 'key' | 'value'): number {
  let node: ParsedNode | null | undefined = root;
  let offset = root?.range[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isMap(node)) {
      const pair: ParsedPair | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(part),
      );
      if (pair === undefined) break;
      // A mapping or list begins on the next line, so its key is the better place to look at.
      const value: ParsedNode | null = pair.value;
      const asValue = isScalar(value) && (on === 'value' || depth < path.length - 1);
      offset = asValue ? value.range[0] : pair.key.range[0];
      node = value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (node === undefined) break;
      offset = node.range[0];
    } else break;
  }
  return offset;
}

const plainWords: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'a tab stands in the indentation; YAML allows spaces only',
  DUPLICATE_KEY: 'the same key stands here twice; keep one',
  MULTIPLE_DOCS: 'a second document begins here; keep one document in the file',
  NON_STRING_KEY: 'a key must be text',
};

function syntaxProblem(
  file: string,
  error: YAMLError,
  position: (offset: number) => { line: number; col: number },
): Problem {
  const { line, col } = position(error.pos[0]);
  const [first = error.message] = error.message.split('\n');
  return placed(file, line, col, '', plainWords[error.code] ?? `is not valid YAML: ${first}`);
}
