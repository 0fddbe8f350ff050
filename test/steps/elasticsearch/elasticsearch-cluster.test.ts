import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { freePort } from '../../../rehearsal/world/free-port.ts';
import { Secret } from '../../../src/secret.ts';
import { elasticsearchCluster } from '../../../src/steps/elasticsearch/elasticsearch-cluster.ts';
import { checking, contract, failureOf } from '../contract.ts';

const password = 'ela5tic-pa55';

describe('elasticsearch/cluster', () => {
  let server: Elasticsearch;
  let wanted: { url: Secret };

  beforeAll(async () => {
    server = await startElasticsearch({ password });
    wanted = { url: new Secret('ELASTICSEARCH_URL', server.url) };
    const client = new Client({ node: server.url });
    await client.indices.create({ index: 'posts', settings: { number_of_replicas: 1 } });
    await client.close();
  });

  afterAll(() => server.stop());

  contract(elasticsearchCluster, { first: 'satisfied', last: 'satisfied' }, async () => {
    const own = await startElasticsearch({ password });
    const url = new Secret('ELASTICSEARCH_URL', own.url);
    return {
      wanted: { url },
      hung: (port) => ({
        wanted: { url: new Secret('ELASTICSEARCH_URL', `http://elastic:${password}@127.0.0.1:${port}`) },
      }),
      snapshot: async () => own.requests.filter((request) => !request.startsWith('GET ')),
      close: own.stop,
    };
  });

  test('a yellow cluster is good enough unless green is wanted; then the shard without a node is named', async () => {
    const yellow = await checking(elasticsearchCluster, wanted);
    const green = await checking(elasticsearchCluster, { ...wanted, health: 'green' });

    expect(yellow).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          answered: expect.stringMatching(
            /^Elasticsearch 8\.19\.1; cluster rehearsal is yellow with 1 node;/,
          ),
        },
      ],
    });
    expect(green).toMatchObject({
      is: 'unsatisfied',
      because: `Cluster rehearsal at elastic@127.0.0.1:${server.port} is yellow, wanted is green; shards that no node holds: posts[0] replica (NODE_LEFT).`,
    });
  });

  test('a red cluster is never good enough', async () => {
    server.showStatus('red');

    const red = await checking(elasticsearchCluster, wanted);
    server.showStatus();

    expect(red).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining(
        'is red, wanted is yellow; shards that no node holds: posts[0] primary',
      ),
    });
  });

  test('an older version and too few nodes are told', async () => {
    const old = await startElasticsearch({ password, version: '7.17.9' });

    const version = await checking(elasticsearchCluster, { url: old.url });
    const minor = await checking(elasticsearchCluster, { ...wanted, version: '>=8.20' });
    const nodes = await checking(elasticsearchCluster, { ...wanted, nodes: 3 });
    await old.stop();

    expect(version).toMatchObject({
      because: expect.stringMatching(/runs Elasticsearch 7\.17\.9, wanted is >=8\.$/),
    });
    expect(minor).toMatchObject({
      because: expect.stringMatching(/runs Elasticsearch 8\.19\.1, wanted is >=8\.20\.$/),
    });
    expect(nodes).toMatchObject({ because: expect.stringMatching(/has 1 node, wanted are at least 3\.$/) });
  });

  test('it is waited for a status that comes in time, and no longer than told', async () => {
    server.showStatus('red');
    setTimeout(() => server.showStatus(), 400);
    const came = await checking(elasticsearchCluster, { ...wanted, wait: '20s' });

    const began = performance.now();
    const never = await checking(elasticsearchCluster, { ...wanted, health: 'green', wait: '1s' });
    const took = performance.now() - began;

    expect(came.is).toBe('satisfied');
    expect(never).toMatchObject({ because: expect.stringContaining('is yellow after 1 s, wanted is green') });
    expect(took).toBeGreaterThan(900);
    expect(took).toBeLessThan(10_000);
  });

  test('waiting ends at once when the run is stopped', async () => {
    const controller = new AbortController();
    const waiting = failureOf(
      checking(elasticsearchCluster, { ...wanted, nodes: 2, wait: '1m' }, { signal: controller.signal }),
    );
    setTimeout(() => controller.abort(new DOMException('stopped', 'AbortError')), 300);

    const failure = await waiting;

    expect(failure.code).toBe('aborted');
  });

  test('it is waited for a node that is still starting, but not for another password', async () => {
    const port = await freePort();
    const url = `http://elastic:${password}@127.0.0.1:${port}`;
    const starting = new Promise<Elasticsearch>((settle) => {
      setTimeout(() => settle(startElasticsearch({ password, port })), 300);
    });

    const found = await checking(elasticsearchCluster, { url, wait: '20s' });
    const began = performance.now();
    const refused = await failureOf(
      checking(elasticsearchCluster, { url: url.replace(password, 'wrong'), wait: '20s' }),
    );
    const took = performance.now() - began;
    await (await starting).stop();
    const gone = await failureOf(checking(elasticsearchCluster, { url, wait: '300ms' }));

    expect(found.is).toBe('satisfied');
    expect(refused.code).toBe('authentication-failed');
    expect(took).toBeLessThan(10_000);
    expect(gone.code).toBe('connection-refused');
  });
});
