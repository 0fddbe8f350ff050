import { refuse } from './refusal.ts';
import { tagsOf } from './schema.ts';
import { isObject } from './schema-faults.ts';

/** Settings of an index by their whole name without `index.`, values as text as the server gives them back. */
export type Settings = ReadonlyMap<string, string | readonly string[]>;

/** What may be changed while an index is open; the rest is fixed when it is created. */
const dynamic = /^(number_of_replicas|refresh_interval|max_result_window|auto_expand_replicas|blocks\..+)$/;

/** Settings in any of the ways in which the server takes them (nested, dotted, with or without `index`). */
export function flatSettings(value: unknown, prefix = ''): Settings {
  const found = new Map<string, string | readonly string[]>();
  for (const [key, inner] of Object.entries(isObject(value) ? value : {})) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isObject(inner)) for (const [path, leaf] of flatSettings(inner, name)) found.set(path, leaf);
    else
      found.set(
        name.replace(/^(settings\.)?index\./, ''),
        Array.isArray(inner) ? inner.map(String) : String(inner),
      );
  }
  return prefix === ''
    ? new Map([...found].map(([name, leaf]) => [name.replace(/^index\./, ''), leaf]))
    : found;
}

/** The same settings as nested objects. */
export function nestedSettings(settings: Settings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, leaf] of settings) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let place = root;
    for (const key of keys) {
      const inner = isObject(place[key]) ? { ...place[key] } : {};
      place[key] = inner;
      place = inner;
    }
    place[last] = leaf;
  }
  return root;
}

/** Refuses to change on an open index what is fixed. */
export function requireDynamic(settings: Settings, index: string): void {
  const fixed = [...settings.keys()].filter((name) => !dynamic.test(name));
  if (fixed.length === 0) return;
  const list = fixed.map((name) => `index.${name}`).join(', ');
  refuse(
    400,
    'illegal_argument_exception',
    `Can't update non dynamic settings [[${list}]] for open indices [[${index}]]`,
  );
}

const kinds = {
  tokenizer: tagsOf('_types.analysis:TokenizerDefinition'),
  filter: tagsOf('_types.analysis:TokenFilterDefinition'),
  analyzer: tagsOf('_types.analysis:Analyzer'),
};

/** Which plugin brings a tokenizer, filter or analyzer, told from its name. */
function pluginOf(component: string): string | undefined {
  const [, plugin] = /^(nori|icu|kuromoji|phonetic|smartcn)(_|$)/.exec(component) ?? [];
  return plugin && `analysis-${plugin}`;
}

/** The names of the analyzers that an index has; refuses parts that no installed plugin brings. */
export function analyzersOf(settings: Settings, plugins: readonly string[]): readonly string[] {
  const missing = (kind: keyof typeof kinds, name: string): boolean => {
    if (own(kind).includes(name)) return false;
    const plugin = pluginOf(name);
    return !kinds[kind].includes(name) || (plugin !== undefined && !plugins.includes(plugin));
  };
  const own = (kind: string) =>
    [...settings.keys()].flatMap(
      (path) => new RegExp(`^analysis\\.${kind}\\.([^.]+)\\.`).exec(path)?.[1] ?? [],
    );
  for (const [path, leaf] of settings) {
    const [, kind = '', name = '', part = ''] = /^analysis\.(\w+)\.([^.]+)\.(\w+)$/.exec(path) ?? [];
    for (const value of [leaf].flat()) {
      if (kind === 'analyzer' && (part === 'tokenizer' || part === 'filter') && missing(part, value)) {
        const reason = `Custom Analyzer [${name}] failed to find ${part} under name [${value}]`;
        refuse(400, 'illegal_argument_exception', reason);
      }
      const typed = kind === 'tokenizer' || kind === 'filter' || kind === 'analyzer' ? kind : undefined;
      if (part === 'type' && typed && value !== 'custom' && missing(typed, value)) {
        refuse(400, 'illegal_argument_exception', `Unknown ${kind} type [${value}] for [${name}]`);
      }
    }
  }
  const ready = kinds.analyzer.filter((name) => !missing('analyzer', name));
  return [...ready, ...own('analyzer'), 'default'];
}
