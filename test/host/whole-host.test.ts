import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Deployment, isDone } from '../../src/deploy/deployment.ts';
import { crewOf, read } from '../e2e/acting.ts';
import { describeWith } from '../support/parts.ts';
import { drifts } from './drifts.ts';
import { softfactoryOnOneHost } from './plan-part.ts';
import { newestRun, runThat, stepEnds, stepsThat, threadWith } from './run-view.ts';
import { testRunbooks } from './runbooks.ts';
import { differences, snapshotOf } from './snapshot.ts';
import { provideBaseImage, startWholeHost, type WholeHost } from './whole-host.ts';

const version = 'v2.0.0';

/** Where there is nothing to change on an empty machine: what only looks or asks, and what another step has done already. */
const onlyLooking = [
  'host/resources',
  // Debian starts it when it is installed.
  'host/docker',
  'servers/postgres',
  'servers/redis',
  'servers/elasticsearch',
  'consoles/s3',
  'code/secrets',
  'database/tables',
  'database/performance',
  'redis/server',
  'redis/memory',
  'redis/roundtrip',
  'elasticsearch/cluster',
  // The script of the posts brings all three.
  'elasticsearch/reviews',
  'elasticsearch/users',
  'elasticsearch/search',
  'api/port',
  'api/health',
  'api/pool',
  'nginx/files',
  'nginx/dns',
  'nginx/tls',
  'nginx/protocols',
  'nginx/redirect',
  'nginx/https',
  'nginx/health',
  'go-live/version',
  'go-live/start',
  'go-live/healthy',
];

describeWith(['debian-host', 'git', 'local-slack'], 'the plan for SoftFactory on a real host', () => {
  let whole: WholeHost;
  let hasBaseImage = false;

  beforeAll(async () => {
    whole = await startWholeHost({ plan: await softfactoryOnOneHost() });
  }, 600_000);

  afterAll(async () => {
    await whole?.stop();
  });

  /** Deploys from Slack, with an approval and an answer, until the run has ended. */
  const deploy = async (wanted = version): Promise<Deployment> => {
    const { slipway, debian } = whole;
    const crew = crewOf(slipway);
    const before = await newestRun(slipway).catch(() => undefined);
    await crew.deploy('alice', `production ${wanted}`);
    await runThat(slipway, 'a new run', ({ id }) => id !== before?.id, 30_000);
    await crew.press('bob', 'Approve');
    if (!hasBaseImage) {
      await runThat(slipway, 'Docker runs', ({ phases }) => isDone(phases.host?.steps.docker));
      await provideBaseImage(debian);
      hasBaseImage = true;
    }
    await crew.fillIn('carol', 'Confirm', { answer: 'arn:aws:s3:::softfactory-uploads, uploader' });
    return runThat(slipway, 'the run ends', ({ status }) => status === 'ended');
  };

  /** Asks in Slack what every check finds, and waits for the answer that only alice sees. */
  const dryRun = async (): Promise<string> => {
    const { people } = whole.slipway;
    const isReport = (one: Parameters<typeof read>[0]) => read(one).includes('Dry run of');
    const before = people.ephemeralTo('alice').filter(isReport).length;
    await people.command('alice', 'production', '/deploy', `plan production ${version}`);
    const shown = await people.waitForEphemeral(
      'alice',
      () => people.ephemeralTo('alice').filter(isReport).length > before,
      { timeoutMs: 120_000, what: 'the dry run' },
    );
    return read(people.ephemeralTo('alice').filter(isReport).at(-1) ?? shown);
  };

  /** What the API says of itself where nginx asks it. */
  const health = async (): Promise<unknown> => {
    const asking =
      'import urllib.request as r; print(r.urlopen("http://127.0.0.1:8000/api/health").read().decode())';
    return JSON.parse(await whole.debian.shell(`python3 -c '${asking}'`));
  };

  test('brings an empty machine up', async () => {
    const { slipway, repository } = whole;

    const run = await deploy();

    expect(run.outcome).toBe('succeeded');
    expect(run.commit).toBe(repository.commits[version]);
    expect(await health()).toMatchObject({ status: 'ok', version: '2.0.0' });
    expect(stepsThat(run, 'satisfied')).toEqual(onlyLooking);
    expect(stepsThat(run, 'changed')).toHaveLength(Object.keys(stepEnds(run)).length - onlyLooking.length);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  }, 900_000);

  test('finds everything as wanted the second time, and changes nothing', async () => {
    const before = await snapshotOf(whole.debian);

    const run = await deploy();

    expect(run.outcome).toBe('succeeded');
    expect(stepsThat(run, 'changed')).toEqual([]);
    expect(differences(before, await snapshotOf(whole.debian))).toEqual([]);
  }, 600_000);

  test('finds, names and repairs what was changed by hand', async () => {
    const { debian, slipway } = whole;
    for (const { by } of drifts) await debian.shell(by);

    const foreseen = await dryRun();
    const run = await deploy();
    const all = drifts.map(({ names }) => names);
    const thread = await threadWith(slipway, all);
    const afterwards = await dryRun();

    expect(run.outcome).toBe('succeeded');
    expect(stepsThat(run, 'changed')).toEqual(expect.arrayContaining(drifts.map(({ step }) => step)));
    // PostgreSQL is restarted because its file was repaired; nothing else moves.
    expect(stepsThat(run, 'changed')).toHaveLength(drifts.length + 1);
    for (const names of all) {
      expect.soft(foreseen).toContain(names);
      expect.soft(thread).toContain(names);
    }
    expect(afterwards).toContain('0 problems, 0 would change');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  }, 600_000);

  test('writes every log that the unit names', async () => {
    const named = await whole.debian.shell(
      "grep -o '/var/log/[^ ]*' /etc/systemd/system/softfactory.service",
    );

    const sizes = await whole.debian.shell(`stat -c %s ${named.trim().split('\n').join(' ')}`);

    expect(sizes.trim().split('\n')).not.toContain('0');
  });

  test('tells of whatever else would take the port of the API', async () => {
    const { shell } = whole.debian;
    await shell(`docker create --name left-behind --publish 127.0.0.1:8000:8000 softfactory:${version}`);
    const container = await dryRun();
    await shell('docker rm left-behind');
    await shell(`systemctl stop softfactory
systemd-run --quiet --unit=stranger python3 -m http.server 8000 --bind 127.0.0.1
until ss -H -ltn 'sport = :8000' | grep -q .; do sleep 0.1; done`);
    const program = await dryRun();
    await shell('systemctl stop stranger; systemctl start softfactory');

    expect(container).toContain('docker rm --force left-behind');
    expect(program).toMatch(/Port 8000, .* is taken by process \d+: \S*python3 -m http\.server 8000/);
  }, 600_000);

  test('brings the version from before back, in the unit', async () => {
    const { slipway, repository, debian } = whole;
    const crew = crewOf(slipway);
    await deploy('v2.1.0');
    const newer = await health();

    await crew.fillIn('carol', 'Roll back', { severity: 'critical', reason: 'Users see 502.' }, 'v2.1.0');
    await runThat(slipway, 'somebody is asked to tell the users', ({ phases }) =>
      Object.values(phases.tell?.steps ?? {}).some(({ status }) => status === 'asking'),
    );
    await crew.fillIn('carol', 'Confirm', { answer: 'https://status.example.com/1' });
    const run = await runThat(slipway, 'the rollback ends', ({ status }) => status === 'ended');
    const head = await debian.shell(
      'runuser -u softfactory -- git -C /opt/softfactory/current rev-parse HEAD',
    );

    expect(newer).toMatchObject({ status: 'ok', version: '2.1.0' });
    expect(run).toMatchObject({ kind: 'rollback', outcome: 'succeeded' });
    expect(stepEnds(run)).toMatchObject({
      'revert/start-previous': 'changed',
      'revert/healthy': 'satisfied',
    });
    expect(head.trim()).toBe(repository.commits[version]);
    expect(await health()).toMatchObject({ status: 'ok', version: '2.0.0' });
  }, 600_000);

  testRunbooks(() => whole);
});
