import { Client } from '@elastic/elasticsearch';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { sent } from './sent.ts';

let server: Elasticsearch;
let client: Client;

beforeAll(async () => {
  server = await startElasticsearch({ password: 'ela5tic-pa55' });
  client = new Client({ node: server.url, maxRetries: 0 });
});

afterEach(() => client.indices.delete({ index: '*', expand_wildcards: 'all' }));

afterAll(async () => {
  await client.close();
  await server.stop();
});

describe('what the published schema allows', () => {
  test('calls of the official client pass', async () => {
    await client.indices.create({ index: 'posts', mappings: { properties: { title: { type: 'text' } } } });
    await client.bulk({
      index: 'posts',
      refresh: true,
      operations: [
        { index: { _id: '1' } },
        { title: 'Hello world' },
        { create: { _id: '2' } },
        { title: 'Bye' },
      ],
    });
    await client.index({ index: 'posts', id: '3', document: { title: 'later' }, refresh: 'wait_for' });
    const answers = await Promise.all([
      client.info(),
      client.cluster.health({ wait_for_status: 'yellow', timeout: '1s' }),
      client.cat.indices({ format: 'json', h: ['index', 'docs.count'] }),
      client.cat.plugins({ format: 'json' }),
      client.cat.shards({ format: 'json', index: 'posts' }),
      client.nodes.info({ metric: 'plugins' }),
      client.indices.get({ index: 'posts' }),
      client.indices.getSettings({ index: 'posts', flat_settings: true }),
      client.indices.refresh({ index: 'posts' }),
      client.indices.exists({ index: 'nowhere' }),
    ]);
    const { count } = await client.count({ index: 'posts' });
    const { hits } = await client.search({ index: 'posts', query: { match: { title: 'world' } } });

    expect(answers.at(-1)).toBe(false);
    expect(count).toBe(3);
    expect(hits).toMatchObject({
      total: { value: 1 },
      hits: [{ _id: '1', _source: { title: 'Hello world' } }],
    });
  });

  test.each([
    ['GET', '/_health', 400, 'invalid_index_name_exception'],
    ['GET', '/_cluster/helth/a/b', 400, /^no handler found for uri/],
    ['DELETE', '/_cluster/health', 405, /^Incorrect HTTP method .* allowed: \[GET\]$/],
    ['GET', '/_cluster/health?wait_for_state=green', 400, 'illegal_argument_exception'],
    ['GET', '/_cluster/health?wait_for_status=blue', 400, 'illegal_argument_exception'],
    ['GET', '/_cluster/health?timeout=soon', 400, 'illegal_argument_exception'],
    ['GET', '/_cat/plugins?heading=name', 400, 'illegal_argument_exception'],
    ['GET', '/_snapshot', 501, 'not_played'],
  ] as const)('%s %s is refused with status %i', async (method, path, status, type) => {
    const { answer, ...refusal } = await sent(server, method, path);

    expect(refusal.status).toBe(status);
    expect(refusal.headers.get('x-elastic-product')).toBe('Elasticsearch');
    const error =
      typeof type === 'string' ? { type, reason: expect.any(String) } : expect.stringMatching(type);
    expect(answer).toMatchObject({ error, status });
  });

  test.each([
    ['a misspelt part', { mapings: {} }, 'x_content_parse_exception'],
    ['a misspelt mapping', { mappings: { propertys: {} } }, 'mapper_parsing_exception'],
    [
      'a misspelt parameter',
      { mappings: { properties: { a: { type: 'text', analyser: 'b' } } } },
      'mapper_parsing_exception',
    ],
    [
      'a type that is none',
      { mappings: { properties: { a: { type: 'string' } } } },
      'mapper_parsing_exception',
    ],
    [
      'a misspelt type deep inside',
      { mappings: { properties: { a: { properties: { b: { type: 'txt' } } } } } },
      'mapper_parsing_exception',
    ],
    [
      'an analyzer that is not there',
      { mappings: { properties: { a: { type: 'text', analyzer: 'b' } } } },
      'mapper_parsing_exception',
    ],
    ['a misspelt setting', { settings: { number_of_shard: 1 } }, 'illegal_argument_exception'],
    [
      'a misspelt dotted setting',
      { settings: { 'index.number_of_replica': 1 } },
      'illegal_argument_exception',
    ],
    [
      'a filter that is not there',
      { settings: { analysis: { analyzer: { a: { tokenizer: 'standard', filter: ['lower'] } } } } },
      'illegal_argument_exception',
    ],
    [
      'an analyzer without a tokenizer',
      { settings: { analysis: { analyzer: { a: { type: 'custom' } } } } },
      'illegal_argument_exception',
    ],
  ] as const)('an index with %s', async (_, body, type) => {
    const { status, answer } = await sent(server, 'PUT', '/wrong', body);

    expect({ status, answer }).toMatchObject({ status: 400, answer: { error: { type }, status: 400 } });
  });

  test.each([
    [{ mach: { title: 'a' } }, 400],
    [{ match: { title: { query: 'a', fuzzines: 1 } } }, 400],
    [{ match: { title: 'a' }, term: { title: 'a' } }, 400],
    [{}, 400],
    [{ prefix: { title: 'a' } }, 501],
  ])('the query %j is refused', async (query, status) => {
    await client.index({ index: 'posts', document: { title: 'a' }, refresh: true });

    const refusal = await sent(server, 'POST', '/posts/_search', { query });

    expect(refusal.status).toBe(status);
  });

  test('bodies of another kind are refused', async () => {
    const odd = [
      await sent(server, 'POST', '/_search', 'query=a', {
        'content-type': 'application/x-www-form-urlencoded',
      }),
      await sent(server, 'POST', '/_search', '{'),
      await sent(server, 'POST', '/_bulk', '{"index":{"_index":"a"}}\n{}'),
      await sent(server, 'POST', '/_bulk', '{"indx":{"_index":"a"}}\n{}\n'),
      await sent(server, 'GET', '/', undefined, {
        accept: 'application/vnd.elasticsearch+json; compatible-with=9',
      }),
    ];

    expect(odd.map(({ status }) => status)).toEqual([406, 400, 400, 400, 400]);
  });

  test('without the password nothing is answered', async () => {
    const anonymous = await sent(server, 'GET', '/', undefined, { authorization: '' });
    const wrong = await sent(server, 'GET', '/_nope', undefined, { authorization: 'Basic ZWxhc3RpYzpub3Bl' });

    for (const { status, headers, answer } of [anonymous, wrong]) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
      expect(answer).toMatchObject({ error: { type: 'security_exception' }, status: 401 });
    }
  });
});
