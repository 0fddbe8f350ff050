import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { installNode, nodeFolders } from '../../../rehearsal/elasticsearch/host-files.ts';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { elasticsearchPlugin } from '../../../src/steps/elasticsearch/elasticsearch-plugin.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const password = 'ela5tic%pa55';
const plugins = '/usr/share/elasticsearch/plugins';

describeWith('debian-host', 'elasticsearch/plugin', () => {
  let dir: string;
  let debians: readonly DebianHost[];
  /** The address of the cluster whose nodes run on the hosts. */
  let cluster: Elasticsearch;
  let client: Client;
  let wanted: Record<string, unknown>;
  let hosts: Record<string, DebianHost['host']>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-plugin-'));
    const folders = nodeFolders(await compiled(join(dir, 'js')));
    debians = await Promise.all(['es1', 'es2'].map((name) => startHost({ dir: join(dir, name), folders })));
    await Promise.all(
      debians.map(({ shell, address }, at) =>
        shell(installNode({ name: `es${at + 1}-node`, password, address })),
      ),
    );
    cluster = await startElasticsearch({
      password,
      isNode: false,
      peers: debians.map(({ address }) => `http://${address}:9200`),
    });
    client = new Client({ node: cluster.url, maxRetries: 0 });
    const [first, second] = debians;
    if (!first || !second) throw new Error('there are no hosts');
    hosts = { es1: first.host, es2: second.root };
    wanted = {
      host: 'es1',
      hosts: ['es2'],
      url: new Secret('ELASTICSEARCH_URL', cluster.url),
      plugin: 'analysis-nori',
      wait: '20s',
    };
    await nodesAre(2);
    // Both copies of it are there only while both nodes are.
    await client.indices.create({ index: 'users', settings: { number_of_replicas: 1 } });
  }, 600_000);

  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
    for (const { stop } of debians ?? []) await stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    const asNew = `[ -z "$(ls -A ${plugins})" ] && systemctl --quiet is-active elasticsearch && exit
rm -rf ${plugins}/*; systemctl restart elasticsearch`;
    await Promise.all(debians.map(({ shell }) => shell(asNew)));
    await nodesAre(2);
  });

  async function nodesAre(count: number): Promise<void> {
    for (let tries = 0; (await client.cluster.health()).number_of_nodes !== count; tries += 1) {
      if (tries > 200) throw new Error(`there are never ${count} nodes`);
      await sleep(50);
    }
  }

  const context = (log: (text: string) => void = () => {}) => contextOf({ hosts, log });
  const apply = async (other: Record<string, unknown> = {}, log?: (text: string) => void) =>
    elasticsearchPlugin.apply?.(elasticsearchPlugin.with.parse({ ...wanted, ...other }), context(log));
  const undo = async (remember: unknown) =>
    elasticsearchPlugin.undo?.(elasticsearchPlugin.with.parse(wanted), context(), remember);
  const loaded = async () =>
    (await client.cat.plugins({ format: 'json' }))
      .map(({ name, component }) => `${name} ${component}`)
      .sort();
  const starts = (at: number) =>
    debians[at]?.shell('systemctl show -P ActiveEnterTimestampMonotonic elasticsearch').then(Number);

  contract(elasticsearchPlugin, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
    wanted,
    context: { hosts },
    hung: (port) => ({
      wanted: { ...wanted, url: new Secret('ELASTICSEARCH_URL', `http://elastic:a@127.0.0.1:${port}`) },
      context: { hosts },
    }),
    snapshot: async () => [
      await loaded(),
      ...(await Promise.all(
        debians.map(({ shell }) => shell(`ls -A ${plugins}; systemctl is-active elasticsearch`)),
      )),
    ],
    close: async () => {},
  }));

  test('nodes that lack the plugin are named, also where it is installed but not loaded', async () => {
    const both = await checking(elasticsearchPlugin, wanted, { hosts });
    await debians[0]?.shell(`mkdir ${plugins}/analysis-nori`);
    const installed = await checking(elasticsearchPlugin, wanted, { hosts });
    await debians[0]?.shell('systemctl restart elasticsearch');
    await nodesAre(2);
    const one = await checking(elasticsearchPlugin, wanted, { hosts });

    expect(both).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/^es1-node, es2-node of 2 nodes at .* lack analysis-nori\.$/),
    });
    expect(installed).toMatchObject({ because: expect.stringMatching(/^es1-node, es2-node of 2 nodes/) });
    expect(one).toMatchObject({
      because: expect.stringMatching(/^es2-node of 2 nodes at .* lacks analysis-nori\.$/),
    });
  });

  test('one node after the other is restarted, the next when the one before is back', async () => {
    let [streamed, fewest, isOver] = ['', 2, false];
    const watching = (async () => {
      while (!isOver) fewest = Math.min(fewest, (await client.cluster.health()).number_of_nodes);
    })();

    const applied = await apply({}, (text) => {
      streamed += text;
    });
    isOver = true;
    await watching;

    expect(fewest).toBe(1);
    expect(streamed.match(/-> Installed analysis-nori/g)).toHaveLength(2);
    expect(await loaded()).toEqual([
      expect.stringContaining('analysis-nori'),
      expect.stringContaining('analysis-nori'),
    ]);
    expect(applied?.evidence.map(({ asked }) => asked.split(' ', 2).join(' '))).toEqual(
      Array(2).fill(['elasticsearch-plugin install', 'systemctl restart', 'GET /_nodes/plugins,']).flat(),
    );
  });

  test('only the node that lacks it is touched, and undo leaves what was there', async () => {
    await debians[0]?.shell(`mkdir ${plugins}/analysis-nori; systemctl restart elasticsearch`);
    await nodesAre(2);
    const before = await starts(0);

    const applied = await apply();
    const between = await loaded();
    await undo(applied?.remember);
    const after = await loaded();

    expect(between).toHaveLength(2);
    expect(after).toHaveLength(1);
    expect(await starts(0)).toBe(before);
  });

  test('undo leaves it while an index needs it', async () => {
    const applied = await apply();
    const analysis = { analyzer: { korean: { type: 'custom', tokenizer: 'nori_tokenizer' } } } as const;
    await client.indices.create({ index: 'posts', settings: { analysis } });

    const failure = await failureOf(Promise.resolve(undo(applied?.remember)));
    await client.indices.delete({ index: 'posts' });

    expect(failure.code).toBe('not-undone');
    expect(failure.message).toMatch(
      /^analysis-nori stays installed, since posts could not be opened without it/,
    );
    expect(await loaded()).toHaveLength(2);
  });

  test('a node that does not come back stops the rest and is named', async () => {
    const [first, second] = debians;
    await first?.shell(`mkdir -p /run/systemd/system/elasticsearch.service.d
printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >/run/systemd/system/elasticsearch.service.d/broken.conf
systemctl daemon-reload`);

    const failure = await failureOf(Promise.resolve(apply({ wait: '2s' })));
    const untouched = await second?.shell(`ls -A ${plugins}`);
    await first?.shell(
      'rm -r /run/systemd/system/elasticsearch.service.d; systemctl daemon-reload; systemctl reset-failed elasticsearch',
    );

    expect(failure.code).toBe('timed-out');
    expect(failure.message).toMatch(
      'Node es1-node on host es1 did not come back with analysis-nori to a green cluster within 2 s: the cluster is yellow with es2-node (no plugins)',
    );
    expect(untouched).toBe('');
  });

  test('an attempt that was cut short after the installation, or in a restart, is finished by the next', async () => {
    await debians[0]?.shell(`mkdir ${plugins}/analysis-nori`);
    await debians[1]?.shell(`mkdir ${plugins}/analysis-nori; systemctl --no-block restart elasticsearch`);

    const applied = await apply();
    await undo(applied?.remember);

    expect(applied?.evidence.map(({ asked }) => asked)).not.toContain(
      'elasticsearch-plugin install analysis-nori',
    );
    expect(await loaded()).toHaveLength(2);
  });

  test('a connection that is killed while the plugin is installed is made good by the next attempt', async () => {
    const program = '/opt/slow-plugin';
    const real = '/usr/share/elasticsearch/bin/elasticsearch-plugin';
    const slow = `#!/bin/sh\n[ "$1" != install ] || { echo started; sleep 1; }\nexec ${real} "$@"\n`;
    for (const { shell } of debians) await shell(`printf '${slow}' >${program}; chmod 0755 ${program}`);
    let isStarted = false;

    const killed = failureOf(
      Promise.resolve(
        apply({ program }, (text) => {
          isStarted ||= text.includes('started');
        }),
      ),
    );
    while (!isStarted) await sleep(20);
    await debians[0]?.shell('pgrep -u deploy -x sshd | xargs kill -9');
    const failure = await killed;
    await apply({ program });

    expect(failure.code).toBe('connection-refused');
    expect(await loaded()).toHaveLength(2);
  });

  test('a red cluster is left alone', async () => {
    cluster.showStatus('red');

    const failure = await failureOf(Promise.resolve(apply()));
    cluster.showStatus();

    expect(failure.code).toBe('unavailable');
    expect(failure.message).toMatch(/is red, so no node was restarted/);
    expect(await debians[0]?.shell(`ls -A ${plugins}`)).toBe('');
  });

  test('a plugin that does not exist, a program that is not there and hosts that do not fit are told', async () => {
    const failures = [
      await failureOf(Promise.resolve(apply({ plugin: 'analysis-none' }))),
      await failureOf(Promise.resolve(apply({ program: '/opt/elasticsearch-plugin' }))),
      await failureOf(Promise.resolve(apply({ hosts: [] }))),
      await failureOf(Promise.resolve(apply({ hosts: ['es3'] }))),
    ];

    expect(failures.map(({ code }) => code)).toEqual([
      'command-failed',
      'not-found',
      'config-invalid',
      'config-invalid',
    ]);
    expect(failures[0]?.message).toMatch(/ended with exit code 64: ERROR: Unknown plugin analysis-none$/);
    expect(failures[1]?.message).toContain('There is no /opt/elasticsearch-plugin on deploy@');
    expect(failures[2]?.message).toMatch(
      /^No host is given for es2-node, so analysis-nori could not come to every node/,
    );
    expect(await loaded()).toEqual([]);
  });
});

/** The rehearsal's server as JavaScript, which the hosts run. */
async function compiled(folder: string): Promise<string> {
  const root = resolve(import.meta.dirname, '../../..');
  const settings = {
    extends: join(root, 'tsconfig.json'),
    include: [fileURLToPath(new URL('../../../rehearsal/elasticsearch/main.ts', import.meta.url))],
    compilerOptions: {
      rootDir: join(root, 'rehearsal'),
      outDir: folder,
      typeRoots: [join(root, 'node_modules/@types')],
    },
  };
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  return folder;
}
