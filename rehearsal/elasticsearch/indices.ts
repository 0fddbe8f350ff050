import { randomUUID } from 'node:crypto';
import type { ValueOf } from '@elastic/request-converter/dist/metamodel.js';
import { type Fields, fieldsFor, mergedFields } from './mappings.ts';
import { isRefusal, refuse } from './refusal.ts';
import type { Call } from './routes.ts';
import { faultIn, isObject } from './schema-faults.ts';
import { scoreOf } from './search.ts';
import { analyzersOf, flatSettings, nestedSettings, requireDynamic, type Settings } from './settings.ts';

/** An index with its documents, which searches see a second after they were written, or after a refresh. */
export interface Index {
  readonly name: string;
  readonly uuid: string;
  readonly createdAt: number;
  settings: Settings;
  mappings: Readonly<Record<string, unknown>> & { readonly properties: Fields };
  readonly aliases: Map<string, unknown>;
  readonly documents: Map<
    string,
    { source: Readonly<Record<string, unknown>>; visibleAt: number; version: number }
  >;
}

type Handler = (call: Call) => unknown;

const operation: ValueOf = {
  kind: 'instance_of',
  type: { namespace: '_global.bulk', name: 'OperationContainer' },
};

/** What a cluster does with indices and documents, by endpoint; `plugins` are those that its nodes have loaded. */
export function indexHandlers(
  indices: Map<string, Index>,
  plugins: () => readonly string[],
): Record<string, Handler> {
  const named = (expression = '_all'): Index[] =>
    expression.split(',').flatMap((one) => {
      if (one === '_all' || one === '*') return [...indices.values()];
      const pattern = new RegExp(`^${one.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      const found = [...indices.values()].filter(
        ({ name, aliases }) => pattern.test(name) || [...aliases.keys()].some((alias) => pattern.test(alias)),
      );
      if (found.length === 0 && !one.includes('*'))
        refuse(404, 'index_not_found_exception', `no such index [${one}]`);
      return found;
    });
  const create = (name: string, body: Readonly<Record<string, unknown>> = {}): Index => {
    if (!/^[^A-Z\\/*?"<>| ,#:_+-][^A-Z\\/*?"<>| ,#:]*$/.test(name)) {
      refuse(400, 'invalid_index_name_exception', `Invalid index name [${name}]`);
    }
    if (indices.has(name)) refuse(400, 'resource_already_exists_exception', `index [${name}] already exists`);
    const given = flatSettings(body.settings);
    const analyzers = analyzersOf(given, plugins());
    const { properties, ...rest } = isObject(body.mappings) ? body.mappings : {};
    const [uuid, createdAt] = [randomUUID().replaceAll('-', '').slice(0, 22), Date.now()];
    const index: Index = {
      name,
      uuid,
      createdAt,
      settings: new Map([
        ...new Map([
          ['number_of_shards', '1'],
          ['number_of_replicas', '1'],
        ]),
        ...given,
        ...new Map([
          ['uuid', uuid],
          ['creation_date', String(createdAt)],
          ['provided_name', name],
        ]),
      ]),
      mappings: { ...rest, properties: mergedFields({}, properties, analyzers) },
      aliases: new Map(Object.entries(isObject(body.aliases) ? body.aliases : {})),
      documents: new Map(),
    };
    indices.set(name, index);
    return index;
  };
  const write = (name: string, id: string | undefined, source: unknown, call: Call, only?: 'create') => {
    if (!isObject(source)) return refuse(400, 'document_parsing_exception', 'failed to parse: no object');
    const index =
      [...indices.values()].find((one) => one.name === name || one.aliases.has(name)) ?? create(name);
    const dynamic = String(index.mappings.dynamic ?? 'true');
    const properties = {
      ...index.mappings.properties,
      ...fieldsFor(source, index.mappings.properties, dynamic),
    };
    index.mappings = { ...index.mappings, properties };
    const _id = id ?? randomUUID().replaceAll('-', '').slice(0, 20);
    const before = index.documents.get(_id);
    if (before && only)
      refuse(409, 'version_conflict_engine_exception', `[${_id}]: version conflict, document already exists`);
    const isSeenAtOnce = ['', 'true', 'wait_for'].includes(call.query.refresh ?? 'false');
    const version = (before?.version ?? 0) + 1;
    index.documents.set(_id, { source, version, visibleAt: Date.now() + 1_000 });
    if (isSeenAtOnce) refresh(index);
    return {
      _index: index.name,
      _id,
      _version: version,
      result: before ? 'updated' : 'created',
      _shards: shards,
    };
  };
  const bulk = (call: Call) => {
    const lines = Array.isArray(call.body) ? call.body.values() : [].values();
    const items: unknown[] = [];
    for (const action of lines) {
      const fault = faultIn(action, operation, new Map(), []);
      const [kind = '', to] = Object.entries(isObject(action) ? action : {})[0] ?? [];
      if (fault || !isObject(to))
        refuse(400, 'illegal_argument_exception', `Malformed action/metadata line: ${fault?.says}`);
      const name = String(to._index ?? call.path.index ?? '');
      const id = to._id === undefined ? undefined : String(to._id);
      const source: unknown = kind === 'delete' ? undefined : lines.next().value;
      try {
        if (kind === 'update') refuse(501, 'not_played', 'updates in bulk are not played');
        const done =
          kind === 'delete'
            ? remove(name, id)
            : write(name, id, source, call, kind === 'create' ? 'create' : undefined);
        items.push({ [kind]: { ...done, status: done.result === 'created' ? 201 : 200 } });
      } catch (error) {
        if (!isRefusal(error)) throw error;
        items.push({ [kind]: { _index: name, _id: id, status: error.status, ...Object(error.body) } });
      }
    }
    const errors = items.some((item) => JSON.stringify(item).includes('"error":'));
    return { errors, took: 1, items };
  };
  const remove = (name: string, id = '') => ({
    _index: name,
    _id: id,
    result: named(name)[0]?.documents.delete(id) ? 'deleted' : 'not_found',
  });
  const matching = ({ path, body }: Call) => {
    const query = isObject(body) ? body.query : undefined;
    return named(path.index).flatMap((index) =>
      visible(index)
        .map(([id, { source }]) => {
          const analysis = { fields: index.mappings.properties, settings: index.settings };
          return {
            _index: index.name,
            _id: id,
            _score: scoreOf(query, { id, source }, analysis),
            _source: source,
          };
        })
        .filter(({ _score }) => _score > 0),
    );
  };
  const search = (call: Call) => {
    const {
      query: _,
      size = 10,
      from = 0,
      track_total_hits: __,
      ...rest
    } = isObject(call.body) ? call.body : {};
    const strange = Object.keys(rest)[0];
    if (strange) refuse(501, 'not_played', `the rehearsal's Elasticsearch does not play [${strange}]`);
    const found = matching(call).toSorted((a, b) => b._score - a._score);
    const [first, many] = [Number(call.query.from ?? from), Number(call.query.size ?? size)];
    const total = { value: found.length, relation: 'eq' };
    const hits = { total, max_score: found[0]?._score ?? null, hits: found.slice(first, first + many) };
    return { took: 1, timed_out: false, _shards: shards, hits };
  };
  const each = (call: Call, shown: (index: Index) => unknown) =>
    Object.fromEntries(named(call.path.index).map((index) => [index.name, shown(index)]));
  const settingsOf = ({ settings }: Index, { query }: Call) => {
    const isFlat = query.flat_settings !== undefined && query.flat_settings !== 'false';
    if (isFlat) return Object.fromEntries([...settings].map(([name, value]) => [`index.${name}`, value]));
    return { index: nestedSettings(settings) };
  };
  const aliasesOf = ({ aliases }: Index) => Object.fromEntries(aliases);
  const done = { acknowledged: true };
  return {
    'indices.create': ({ path, body }) => {
      const { name } = create(path.index ?? '', isObject(body) ? body : {});
      return { ...done, shards_acknowledged: true, index: name };
    },
    'indices.delete': ({ path }) => {
      for (const { name } of named(path.index)) indices.delete(name);
      return done;
    },
    'indices.exists': ({ path }) => named(path.index),
    'indices.get': (call) =>
      each(call, (one) => ({
        aliases: aliasesOf(one),
        mappings: one.mappings,
        settings: settingsOf(one, call),
      })),
    'indices.get_mapping': (call) => each(call, ({ mappings }) => ({ mappings })),
    'indices.get_settings': (call) => each(call, (one) => ({ settings: settingsOf(one, call) })),
    'indices.put_mapping': ({ path, body }) => {
      const { properties, ...rest } = isObject(body) ? body : {};
      for (const index of named(path.index)) {
        const merged = mergedFields(
          index.mappings.properties,
          properties,
          analyzersOf(index.settings, plugins()),
        );
        index.mappings = { ...index.mappings, ...rest, properties: merged };
      }
      return done;
    },
    'indices.put_settings': ({ path, body }) => {
      const changed = flatSettings(body);
      for (const index of named(path.index)) {
        requireDynamic(changed, index.name);
        // Null gives a setting its default back.
        index.settings = new Map([...index.settings, ...changed].filter(([, value]) => value !== 'null'));
      }
      return done;
    },
    'indices.put_alias': ({ path, body }) => {
      for (const { aliases } of named(path.index)) aliases.set(path.name ?? '', body ?? {});
      return done;
    },
    'indices.refresh': ({ path }) => {
      named(path.index).forEach(refresh);
      return { _shards: shards };
    },
    index: (call) => write(call.path.index ?? '', call.path.id, call.body, call),
    create: (call) => write(call.path.index ?? '', call.path.id, call.body, call, 'create'),
    delete: ({ path }) => remove(path.index ?? '', path.id),
    bulk,
    count: (call) => ({ count: matching(call).length, _shards: shards }),
    search,
  };
}

const shards = { total: 1, successful: 1, skipped: 0, failed: 0 };

function refresh({ documents }: Index): void {
  for (const one of documents.values()) one.visibleAt = 0;
}

/** The documents that searches see. */
export function visible({ documents }: Index) {
  return [...documents].filter(([, { visibleAt }]) => visibleAt <= Date.now());
}
