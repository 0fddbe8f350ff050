import { readYaml, type YamlFile } from '../yaml-file.ts';

/** What is wrong with a text; `line` counts from 1. */
export interface TextFault {
  readonly line?: number;
  readonly message: string;
}

/** The most that the YAML of a runbook may hold: characters, levels, and places that look like an alias. */
const most = { characters: 8_192, levels: 30, aliases: 50 } as const;

const opening = /^[ \t]*(?:[-?:][ \t]+)+/gm;
const aliasLike = /(?:^|[\s,[{])\*[^\s,\]}]/g;

/**
 * Reads a small piece of YAML of a file from outside: at most 8192 characters, 30 levels deep, nothing repeated through an alias.
 * `before` is how many lines of the file stand above it.
 */
export function readSmallYaml(
  text: string,
  before: number,
): { readonly read: YamlFile } | { readonly faults: readonly TextFault[] } {
  // The parser recurses into levels, and ends the whole process on some that are thousands deep, so they are counted first.
  const refused = refusal(text);
  if (refused !== undefined) return { faults: [{ line: before + 1, message: refused }] };
  const yaml = readYaml('', '\n'.repeat(before) + text);
  if ('problems' in yaml) {
    return { faults: yaml.problems.map(({ line, message }) => ({ line, message })) };
  }
  const seen = new Set<object>();
  if (repeats(yaml.read.value, seen)) {
    const message = 'a part is repeated through an alias; write it out';
    return { faults: [{ line: before + 1, message }] };
  }
  return { read: yaml.read };
}

function refusal(text: string): string | undefined {
  if (text.length > most.characters) return `this YAML is longer than ${most.characters} characters`;
  if (deepest(text) > most.levels) return `this YAML is more than ${most.levels} levels deep`;
  const aliases = text.match(aliasLike)?.length ?? 0;
  return aliases > most.aliases ? `this YAML has more than ${most.aliases} aliases` : undefined;
}

// Too many rather than too few: brackets within a text count as well, and so does every step of the indentation.
function deepest(text: string): number {
  let open = 0;
  let least = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if ((character === ']' || character === '}') && open > 0) open -= 1;
    least = Math.max(least, open);
  }
  const marks = [...text.matchAll(opening)].map(([lead]) => lead.replace(/\s/g, '').length);
  const indents = new Set([...text.matchAll(/^ +(?=\S)/gm)].map(([spaces]) => spaces.length));
  return Math.max(least, indents.size, ...marks);
}

function repeats(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (seen.has(value)) return true;
  seen.add(value);
  return Object.values(value).some((inner) => repeats(inner, seen));
}
