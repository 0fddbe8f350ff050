import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type estypes } from '@elastic/elasticsearch';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { Secret } from '../../../src/secret.ts';
import { elasticsearchIndex } from '../../../src/steps/elasticsearch/elasticsearch-index.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const settings: estypes.IndicesIndexSettings = {
  number_of_shards: 1,
  number_of_replicas: 0,
  analysis: {
    analyzer: { nori_analyzer: { type: 'custom', tokenizer: 'nori_tokenizer', filter: ['lowercase'] } },
  },
};
const author: estypes.MappingProperty = { properties: { name: { type: 'keyword' } } };
const title: estypes.MappingProperty = {
  type: 'text',
  analyzer: 'nori_analyzer',
  fields: { raw: { type: 'keyword' } },
};
const mappings: estypes.MappingTypeMapping = { properties: { title, author, created_at: { type: 'date' } } };

describe('elasticsearch/index', () => {
  let plugins: string;
  let server: Elasticsearch;
  let client: Client;
  let wanted: Record<string, unknown>;

  beforeAll(async () => {
    plugins = await mkdtemp(join(tmpdir(), 'slipway-plugins-'));
    await mkdir(join(plugins, 'analysis-nori'));
    server = await startElasticsearch({ password: 'ela5tic-pa55', pluginFolder: plugins });
    client = new Client({ node: server.url, maxRetries: 0 });
    wanted = { url: new Secret('ELASTICSEARCH_URL', server.url), name: 'posts', settings, mappings };
  });

  afterEach(() => client.indices.delete({ index: '*' }));

  afterAll(async () => {
    await client.close();
    await server.stop();
    await rm(plugins, { recursive: true, force: true });
  });

  const check = (other: Record<string, unknown> = {}) =>
    checking(elasticsearchIndex, { ...wanted, ...other });
  const apply = async (other: Record<string, unknown> = {}) =>
    elasticsearchIndex.apply?.(elasticsearchIndex.with.parse({ ...wanted, ...other }), contextOf());
  const undo = async (remember: unknown) =>
    elasticsearchIndex.undo?.(elasticsearchIndex.with.parse(wanted), contextOf(), remember);
  const live = async () => Object.values(await client.indices.get({ index: 'posts' }))[0];

  contract(elasticsearchIndex, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    const url = (port: number) =>
      new Secret('ELASTICSEARCH_URL', `http://elastic:ela5tic-pa55@127.0.0.1:${port}`);
    const name = 'contract';
    return {
      wanted: { ...wanted, name },
      hung: (port) => ({ wanted: { ...wanted, name, url: url(port) } }),
      snapshot: () => client.indices.get({ index: '*' }),
      close: async () => {},
    };
  });

  test('what Elasticsearch gives back in other words is no difference', async () => {
    await client.indices.create({ index: 'posts', settings, mappings });
    const flat = {
      'index.number_of_shards': '1',
      index: { number_of_replicas: 0 },
      'analysis.analyzer.nori_analyzer': { tokenizer: 'nori_tokenizer', filter: 'lowercase' },
    };
    const spelled = {
      dynamic: true,
      properties: {
        ...mappings.properties,
        author: { type: 'object', dynamic: true, ...author },
      },
    };

    const found = await check({ settings: flat, mappings: spelled });

    expect(found.is, JSON.stringify(found)).toBe('satisfied');
  });

  test('every difference is told with its path, and nothing is changed', async () => {
    await client.indices.create({
      index: 'posts',
      settings: { number_of_shards: 2, number_of_replicas: 1 },
      mappings: {
        properties: { title: { type: 'keyword' }, author: { properties: { name: { type: 'text' } } } },
      },
    });
    const before = await live();

    const found = await check();
    const failure = await failureOf(apply());

    expect(found).toMatchObject({ is: 'unsatisfied' });
    const [evidence] = 'evidence' in found ? found.evidence : [];
    expect(evidence?.answered.split('\n')).toEqual([
      'settings.number_of_shards: is 2, wanted 1',
      'settings.number_of_replicas: is 1, wanted 0',
      'settings.analysis.analyzer.nori_analyzer.tokenizer: is not set, wanted nori_tokenizer',
      'settings.analysis.analyzer.nori_analyzer.filter: is not set, wanted lowercase',
      'mappings.properties.title.type: is keyword, wanted text',
      'mappings.properties.title.fields.raw is missing, wanted keyword',
      'mappings.properties.author.properties.name.type: is text, wanted keyword',
      'mappings.properties.created_at is missing, wanted date',
    ]);
    expect(failure.code).toBe('would-lose-data');
    expect(failure.message).toContain('mappings.properties.title.type: is keyword, wanted text');
    expect(failure.message).toMatch(/Create a new index .* posts_v2, .* _reindex, .* alias posts /);
    expect(await live()).toEqual(before);
  });

  test('another analyzer is a difference, wanted or not', async () => {
    await client.indices.create({
      index: 'posts',
      settings,
      mappings: {
        properties: {
          title: { type: 'text', analyzer: 'english' },
          body: { type: 'text', analyzer: 'english' },
        },
      },
    });

    const found = await check({
      mappings: {
        properties: { title: { type: 'text', analyzer: 'nori_analyzer' }, body: { type: 'text' } },
      },
    });

    expect(found).toMatchObject({
      because: expect.stringMatching(
        /title\.analyzer: is english, wanted nori_analyzer; .*body\.analyzer: is english, wanted standard\.$/,
      ),
    });
  });

  test('missing fields and settings of an open index are added where the index stands', async () => {
    const stored: estypes.MappingProperty = { type: 'text', analyzer: 'nori_analyzer', norms: false };
    await client.indices.create({
      index: 'posts',
      settings: { ...settings, number_of_replicas: 3 },
      mappings: { properties: { title: stored } },
    });
    await client.index({ index: 'posts', document: { title: 'a', tag: 'b' }, refresh: true });

    const before = await check();
    const applied = await apply();
    const after = await check();
    const index = await live();
    const failure = await failureOf(Promise.resolve(undo(applied?.remember)));

    expect(before).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('created_at is missing, wanted date'),
    });
    expect(after).toMatchObject({
      is: 'satisfied',
      evidence: [{ answered: 'as wanted\nfields besides, brought by documents: tag' }],
    });
    expect(index?.mappings?.properties).toMatchObject({
      title: { norms: false, fields: { raw: { type: 'keyword' } } },
      created_at: { type: 'date' },
    });
    expect((await client.count({ index: 'posts' })).count).toBe(1);
    expect(failure.code).toBe('not-undone');
    expect(failure.message).toMatch(/cannot take a field out of a mapping, so .*created_at.* stay/);
    expect((await live())?.settings?.index?.number_of_replicas).toBe('3');
  });

  test('an alias stands for its index', async () => {
    await client.indices.create({ index: 'posts_v2', settings, mappings, aliases: { posts: {} } });

    const found = await check();

    expect(found).toMatchObject({
      is: 'satisfied',
      evidence: [{ answered: 'an alias of posts_v2\nas wanted' }],
    });
  });

  test('an alias of two indices is refused', async () => {
    for (const index of ['posts_v1', 'posts_v2'])
      await client.indices.create({ index, aliases: { posts: {} } });

    const failure = await failureOf(check());

    expect(failure.code).toBe('config-invalid');
    expect(failure.message).toContain('posts_v1, posts_v2');
  });

  test('what Elasticsearch refuses is told, and no index is left', async () => {
    await rm(join(plugins, 'analysis-nori'), { recursive: true });
    server.restart();

    const nori = await failureOf(apply());
    const misspelt = await failureOf(
      apply({ settings: {}, mappings: { properties: { title: { type: 'txt' } } } }),
    );
    await mkdir(join(plugins, 'analysis-nori'));
    server.restart();

    expect(nori.code).toBe('config-refused');
    expect(nori.message).toContain('failed to find tokenizer under name [nori_tokenizer]');
    expect(misspelt.code).toBe('config-refused');
    expect(await client.indices.exists({ index: 'posts' })).toBe(false);
  });

  test('undo leaves an index with documents, and one that somebody else has made since', async () => {
    const applied = await apply();
    await client.index({ index: 'posts', document: { title: 'a' } });
    const full = await failureOf(Promise.resolve(undo(applied?.remember)));
    await client.indices.delete({ index: 'posts' });
    const gone = await undo(applied?.remember);
    await client.indices.create({ index: 'posts' });
    const other = await failureOf(Promise.resolve(undo(applied?.remember)));

    expect(full.code).toBe('not-undone');
    expect(full.message).toContain('holds 1 documents');
    expect(gone).toMatchObject([{ answered: 'the index is gone already' }]);
    expect(other.message).toContain('not the one that this run created');
    expect(await client.indices.exists({ index: 'posts' })).toBe(true);
  });

  test('an index that was there is not deleted by undo', async () => {
    await client.indices.create({ index: 'posts', settings, mappings });
    const applied = await apply();

    await undo(applied?.remember);

    expect(await client.indices.exists({ index: 'posts' })).toBe(true);
  });
});
