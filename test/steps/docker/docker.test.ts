import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { dockerEngine } from '../../../src/steps/docker/docker-engine.ts';
import { dockerImage } from '../../../src/steps/docker/docker-image.ts';
import { dockerRunning } from '../../../src/steps/docker/docker-running.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { startDocker } from './docker-host.ts';

const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
const revision = 'org.opencontainers.image.revision';

describeWith('debian-host', 'Docker on a host', () => {
  let dir: string;
  let debian: DebianHost;
  let context: { hosts: Record<string, DebianHost['host']> };
  const wanted = { host: 'app', directory: '/srv/app', name: 'softfactory', tag: '1.0', commit: one };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
    debian = await startHost({ dir });
    context = { hosts: { app: debian.host } };
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('a host without Docker is told as one', async () => {
    const engine = await checking(dockerEngine, { host: 'app' }, context);
    const image = await checking(dockerImage, wanted, context);
    const running = await failureOf(
      checking(dockerRunning, { host: 'app', container: 'softfactory' }, context),
    );

    expect(engine).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('There is no docker on deploy@'),
    });
    expect(image).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('There is no docker on deploy@'),
    });
    expect(running.code).toBe('not-found');
    await startDocker(debian);
    await debian.shell(
      `mkdir -p /srv/app && cd /srv/app && printf 'FROM base:1\\nARG COLOUR\\nLABEL colour=$COLOUR\\nCOPY page /\\n' >Dockerfile && echo page >page`,
    );
  }, 600_000);

  contract(dockerEngine, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted: { host: 'app' },
    hung: (port) => ({ wanted: { host: 'app' }, context: hungAt(port) }),
    context,
    snapshot: () => debian.shell('docker images -a --quiet; docker ps -a --quiet'),
    close: async () => {},
  }));

  contract(dockerImage, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    const parameters = {
      ...wanted,
      tag: 'contract',
      buildArgs: { COLOUR: new Secret('COLOUR', 'ultra-violet') },
    };
    return {
      wanted: parameters,
      hung: (port) => ({ wanted: parameters, context: hungAt(port) }),
      context,
      snapshot: () =>
        debian.shell(
          'docker images --no-trunc --format "{{.Repository}}:{{.Tag}} {{.ID}}" | grep -v none | sort',
        ),
      close: async () => {},
    };
  });

  contract(dockerRunning, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted: { host: 'app', container: 'softfactory' },
    hung: (port) => ({ wanted: { host: 'app', container: 'softfactory' }, context: hungAt(port) }),
    context,
    snapshot: () => debian.shell('docker ps -a --no-trunc'),
    close: async () => {},
  }));

  test('an engine that is too old, and a Compose that is missing, are told', async () => {
    const old = await checking(dockerEngine, { host: 'app', version: '>=27.1' }, context);
    const compose = await checking(dockerEngine, { host: 'app', compose: '>=2' }, context);

    expect(old).toMatchObject({
      because: expect.stringMatching(/runs Docker 20\.10\.[\d.+a-z]+, wanted is >=27\.1\.$/),
    });
    expect(compose).toMatchObject({
      because: expect.stringMatching(/^There is no Docker Compose on .*, wanted is >=2\.$/),
    });
  });

  test('an account that may not use Docker is told apart from a daemon that does not run', async () => {
    const denied = await checking(dockerEngine, { host: 'app', as: 'deploy' }, context);
    await debian.shell('usermod -aG docker deploy; systemctl stop docker.socket docker.service');
    const stopped = await checking(dockerEngine, { host: 'app' }, context);
    const failure = await failureOf(checking(dockerImage, wanted, context));
    await debian.shell('systemctl start docker');
    const allowed = await checking(dockerEngine, { host: 'app', as: 'deploy' }, context);

    expect(denied).toMatchObject({
      because: expect.stringContaining('deploy may not use /var/run/docker.sock'),
    });
    expect(stopped).toMatchObject({ because: expect.stringContaining('The Docker daemon on deploy@') });
    expect(failure.code).toBe('connection-refused');
    expect(allowed.is).toBe('satisfied');
  });

  test('an image is built with its commit and labels, streamed, and its id is in the evidence', async () => {
    const lines: string[] = [];
    const parameters = { labels: { colour: 'red' }, buildArgs: { COLOUR: 'red' } };

    const result = await applied(parameters, { log: (text) => void lines.push(text) });
    const found = await checking(dockerImage, { ...wanted, ...parameters }, context);
    const labels = await debian.shell(
      `docker image inspect --format '{{json .Config.Labels}}' softfactory:1.0`,
    );
    const id = (await debian.shell(`docker image inspect --format '{{.Id}}' softfactory:1.0`)).trim();

    expect(JSON.parse(labels)).toEqual({ colour: 'red', [revision]: one });
    expect(lines.join('')).toContain('Step 1/');
    expect(result?.evidence[0]?.answered).toContain(id);
    expect(found).toMatchObject({
      is: 'satisfied',
      evidence: [{ answered: expect.stringContaining(`${id}, `) }],
    });
  });

  test('an image of another commit is replaced, and undo gives the tag back', async () => {
    await applied();
    const before = await debian.shell('docker image inspect --format "{{.Id}}" softfactory:1.0');
    const other = { ...wanted, commit: two };

    const drift = await checking(dockerImage, other, context);
    const { remember } = (await applied({ commit: two })) ?? {};
    const after = await checking(dockerImage, other, context);
    await undone(remember);

    expect(drift).toMatchObject({
      because: expect.stringContaining(`was built from ${one}, wanted is ${two}.`),
    });
    expect(after.is).toBe('satisfied');
    expect(await debian.shell('docker image inspect --format "{{.Id}}" softfactory:1.0')).toBe(before);
  });

  test('an undo leaves a tag that somebody moved, and tells when the former image is gone', async () => {
    await applied();
    const { remember } = (await applied({ commit: two })) ?? {};
    await debian.shell('docker tag base:1 softfactory:1.0');

    const moved = await failureOf(undone(remember));
    const built = await applied({ commit: '3'.repeat(40) });
    const gone = await failureOf(undone({ ...Object(built?.remember), former: `sha256:${'0'.repeat(64)}` }));

    expect([moved.code, gone.code]).toEqual(['not-undone', 'not-undone']);
    expect(moved.message).toContain('stands for another image');
    expect(gone.message).toContain('is no longer on');
  });

  test('a build that fails leaves the tag alone', async () => {
    await applied();
    const before = await debian.shell('docker image inspect --format "{{.Id}}" softfactory:1.0');
    await debian.shell(`printf 'FROM base:1\\nCOPY nothing /\\n' >/srv/app/Dockerfile.broken`);

    const failed = await failureOf(applied({ commit: two, file: 'Dockerfile.broken' }));
    const noFile = await failureOf(applied({ commit: two, file: 'Dockerfile.none' }));
    const noDirectory = await failureOf(applied({ commit: two, directory: '/srv/none' }));

    expect([failed.code, noFile.code, noDirectory.code]).toEqual([
      'command-failed',
      'not-found',
      'not-found',
    ]);
    expect(failed.message).toContain('nothing');
    expect(await debian.shell('docker image inspect --format "{{.Id}}" softfactory:1.0')).toBe(before);
  });

  test('a build whose connection is lost can be run again', async () => {
    await debian.shell(`docker image rm -f softfactory:1.0
printf '#!/bin/sh\\ncase $1 in build) touch /tmp/building; sleep 4 ;; esac\\nexec /usr/bin/docker "$@"\\n' >/usr/local/bin/docker
chmod 755 /usr/local/bin/docker`);

    const building = failureOf(applied());
    await debian.shell('until [ -e /tmp/building ]; do sleep 0.05; done; pkill -KILL -u deploy sshd');
    const failure = await building;
    const during = await checking(dockerImage, wanted, context);
    await debian.shell('rm /usr/local/bin/docker');
    await applied();

    expect(failure.code).toBe('connection-refused');
    expect(during.is).toBe('unsatisfied');
    expect((await checking(dockerImage, wanted, context)).is).toBe('satisfied');
  });

  test('an image is not labelled with a commit that its checkout is not at', async () => {
    await debian.shell(
      'cp -r /srv/app /srv/checkout; cd /srv/checkout; git init -q .; git add -A; git -c user.name=a -c user.email=a@b.example commit -qm one',
    );
    const commit = (await debian.shell('git -C /srv/checkout rev-parse HEAD')).trim();

    const other = await failureOf(applied({ directory: '/srv/checkout', tag: 'git', commit: two }));
    await applied({ directory: '/srv/checkout', tag: 'git', commit });
    await debian.shell('echo changed >/srv/checkout/page; docker image rm softfactory:git');
    const changed = await failureOf(applied({ directory: '/srv/checkout', tag: 'git', commit }));

    expect(other.message).toContain(`/srv/checkout on deploy@${debian.address}:22 is not at ${two}`);
    expect(changed.message).toMatch(/^Tracked files in \/srv\/checkout .* are changed/);
  });

  // A host inside this machine may make no control groups, so its containers can be created but not started.
  test('the image of a container is recorded, by id, name and revision', async () => {
    await applied();
    const none = await checking(dockerRunning, { host: 'app', container: 'shop' }, context);
    await debian.shell('docker create --name shop softfactory:1.0');
    const id = (await debian.shell('docker image inspect --format "{{.Id}}" softfactory:1.0')).trim();

    const found = await checking(dockerRunning, { host: 'app', container: 'shop' }, context);
    await debian.shell('docker rm shop');

    expect(none).toMatchObject({ is: 'satisfied', evidence: [{ answered: 'there is no such container' }] });
    expect(found).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          answered: expect.stringMatching(
            new RegExp(
              `^image ${id}\nnamed softfactory:1\\.0\ndigests none, .*\nrevision ${one}\ncreated since `,
            ),
          ),
        },
      ],
    });
  });

  function hungAt(port: number) {
    return { hosts: { app: { ...debian.host, address: '127.0.0.1', port } } };
  }

  async function applied(other: Record<string, unknown> = {}, around: Parameters<typeof contextOf>[0] = {}) {
    return dockerImage.apply?.(
      dockerImage.with.parse({ ...wanted, ...other }),
      contextOf({ ...context, ...around }),
    );
  }

  async function undone(remember: unknown) {
    return dockerImage.undo?.(
      dockerImage.with.parse(wanted),
      contextOf(context),
      JSON.parse(JSON.stringify(remember)),
    );
  }
});
