import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, errors } from '@elastic/elasticsearch';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { sent } from './sent.ts';

const korean = {
  settings: {
    number_of_shards: 1,
    number_of_replicas: 0,
    analysis: {
      analyzer: { korean: { type: 'custom', tokenizer: 'nori_tokenizer', filter: ['lowercase'] } },
    },
  },
  mappings: { properties: { title: { type: 'text', analyzer: 'korean' }, at: { type: 'date' } } },
} as const;

let plugins: string;
let server: Elasticsearch;
let client: Client;

beforeAll(async () => {
  plugins = await mkdtemp(join(tmpdir(), 'slipway-plugins-'));
  server = await startElasticsearch({ password: 'ela5tic-pa55', pluginFolder: plugins });
  client = new Client({ node: server.url, maxRetries: 0 });
});

afterEach(async () => {
  server.showStatus();
  await client.indices.delete({ index: '*', expand_wildcards: 'all' });
});

afterAll(async () => {
  await client.close();
  await server.stop();
  await rm(plugins, { recursive: true, force: true });
});

async function refused(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof errors.ResponseError)) throw error ?? new Error('it was not refused');
  return { status: error.statusCode, type: error.body?.error?.type, reason: error.body?.error?.reason };
}

async function withPlugin(name: string, use: () => Promise<void>) {
  await mkdir(join(plugins, name));
  server.restart();
  try {
    await use();
  } finally {
    await rm(join(plugins, name), { recursive: true });
    server.restart();
  }
}

describe('indices', () => {
  test('nori is refused until the plugin is installed and the node restarted', async () => {
    const before = await refused(client.indices.create({ index: 'posts', ...korean }));
    await mkdir(join(plugins, 'analysis-nori'));
    const installed = await refused(client.indices.create({ index: 'posts', ...korean }));
    server.restart();
    const after = await client.indices.create({ index: 'posts', ...korean });
    const listed = await client.cat.plugins({ format: 'json' });
    await rm(join(plugins, 'analysis-nori'), { recursive: true });
    server.restart();

    expect([before, installed]).toMatchObject(
      Array(2).fill({ status: 400, type: 'illegal_argument_exception' }),
    );
    expect(before.reason).toBe(
      'Custom Analyzer [korean] failed to find tokenizer under name [nori_tokenizer]',
    );
    expect(after.acknowledged).toBe(true);
    expect(listed).toMatchObject([{ name: 'node-1', component: 'analysis-nori' }]);
  });

  test('a field may be added, but its type and analyzer may not be changed', async () => {
    const put = (properties: object) =>
      client.indices.putMapping({ index: 'posts', properties: { ...properties } });
    await client.indices.create({
      index: 'posts',
      mappings: { properties: { title: { type: 'keyword' }, body: { type: 'text', analyzer: 'english' } } },
    });

    await put({
      title: { type: 'keyword', ignore_above: 100 },
      author: { properties: { name: { type: 'text' } } },
    });
    const type = await refused(put({ title: { type: 'text' } }));
    const inner = await refused(put({ author: { properties: { name: { type: 'long' } } } }));
    const analyzer = await refused(put({ body: { type: 'text', analyzer: 'standard' } }));
    const mapping = await client.indices.getMapping({ index: 'posts' });

    expect(type).toMatchObject({ status: 400, type: 'illegal_argument_exception' });
    expect(type.reason).toBe('mapper [title] cannot be changed from type [keyword] to [text]');
    expect(inner.reason).toBe('mapper [author.name] cannot be changed from type [text] to [long]');
    expect(analyzer.reason).toContain('Cannot update parameter [analyzer] from [english] to [standard]');
    expect(mapping.posts?.mappings.properties).toEqual({
      title: { type: 'keyword', ignore_above: 100 },
      body: { type: 'text', analyzer: 'english' },
      author: { properties: { name: { type: 'text' } } },
    });
  });

  test('an index is made once, keeps its settings as text, and only some of them may be changed', async () => {
    await client.indices.create({
      index: 'posts',
      settings: { 'index.number_of_replicas': 0, refresh_interval: '5s' },
    });

    const twice = await refused(client.indices.create({ index: 'posts' }));
    await client.indices.putSettings({ index: 'posts', settings: { index: { number_of_replicas: 2 } } });
    const fixed = await refused(
      client.indices.putSettings({ index: 'posts', settings: { number_of_shards: 2 } }),
    );
    const settings = await client.indices.getSettings({ index: 'posts' });

    expect(twice.type).toBe('resource_already_exists_exception');
    expect(fixed.type).toBe('illegal_argument_exception');
    expect(settings.posts?.settings?.index).toMatchObject({
      number_of_shards: '1',
      number_of_replicas: '2',
      refresh_interval: '5s',
    });
  });
});

describe('documents', () => {
  test('are seen by searches and counts only after a refresh or a second', async () => {
    await client.index({ index: 'posts', id: '1', document: { title: 'a' } });
    const before = await client.count({ index: 'posts' });
    await client.indices.refresh({ index: 'posts' });
    const after = await client.count({ index: 'posts' });

    expect([before.count, after.count]).toEqual([0, 1]);
  });

  test('that do not fit the mapping are refused, one by one in bulk', async () => {
    await client.indices.create({
      index: 'posts',
      mappings: { dynamic: 'strict', properties: { at: { type: 'date' } } },
    });

    const { items, errors: hasErrors } = await client.bulk({
      index: 'posts',
      operations: [
        { index: {} },
        { at: 'soon' },
        { index: {} },
        { at: '2026-02-26' },
        { index: {} },
        { title: 'a' },
      ],
    });

    expect(hasErrors).toBe(true);
    expect(items.map(({ index }) => index?.error?.type ?? index?.status)).toEqual([
      'document_parsing_exception',
      201,
      'strict_dynamic_mapping_exception',
    ]);
  });

  test('give their index a mapping of their own', async () => {
    await client.index({
      index: 'posts',
      document: { title: 'a', views: 3, at: '2026-02-26', by: { name: 'b' } },
    });

    const mapping = await client.indices.getMapping({ index: 'posts' });

    const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
    expect(mapping.posts?.mappings.properties).toEqual({
      title: text,
      views: { type: 'long' },
      at: { type: 'date' },
      by: { properties: { name: text } },
    });
  });

  test('are found by words, by exact values and, with nori, by a Korean stem', async () => {
    await withPlugin('analysis-nori', async () => {
      await client.indices.create({ index: 'posts', ...korean });
      await client.index({ index: 'posts', id: 'ko', document: { title: '서울에서 만나요', tag: 'news' } });
      await client.index({
        index: 'posts',
        id: 'en',
        document: { title: 'Meet in Seoul', tag: 'Old News' },
        refresh: true,
      });
      const ids = async (query: object) => {
        const { hits } = await client.search({ index: 'posts', query });
        return hits.hits.map(({ _id }) => _id);
      };

      expect(await ids({ match: { title: '서울' } })).toEqual(['ko']);
      expect(await ids({ match: { title: { query: 'SEOUL meet', operator: 'and' } } })).toEqual(['en']);
      expect(await ids({ term: { 'tag.keyword': 'news' } })).toEqual(['ko']);
      expect(await ids({ multi_match: { query: 'news meet', fields: ['title^3', 'tag'] } })).toEqual([
        'en',
        'ko',
      ]);
      expect(
        await ids({ bool: { must: [{ match: { tag: 'news' } }], must_not: [{ ids: { values: ['ko'] } }] } }),
      ).toEqual(['en']);
      expect(await ids({ match_all: {} })).toHaveLength(2);
    });
  });
});

describe('the cluster', () => {
  test('is yellow when replicas have no node, names them, and waits as long as it is told', async () => {
    await client.indices.create({ index: 'posts' });

    const began = performance.now();
    const green = await client.cluster.health(
      { wait_for_status: 'green', timeout: '300ms' },
      { ignore: [408], meta: true },
    );
    const took = performance.now() - began;
    const shards = await client.cat.shards({ format: 'json' });

    expect(green.statusCode).toBe(408);
    expect(green.body).toMatchObject({ status: 'yellow', timed_out: true, unassigned_shards: 1 });
    expect(took).toBeGreaterThan(290);
    expect(shards).toMatchObject([
      { state: 'STARTED' },
      { index: 'posts', prirep: 'r', state: 'UNASSIGNED' },
    ]);
  });

  test('counts the nodes of other processes while they answer', async () => {
    const other = await startElasticsearch({ password: 'ela5tic-pa55', name: 'node-2' });
    const whole = await startElasticsearch({
      password: 'ela5tic-pa55',
      peers: [`http://127.0.0.1:${other.port}`],
    });
    const both = new Client({ node: whole.url, maxRetries: 0 });
    await both.indices.create({ index: 'posts' });

    const together = await both.cluster.health();
    await other.stop();
    const alone = await both.cluster.health();
    await both.close();
    await whole.stop();

    expect(together).toMatchObject({ number_of_nodes: 2, status: 'green' });
    expect(alone).toMatchObject({ number_of_nodes: 1, status: 'yellow' });
  });

  test('tells people in tables', async () => {
    await client.index({ index: 'posts', document: {}, refresh: true });

    const { answer } = await sent(server, 'GET', '/_cat/indices?v');

    expect(answer).toMatch(/^yellow open posts \S+ 1 1 1\n$/);
  });
});
