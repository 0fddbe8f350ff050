import { canonical } from '../../canonical.ts';

/** Whether a difference can be mended in place: by adding a field, by changing a setting, or not without a new index. */
export type Remedy = 'add' | 'set' | 'new index';

/** One way in which an index is not as wanted; `path` is dotted and starts with `mappings` or `settings`. */
export interface Difference {
  readonly path: string;
  /** The path with what was found and what is wanted. */
  readonly says: string;
  readonly remedy: Remedy;
}

/** How an index is, as the server gives it back. */
export interface LiveIndex {
  readonly mappings: unknown;
  readonly settings: unknown;
}

/** What is compared; anything else of the index may be as it likes. */
export interface WantedIndex {
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Settings that an open index lets itself be given, https://www.elastic.co/docs/reference/elasticsearch/index-settings/index-modules */
const dynamicSettings = [
  'number_of_replicas',
  'refresh_interval',
  'max_result_window',
  'auto_expand_replicas',
];

/** Parameters of a field that its mapping leaves out when they have this value. */
const usual: Readonly<Record<string, string>> = {
  type: 'object',
  index: 'true',
  doc_values: 'true',
  norms: 'true',
  enabled: 'true',
  coerce: 'true',
  dynamic: 'true',
  store: 'false',
  fielddata: 'false',
  ignore_malformed: 'false',
  index_phrases: 'false',
  eager_global_ordinals: 'false',
  analyzer: 'standard',
  boost: '1',
  format: 'strict_date_optional_time||epoch_millis',
};

/** Parameters of a field that may be changed where it stands. */
const changeable = ['ignore_above', 'search_analyzer', 'search_quote_analyzer', 'meta'];

/** Every way in which a live index is not as wanted. */
export function differences(live: LiveIndex, wanted: WantedIndex): readonly Difference[] {
  const { properties, ...parameters } = wanted.mappings;
  const liveMappings = record(live.mappings);
  return [
    ...settingDifferences(live.settings, wanted.settings),
    ...parameterDifferences(liveMappings, parameters, 'mappings', ['dynamic', '_meta', 'date_detection']),
    ...fieldDifferences(liveMappings.properties, properties, 'mappings.properties'),
  ];
}

/**
 * The body that puts the missing into a live mapping: only what differs, and where a field is there already with all that it
 * has, since the server takes what is left out for a wish to have the default.
 */
export function mappingUpdate(live: unknown, wanted: unknown): Readonly<Record<string, unknown>> {
  const { properties, ...parameters } = record(wanted);
  const now = record(live);
  const changed = Object.entries(parameters).filter(
    ([name, value]) => shown(now[name] ?? usual[name]) !== shown(value),
  );
  return { ...Object.fromEntries(changed), ...changedFields(now.properties, properties, 'properties') };
}

function changedFields(live: unknown, wanted: unknown, key: string): Readonly<Record<string, unknown>> {
  const changed = Object.entries(record(wanted)).flatMap(([name, value]): [string, unknown][] => {
    const now = record(live)[name];
    if (now === undefined) return [[name, value]];
    if (fieldDifferences({ [name]: now }, { [name]: value }, '').length === 0) return [];
    const [{ properties: had, fields: hadForms, ...has }, { properties, fields, ...wants }] = [
      record(now),
      record(value),
    ];
    const deeper = changedFields(had, properties, 'properties');
    return [[name, { ...has, ...wants, ...deeper, ...changedFields(hadForms, fields, 'fields') }]];
  });
  return changed.length === 0 ? {} : { [key]: Object.fromEntries(changed) };
}

/** The fields, dotted, that the live mapping has and nobody asked for; documents bring them. */
export function extraFields(live: unknown, wanted: unknown, at = ''): readonly string[] {
  const known = record(wanted);
  return Object.entries(record(live)).flatMap(([name, field]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const own = record(known[name]);
    if (!Object.hasOwn(known, name)) return [path];
    return extraFields(record(field).properties, own.properties, path);
  });
}

/** Settings by their whole name without `index.`, values as text as Elasticsearch gives them back, lists joined. */
export function flatSettings(value: unknown, at = ''): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, inner] of Object.entries(record(value))) {
    const path = at === '' ? key : `${at}.${key}`;
    if (isRecord(inner)) for (const [deeper, leaf] of flatSettings(inner, path)) found.set(deeper, leaf);
    else found.set(path.replace(/^index\./, ''), shown(inner));
  }
  return found;
}

/** The wanted settings that can be given to an open index. */
export function isDynamic(setting: string): boolean {
  return dynamicSettings.includes(setting);
}

function settingDifferences(live: unknown, wanted: unknown): readonly Difference[] {
  const now = flatSettings(live);
  return [...flatSettings(wanted)].flatMap(([name, value]): Difference[] => {
    const found = now.get(name);
    if (found === value || (found === undefined && isUsualSetting(name, value))) return [];
    const path = `settings.${name}`;
    return [{ path, says: told(path, found, value), remedy: isDynamic(name) ? 'set' : 'new index' }];
  });
}

/** What the server does not repeat when nothing else was set. */
function isUsualSetting(name: string, value: string): boolean {
  if (/^analysis\.analyzer\.[^.]+\.type$/.test(name)) return value === 'custom';
  return name === 'refresh_interval' && value === '1s';
}

function fieldDifferences(live: unknown, wanted: unknown, at: string): readonly Difference[] {
  const now = record(live);
  return Object.entries(record(wanted)).flatMap(([name, value]): readonly Difference[] => {
    const path = `${at}.${name}`;
    const { properties, fields, ...parameters } = record(value);
    if (!Object.hasOwn(now, name)) {
      const kind = shown(parameters.type ?? 'object');
      return [{ path, says: `${path} is missing, wanted ${kind}`, remedy: 'add' }];
    }
    const field = record(now[name]);
    return [
      ...parameterDifferences(field, { type: 'object', ...parameters }, path, changeable),
      ...fieldDifferences(field.properties, properties, `${path}.properties`),
      ...fieldDifferences(field.fields, fields, `${path}.fields`),
    ];
  });
}

function parameterDifferences(
  live: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
  at: string,
  mendable: readonly string[],
): readonly Difference[] {
  const isOther = shown(live.type ?? 'object') !== shown(wanted.type ?? 'object');
  const names = new Set(Object.keys(wanted));
  // An analyzer that nobody asked for finds other documents than the usual one.
  if (Object.hasOwn(live, 'analyzer')) names.add('analyzer');
  return [...names].flatMap((name): Difference[] => {
    // With another type the rest cannot be compared.
    if (isOther && name !== 'type') return [];
    const unsaid = name === 'search_analyzer' ? shown(live.analyzer ?? usual.analyzer) : usual[name];
    const [found, value] = [live[name], wanted[name]].map((one) => (one === undefined ? unsaid : shown(one)));
    if (found === value) return [];
    const path = `${at}.${name}`;
    return [{ path, says: told(path, found, value), remedy: mendable.includes(name) ? 'add' : 'new index' }];
  });
}

function told(path: string, found: string | undefined, wanted: string | undefined): string {
  return `${path}: is ${found ?? 'not set'}, wanted ${wanted ?? 'not set'}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  return typeof value === 'object' && value !== null ? canonical(value) : String(value);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
