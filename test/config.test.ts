import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { reveal } from '../src/secret.ts';
import { formatProblems } from '../src/yaml-file.ts';

const good = `groups:
  deployer: [U0ALICE]
  approver: [U0BOB, S0TEAM]
environments:
  production:
    channel: C0LAUNCH
    plan: shop
    may: { deploy: [deployer], rollback: [deployer, approver] }
    variables: { API_URL: https://shop.example, PORT: 8000 }
    secrets:
      DATABASE_URL: { env: SHOP_DATABASE_URL }
      TOKEN: { file: token.txt }
    hosts:
      app:
        address: 10.0.0.5
        user: deploy
        privateKey: { file: id_ed25519 }
        hostKey: SHA256:${'A'.repeat(43)}
`;
const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SHOP_DATABASE_URL: 'postgres://db' };

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'));
  file = join(folder, 'slipway.yaml');
  await mkdir(join(folder, 'runbooks', 'deploy'), { recursive: true });
  await writeFile(join(folder, 'runbooks', 'deploy', 'shop.yaml'), '');
  await writeFile(join(folder, 'token.txt'), 'from a file\n');
  await writeFile(join(folder, 'id_ed25519'), '-----BEGIN KEY-----\n');
  await writeFile(file, good);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function told(env: Record<string, string | undefined> = tokens): Promise<string> {
  const loaded = await loadConfig({ file, env });
  return 'problems' in loaded ? formatProblems(loaded.problems).replaceAll(folder, '') : '';
}

describe('the configuration', () => {
  test('is one frozen value with absolute folders and secrets that do not print', async () => {
    const loaded = await loadConfig({ file, env: { ...tokens, SLACK_API_URL: 'http://127.0.0.1:9/api' } });

    if ('problems' in loaded) throw new Error(formatProblems(loaded.problems));
    const { config } = loaded;
    const production = config.environments.production;
    expect(production?.values).toMatchObject({ API_URL: 'https://shop.example', PORT: '8000' });
    expect(reveal(production?.values.DATABASE_URL ?? '')).toBe('postgres://db');
    expect(reveal(production?.values.TOKEN ?? '')).toBe('from a file');
    expect(production?.hosts.app).toMatchObject({ address: '10.0.0.5', port: 22, user: 'deploy' });
    expect(production?.may).toEqual({ deploy: ['deployer'], rollback: ['deployer', 'approver'], lock: [] });
    expect(production?.selfApproval).toBe(false);
    expect(config).toMatchObject({
      runbooks: join(folder, 'runbooks'),
      dataDir: join(folder, '.slipway'),
      slack: { apiUrl: 'http://127.0.0.1:9/api/', port: 3000, host: '127.0.0.1' },
      concurrency: 10,
      leaseMs: 30_000,
    });
    expect(Object.isFrozen(production?.hosts.app)).toBe(true);
    expect(JSON.stringify(config)).not.toMatch(/xoxb|xapp|postgres:|from a file|BEGIN/);
  });

  test('has for an environment where its versions are kept', async () => {
    const source = `
    source:
      repository: git@git.example:crew/shop.git
      key: { file: id_ed25519 }
      image: registry.example:5000/crew/shop
      registry: { user: robot, password: { env: REGISTRY_PASSWORD } }
`;
    await writeFile(file, good.replace('\n    secrets:', `${source}    secrets:`));

    const loaded = await loadConfig({ file, env: { ...tokens, REGISTRY_PASSWORD: 'registry-pw' } });

    if ('problems' in loaded) throw new Error(formatProblems(loaded.problems));
    const found = loaded.config.environments.production?.source;
    expect(found).toMatchObject({
      repository: 'git@git.example:crew/shop.git',
      image: 'registry.example:5000/crew/shop',
      registry: { user: 'robot' },
    });
    expect(found?.key?.reveal()).toContain('BEGIN KEY');
    expect(found?.registry?.password.reveal()).toBe('registry-pw');
    expect(JSON.stringify(loaded)).not.toMatch(/registry-pw|BEGIN/);
  });

  test.each([
    ['repository: shop', 'source.repository'],
    ['repository: https://crew:ghp_token@git.example/shop.git', 'source.repository'],
    ['repository: "https://git.example/shop.git"\n      key: ghp_token', 'source.key'],
    ['repository: file:///shop\n      image: shop:v1', 'source.image'],
    ['repository: file:///shop\n      image: registry.example/shop:v1', 'source.image'],
  ])('refuses a source such as %s, and quotes no secret', async (source, path) => {
    await writeFile(file, good.replace('\n    secrets:', `\n    source:\n      ${source}\n    secrets:`));

    const problems = await told();

    expect(problems).toContain(`environments.production.${path}`);
    expect(problems).not.toContain('ghp_token');
  });

  test.each(['COMMIT', 'IMAGE_DIGEST', 'PREVIOUS_COMMIT', 'PREVIOUS_IMAGE_DIGEST'])(
    'leaves %s to the deployments',
    async (name) => {
      await writeFile(file, good.replace('PORT: 8000', `${name}: x`));

      expect(await told()).toContain(`${name} is set by every deployment itself`);
    },
  );

  test('needs Slack only where Slack is needed', async () => {
    const loaded = await loadConfig({ file, env: { SHOP_DATABASE_URL: 'x' }, need: { slack: false } });

    expect('config' in loaded).toBe(true);
  });

  test('tells everything that is wrong at once, each with its line', async () => {
    await rm(join(folder, 'token.txt'));
    await writeFile(
      file,
      good
        .replace('deployer: [U0ALICE]', 'deployer: []')
        .replace('deploy: [deployer]', 'deploy: [deployers]')
        .replace('plan: shop', 'plan: shopp')
        .replace('PORT: 8000', 'TOKEN: 1, VERSION: v1'),
    );

    const lines = await told({ SLACK_BOT_TOKEN: 'xapp-oops' });

    expect(lines.split('\n')).toEqual([
      expect.stringMatching(
        /^\/slipway.yaml:2:3 {2}groups.deployer: has nobody in it; list at least one Slack id$/,
      ),
      expect.stringMatching(
        /^\/slipway.yaml:7:11 {2}environments.production.plan: there is no plan "shopp" .*mean "shop"\?$/,
      ),
      expect.stringMatching(
        /yaml:8:21 {2}environments.production.may.deploy\[0\]: there is no group "deployers".*mean "deployer"\?/,
      ),
      expect.stringMatching(
        /yaml:9:59 {2}environments.production.variables.VERSION: VERSION is set by every/,
      ),
      expect.stringMatching(/yaml:11:28 .*SHOP_DATABASE_URL is not set; set it, or name a file/),
      expect.stringMatching(/yaml:12:7 .*TOKEN is also a variable of this environment/),
      expect.stringMatching(/yaml:12:22 .*token.txt cannot be read \(ENOENT\)/),
      expect.stringMatching(
        /^environment variables {2}SLACK_BOT_TOKEN: found a value that is not shown, expected a bot token, which begins with xoxb-: at/,
      ),
      expect.stringMatching(/^environment variables {2}SLACK_APP_TOKEN: is not set, and neither/),
      '',
    ]);
  });

  test.each([
    [
      'channel: C0LAUNCH',
      'channel: "#launch"',
      '6:14  environments.production.channel: found "#launch", expected the id',
    ],
    ['[U0ALICE]', '[alice]', '2:14  groups.deployer[0]: found "alice", expected the id of a Slack user'],
    [
      'plan: shop',
      'plan: shop\n    selfAproval: true',
      'unknown key "selfAproval"; did you mean "selfApproval"?',
    ],
    [
      '{ env: SHOP_DATABASE_URL }',
      'hunter2',
      'DATABASE_URL: found a value that is not shown, expected a mapping',
    ],
    [`SHA256:${'A'.repeat(43)}`, 'MD5:00', 'hostKey: found "MD5:00", expected a fingerprint such as SHA256:'],
  ])('refuses a file where %j became %j', async (from, to, message) => {
    await writeFile(file, good.replace(from, to));

    const lines = await told();

    expect(lines).toContain(message);
    expect(lines).not.toContain('hunter2');
  });

  test('tells where to get a file when there is none', async () => {
    await rm(file);

    const lines = await told();

    expect(lines).toBe(
      '/slipway.yaml  cannot be read; copy slipway.example.yaml there, or name another file with SLIPWAY_CONFIG\n',
    );
  });

  test('tells which environment variables are malformed without their values', async () => {
    const env = {
      ...tokens,
      DATABASE_URL: 'mysql://u:pw@h',
      REDIS_URL: 'redis://:pw@h',
      PORT: '80x',
      LOG_LEVEL: 'inof',
    };

    const lines = await told(env);

    expect(lines.trimEnd().split('\n')).toEqual([
      expect.stringContaining(
        'DATABASE_URL: found a value that is not shown, expected an address such as postgres://',
      ),
      'environment variables  PORT: found "80x", expected a port number from 0 to 65535',
      expect.stringContaining('LOG_LEVEL: found "inof", expected one of trace, debug, info'),
    ]);
    expect(lines).not.toContain('mysql://u');
  });
});
