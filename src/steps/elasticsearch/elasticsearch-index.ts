import type { estypes } from '@elastic/elasticsearch';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { revealed } from '../hidden.ts';
import { type Applied, type Check, defineStep, type Evidence, satisfied, unsatisfied } from '../step.ts';
import {
  clusterAddress,
  type ElasticsearchConnection,
  exceptionOf,
  isNotFound,
  withElasticsearch,
} from './elasticsearch-connection.ts';
import {
  type Difference,
  differences,
  extraFields,
  flatSettings,
  isDynamic,
  mappingUpdate,
} from './index-differences.ts';
import { IndexName } from './index-name.ts';

const Definition = z.record(z.string(), z.unknown()).default({});

const With = z.strictObject({
  ...clusterAddress,
  name: IndexName,
  settings: Definition.meta({ description: 'shards, replicas, analysis; as Elasticsearch takes them' }),
  mappings: Definition.meta({ description: 'properties and what else belongs to a mapping' }),
});
type With = z.output<typeof With>;

const Remembered = z.object({
  /** The uuid of the index that this run created, null when it was there. */
  created: z.string().nullable(),
  added: z.array(z.string()),
  settings: z.record(z.string(), z.string().nullable()),
});
type Remembered = z.output<typeof Remembered>;

interface Found {
  /** The index itself, where the wanted name is an alias. */
  readonly concrete: string;
  readonly uuid: string;
  readonly mappings: unknown;
  readonly settings: unknown;
}

/**
 * An index exists with the wanted mapping and analysis. What documents have brought besides is allowed. What would need a new
 * index is told and left: Elasticsearch cannot change it where data stands.
 */
export const elasticsearchIndex = defineStep({
  uses: 'elasticsearch/index',
  summary: 'An index exists with the wanted mapping and analyzers.',
  with: With,
  timeout: '2m',
  check: (wanted, { signal }) => withElasticsearch(wanted, signal, (connection) => look(wanted, connection)),
  apply: (wanted, { signal }) => withElasticsearch(wanted, signal, (connection) => make(wanted, connection)),
  undo: (wanted, { signal }, remembered) =>
    withElasticsearch(wanted, signal, (connection) =>
      takeBack(wanted, connection, Remembered.parse(remembered)),
    ),
});

async function look(wanted: With, connection: ElasticsearchConnection): Promise<Check> {
  const { where } = connection;
  const asked = `GET /${wanted.name}: settings and mappings`;
  const found = await find(wanted.name, connection);
  if (!found) {
    const because = `There is no index ${wanted.name} at ${where}.`;
    return unsatisfied(because, { asked, of: where, answered: 'no such index' });
  }
  const wrong = differences(found, wanted);
  const answered = [
    ...(found.concrete === wanted.name ? [] : [`an alias of ${found.concrete}`]),
    wrong.length === 0 ? 'as wanted' : lines(wrong),
    told(
      'fields besides, brought by documents',
      extraFields(propertiesOf(found.mappings), wanted.mappings.properties),
    ),
  ];
  const evidence = { asked, of: where, answered: answered.filter((line) => line !== '').join('\n') };
  if (wrong.length === 0) return satisfied(evidence);
  return unsatisfied(`Index ${wanted.name} at ${where} differs: ${inShort(wrong)}.`, evidence);
}

async function make(wanted: With, connection: ElasticsearchConnection): Promise<Applied> {
  const { client, where } = connection;
  const { name } = wanted;
  const evidence: Evidence[] = [];
  const found = await find(name, connection);
  if (!found) {
    try {
      await client.indices.create(definitionOf(wanted));
    } catch (error) {
      // Somebody else was first; what they made is compared as any other.
      if (exceptionOf(error) === 'resource_already_exists_exception') return make(wanted, connection);
      throw error;
    }
    const created = (await find(name, connection))?.uuid ?? null;
    evidence.push({ asked: `PUT /${name}`, of: where, answered: `created, uuid ${created}` });
    return { evidence, remember: { created, added: [], settings: {} } satisfies Remembered };
  }
  const wrong = differences(found, wanted);
  const conflicts = wrong.filter(({ remedy }) => remedy === 'new index');
  if (conflicts.length > 0) throw wouldLoseData(name, where, inShort(conflicts));
  const added = wrong.filter(({ remedy }) => remedy === 'add').map(({ path }) => path);
  if (added.length > 0) {
    try {
      await client.indices.putMapping({
        index: found.concrete,
        ...mappingUpdate(found.mappings, wanted.mappings),
      });
    } catch (error) {
      if (exceptionOf(error) !== 'illegal_argument_exception') throw error;
      throw wouldLoseData(name, where, 'Elasticsearch refuses the new mapping beside the old one', error);
    }
    evidence.push({
      asked: `PUT /${found.concrete}/_mapping`,
      of: where,
      answered: `added: ${added.join(', ')}`,
    });
  }
  const before = flatSettings(found.settings);
  const toSet = [...flatSettings(wanted.settings)].filter(
    ([setting, value]) => isDynamic(setting) && before.get(setting) !== value,
  );
  if (toSet.length > 0) {
    await client.indices.putSettings({ index: found.concrete, settings: Object.fromEntries(toSet) });
    const answered = toSet.map(([setting, value]) => `${setting}: ${value}`).join(', ');
    evidence.push({ asked: `PUT /${found.concrete}/_settings`, of: where, answered });
  }
  const settings = Object.fromEntries(toSet.map(([setting]) => [setting, before.get(setting) ?? null]));
  return { evidence, remember: { created: null, added, settings } satisfies Remembered };
}

async function takeBack(
  { name }: With,
  connection: ElasticsearchConnection,
  { created, added, settings }: Remembered,
): Promise<readonly Evidence[]> {
  const { client, where } = connection;
  const found = await find(name, connection);
  if (!found) return [{ asked: `GET /${name}`, of: where, answered: 'the index is gone already' }];
  if (created !== null) {
    if (found.uuid !== created) {
      throw new Failure(
        'not-undone',
        `Index ${name} at ${where} is not the one that this run created (its uuid is ${found.uuid}), so it was left.`,
      );
    }
    // What was written a moment ago counts only after a refresh.
    await client.indices.refresh({ index: found.concrete });
    const { count } = await client.count({ index: found.concrete });
    if (count > 0) {
      throw new Failure(
        'not-undone',
        `Index ${name} at ${where} holds ${count} documents by now, so it was left; delete it by hand if they are not needed.`,
      );
    }
    await client.indices.delete({ index: found.concrete });
    return [{ asked: `DELETE /${found.concrete}`, of: where, answered: 'deleted; it held no documents' }];
  }
  const evidence: Evidence[] = [];
  if (Object.keys(settings).length > 0) {
    await client.indices.putSettings({ index: found.concrete, settings });
    evidence.push({ asked: `PUT /${found.concrete}/_settings`, of: where, answered: 'as before' });
  }
  if (added.length > 0) {
    throw new Failure(
      'not-undone',
      `Elasticsearch cannot take a field out of a mapping, so ${added.join(', ')} of index ${name} at ${where} stay; empty fields do no harm. Everything else was taken back.`,
    );
  }
  return evidence;
}

async function find(name: string, { client, where }: ElasticsearchConnection): Promise<Found | undefined> {
  try {
    const found = Object.entries(await client.indices.get({ index: name, flat_settings: true }));
    const [first, ...more] = found;
    if (!first) return undefined;
    if (more.length > 0) {
      throw new Failure(
        'config-invalid',
        `${name} at ${where} is an alias of ${found.length} indices (${found.map(([one]) => one).join(', ')}); name one of them.`,
      );
    }
    const [concrete, { mappings, settings }] = first;
    const uuid = flatSettings(settings).get('uuid') ?? '';
    return { concrete, uuid, mappings, settings };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The plan's own words; whether they make sense only Elasticsearch can tell, and it does so before it creates anything. */
function definitionOf({ name, settings, mappings }: With): estypes.IndicesCreateRequest {
  return Object.assign({ index: name }, revealed({ settings, mappings }));
}

function wouldLoseData(name: string, where: string, conflict: string, cause?: unknown): Failure {
  return new Failure(
    'would-lose-data',
    `Index ${name} at ${where} cannot become as wanted where it stands (${conflict}). Create a new index with the wanted mapping, such as ${name}_v2, copy the documents over with _reindex, check their count, and then let the alias ${name} point to it instead of the old index.`,
    { cause },
  );
}

function propertiesOf(mappings: unknown): unknown {
  return typeof mappings === 'object' && mappings !== null ? Reflect.get(mappings, 'properties') : undefined;
}

function lines(wrong: readonly Difference[]): string {
  return wrong.map(({ says }) => says).join('\n');
}

function inShort(wrong: readonly Difference[]): string {
  const shown = wrong.slice(0, 5).map(({ says }) => says);
  return [...shown, ...(wrong.length > 5 ? [`${wrong.length - 5} more`] : [])].join('; ');
}

function told(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what}: ${names.join(', ')}`;
}
