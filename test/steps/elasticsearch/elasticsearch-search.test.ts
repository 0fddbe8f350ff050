import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { Secret } from '../../../src/secret.ts';
import { elasticsearchSearch } from '../../../src/steps/elasticsearch/elasticsearch-search.ts';
import { checking, contract, failureOf } from '../contract.ts';

describe('elasticsearch/search', () => {
  let server: Elasticsearch;
  let wanted: Record<string, unknown>;

  beforeAll(async () => {
    server = await startElasticsearch({ password: 'ela5tic-pa55' });
    const client = new Client({ node: server.url });
    const documents = [
      { content: 'A test of chairs', author: { name: 'Kim' }, tags: ['oak', 'old'] },
      { content: 'Another test', author: { name: 'Lee' }, tags: ['new'] },
      { content: 'Something else', author: { name: 'Park' }, tags: [] },
    ];
    const operations = documents.flatMap((document, at) => [{ index: { _id: String(at + 1) } }, document]);
    await client.bulk({ index: 'posts', operations, refresh: true });
    await client.close();
    const query = { match: { content: 'test' } };
    wanted = { url: new Secret('ELASTICSEARCH_URL', server.url), index: 'posts', query, latency: '10s' };
  });

  afterAll(() => server.stop());

  contract(elasticsearchSearch, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted: { ...wanted, finds: { id: '1' } },
    hung: (port) => ({
      wanted: {
        ...wanted,
        url: new Secret('ELASTICSEARCH_URL', `http://elastic:ela5tic-pa55@127.0.0.1:${port}`),
      },
    }),
    snapshot: async () =>
      server.requests.filter((request) => request !== 'POST /posts/_search' && request !== 'POST /_bulk'),
    close: async () => {},
  }));

  test.each([
    [{ min: 2 }, undefined],
    [{ min: 3 }, 'finds 2 documents, wanted are at least 3'],
    [{ id: '2' }, undefined],
    [{ id: '3' }, 'does not have document 3 among its best 10 hits'],
    [{ field: 'author.name', equals: 'Kim' }, undefined],
    [{ field: 'tags', equals: 'old' }, undefined],
    [
      { field: 'author.name', equals: 'Park' },
      'has no document whose author.name is "Park" among its best 10 hits',
    ],
  ])('of a search that finds two documents %j is wanted', async (finds, because) => {
    const found = await checking(elasticsearchSearch, { ...wanted, finds });

    if (because === undefined) expect(found.is).toBe('satisfied');
    else
      expect(found).toMatchObject({
        is: 'unsatisfied',
        because: `The search in posts at elastic@127.0.0.1:${server.port} ${because}.`,
      });
  });

  test('a search that takes too long is told with its time', async () => {
    server.slow(60);

    const found = await checking(elasticsearchSearch, { ...wanted, latency: '50ms', samples: 3 });
    server.slow(0);

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /takes (6|7|8|9|\d\d)\d?(\.\d)? ms \(p95 of 3\), wanted is at most 50 ms\.$/,
      ),
    });
  });

  test('an index that is not there and a query that is none are told', async () => {
    const missing = await failureOf(checking(elasticsearchSearch, { ...wanted, index: 'nowhere' }));
    const misspelt = await failureOf(
      checking(elasticsearchSearch, { ...wanted, query: { mach: { content: 'test' } } }),
    );

    expect(missing.code).toBe('not-found');
    expect(missing.message).toContain('no such index [nowhere]');
    expect(misspelt.code).toBe('config-refused');
  });
});
