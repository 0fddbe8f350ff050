import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { type Sshd, startSshd } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { elasticsearchDocuments } from '../../../src/steps/elasticsearch/elasticsearch-documents.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

/** Writes two documents of fixed ids, as an index script of the application would. */
const script = `const { NODE_URL, INDEX } = process.env;
const { origin, username, password } = new URL(NODE_URL);
console.log('indexing', process.argv[2], 'with', NODE_URL);
const lines = [1, 2].flatMap((id) => [{ index: { _id: id } }, { title: 'post ' + id }]);
const response = await fetch(origin + '/' + INDEX + '/_bulk', {
  method: 'POST',
  headers: {
    authorization: 'Basic ' + Buffer.from(username + ':' + password).toString('base64'),
    'content-type': 'application/x-ndjson',
  },
  body: lines.map((line) => JSON.stringify(line) + '\\n').join(''),
});
if (!response.ok) process.exit(3);
console.log('done');
`;

describeWith('sshd', 'elasticsearch/documents', () => {
  let dir: string;
  let sshd: Sshd;
  let server: Elasticsearch;
  let client: Client;
  let wanted: Record<string, unknown>;
  let context: { hosts: { app: Sshd['host'] } };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-documents-'));
    const started = await startSshd({ dir: join(dir, 'sshd') });
    if (!started) throw new Error('sshd is missing');
    sshd = started;
    server = await startElasticsearch({ password: 'ela5tic-pa55' });
    client = new Client({ node: server.url, maxRetries: 0 });
    const directory = join(dir, "my 'app");
    await mkdir(directory);
    await writeFile(join(directory, 'index.mjs'), script);
    const url = new Secret('ELASTICSEARCH_URL', server.url);
    wanted = {
      host: 'app',
      url,
      index: 'posts',
      min: 2,
      script: {
        directory,
        program: [process.execPath, 'index.mjs', '--posts'],
        env: { NODE_URL: url, INDEX: 'posts' },
      },
      limit: '30s',
    };
    context = { hosts: { app: sshd.host } };
  });

  afterEach(() => client.indices.delete({ index: '*' }));

  afterAll(async () => {
    await client.close();
    await server.stop();
    await sshd.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const apply = async (other: Record<string, unknown> = {}, log: (text: string) => void = () => {}) =>
    elasticsearchDocuments.apply?.(
      elasticsearchDocuments.with.parse({ ...wanted, ...other }),
      contextOf({ ...context, log }),
    );

  contract(elasticsearchDocuments, { first: 'unsatisfied', last: 'satisfied' }, async () => ({
    wanted,
    context,
    hung: (port) => ({
      wanted: {
        ...wanted,
        url: new Secret('ELASTICSEARCH_URL', `http://elastic:ela5tic-pa55@127.0.0.1:${port}`),
      },
      context,
    }),
    snapshot: async () => {
      const isThere = await client.indices.exists({ index: 'posts' });
      return isThere ? (await client.search({ index: 'posts' })).hits.hits : 'no index';
    },
    close: async () => {},
  }));

  test('the script runs in its folder, its output is streamed, and its documents count at once', async () => {
    let streamed = '';

    const before = await checking(elasticsearchDocuments, wanted, context);
    const applied = await apply({}, (text) => {
      streamed += text;
    });
    const after = await checking(elasticsearchDocuments, wanted, context);

    expect(before).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('There is no index posts'),
    });
    expect(streamed).toMatch(/^indexing --posts with .*\ndone\n$/);
    expect(applied?.evidence[0]?.answered).toBe(
      'exit code 0\nindexing --posts with [secret ELASTICSEARCH_URL]\ndone\n',
    );
    expect(after).toMatchObject({ is: 'satisfied', evidence: [{ answered: '2 documents' }] });
  });

  test('too few documents are told with their number', async () => {
    await client.index({ index: 'posts', document: {}, refresh: true });

    const found = await checking(elasticsearchDocuments, wanted, context);

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/holds 1 documents, wanted are at least 2\.$/),
    });
  });

  test('the script does not run again where its documents are', async () => {
    let streamed = '';
    await apply();

    await apply({}, (text) => {
      streamed += text;
    });

    expect(streamed).toBe('');
  });

  test('a script that fails, and one whose folder is missing, are told', async () => {
    const say = ['sh', '-c', 'echo "no route to $NODE_URL" >&2; exit 7'];
    const given = elasticsearchDocuments.with.parse(wanted).script;

    const failed = await failureOf(Promise.resolve(apply({ script: { ...given, program: say } })));
    const nowhere = await failureOf(
      Promise.resolve(apply({ script: { ...given, directory: join(dir, 'none') } })),
    );

    expect(failed.code).toBe('command-failed');
    expect(failed.message).toMatch(/ended with exit code 7: no route to \[secret ELASTICSEARCH_URL\]$/);
    expect(nowhere.code).toBe('not-found');
    expect(nowhere.message).toContain('There is no folder');
  });

  test('without a script nothing can be applied, and a script needs a host', () => {
    const { script: _, host: __, ...bare } = wanted;

    const parsed = elasticsearchDocuments.with.parse(bare);

    expect(elasticsearchDocuments.canApply?.(parsed)).toBe(false);
    expect(elasticsearchDocuments.with.safeParse({ ...wanted, host: undefined }).success).toBe(false);
  });
});
