import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nothing, phase, planOf } from '../e2e/plans.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { config, type Program, program } from './program.ts';

const tokens = { SLACK_BOT_TOKEN: 'xoxb-not-a-token', SLACK_APP_TOKEN: 'xapp-not-a-token' };
const nobody = 'postgres://slipway:hunter2hunter2@127.0.0.1:1/slipway';

describe('slipway with bad input', () => {
  let here: Program;
  let database: TestDatabase;

  beforeAll(async () => {
    here = await program();
    database = await testDatabase();
  });

  afterAll(async () => {
    await database?.drop();
    await here?.remove();
  });

  beforeEach(async () => {
    await here.write('slipway.yaml', config());
    await here.write('runbooks/deploy/test.yaml', planOf([phase('main', 'Main work', [nothing()])]));
  });

  test('says which file is missing and where to get it', async () => {
    const { code, err } = await here.slipway(['start', '--config', 'nowhere.yaml'], tokens);

    expect(code).toBe(2);
    expect(err).toContain('nowhere.yaml');
    expect(err).toContain('slipway.example.yaml');
  });

  test.each([
    ['a field that is not known', { chanel: 'C1' }, /slipway\.yaml:\d+:\d+ .*chanel.*channel/],
    [
      'a channel by its name',
      { channel: '#production' },
      /slipway\.yaml:\d+:\d+ .*channel.*id of a Slack channel/,
    ],
    ['a plan that is not there', { plan: 'tset' }, /slipway\.yaml:\d+:\d+ .*plan.*"tset".*test/],
    [
      'a group that is not there',
      { may: { deploy: ['deployer'] } },
      /slipway\.yaml:\d+:\d+ .*deployer.*deployers/,
    ],
    [
      'a secret whose variable is not set',
      { secrets: { TOKEN: { env: 'PRODUCTION_TOKEN' } } },
      /slipway\.yaml:\d+:\d+ .*TOKEN.*PRODUCTION_TOKEN is not set/,
    ],
  ])('names file, line and field of %s, and starts nothing', async (_, more, told) => {
    await here.write('slipway.yaml', config(more));

    const started = await here.slipway(['start'], tokens);
    const checked = await here.slipway(['check']);

    expect(started.code).toBe(2);
    expect(started.err).toMatch(told);
    expect(checked.code).toBe(2);
    expect(checked.out).toMatch(told);
    await expect(access(join(here.dir, '.slipway'))).rejects.toThrow('ENOENT');
  });

  test('says which tokens it needs and how they begin', async () => {
    const { code, err } = await here.slipway(['start']);

    expect(code).toBe(2);
    expect(err).toMatch(/SLACK_BOT_TOKEN.*xoxb-/);
    expect(err).toMatch(/SLACK_APP_TOKEN.*SLACK_SIGNING_SECRET/);
  });

  test.each([
    [
      'a step that is not there',
      [phase('main', 'Main', [{ id: 'a', uses: 'http/requst' }])],
      /http\/requst.*http\/request/,
    ],
    [
      'phases that need each other',
      [
        phase('one', 'One', [nothing()], { needs: ['two'] }),
        phase('two', 'Two', [nothing()], { needs: ['one'] }),
      ],
      /one.*two/,
    ],
    [
      'a variable that nobody set',
      [phase('main', 'Main', [{ id: 'a', uses: 'http/request', with: { url: '$' + '{URL}' } }])],
      /URL/,
    ],
    ['a phase without steps', [{ id: 'main', title: 'Main' }], /steps/],
  ])('names file and line of %s', async (_, phases, told) => {
    await here.write('runbooks/deploy/test.yaml', planOf(phases));

    const checked = await here.slipway(['check']);
    const planned = await here.slipway(['plan', 'production']);

    expect(checked.code).toBe(2);
    expect(checked.out).toMatch(/test\.yaml:\d+:\d+/);
    expect(checked.out).toMatch(told);
    expect(planned.code).toBe(2);
    expect(planned.err).toMatch(told);
  });

  test('names an environment that is not there, and those that are', async () => {
    const { code, err } = await here.slipway(['plan', 'staging']);

    expect(code).toBe(2);
    expect(err).toContain('There is no environment staging; configured are: production.');
  });

  test('never ends a mistyped command as if something would change', async () => {
    const missing = await here.slipway(['plan']);
    const unknown = await here.slipway(['pln', 'production']);
    const help = await here.slipway(['--help']);

    expect([missing.code, unknown.code, help.code]).toEqual([2, 2, 0]);
    expect(missing.err).toContain('environment');
  });

  test('names host and port of a database that does not answer, without its password', async () => {
    const started = await here.slipway(['start'], { ...tokens, DATABASE_URL: nobody });
    const listed = await here.slipway(['audit', 'list'], { DATABASE_URL: nobody });

    for (const { code, err } of [started, listed]) {
      expect(code).toBe(2);
      expect(err).toContain('PostgreSQL at 127.0.0.1:1/slipway does not answer');
      expect(err).toContain('DATABASE_URL');
      expect(err).not.toContain('hunter2');
      expect(err).not.toContain('    at ');
    }
  });

  test('names host and port of a Redis that does not answer, without its password', async () => {
    const { code, err } = await here.slipway(['start'], {
      ...tokens,
      DATABASE_URL: database.url,
      REDIS_URL: 'redis://:hunter2hunter2@127.0.0.1:1/0',
    });

    expect(code).toBe(2);
    expect(err).toContain('Redis at 127.0.0.1:1 does not answer');
    expect(err).toContain('REDIS_URL');
    expect(err).not.toContain('hunter2');
  });

  test('names the address of a Slack that does not answer', async () => {
    const { code, err } = await here.slipway(['start'], {
      ...tokens,
      DATABASE_URL: database.url,
      SLACK_API_URL: 'http://127.0.0.1:1/api/',
    });

    expect(code).toBe(2);
    expect(err).toContain('Slack at http://127.0.0.1:1/api/ does not answer');
    expect(err).toContain('SLACK_API_URL');
  });

  test('says of a file that holds no exported record what it should be', async () => {
    await here.write('record.json', '{"stream":"production-1"}');

    const wrong = await here.slipway(['audit', 'verify', '--file', 'record.json']);
    const missing = await here.slipway(['audit', 'verify', '--file', 'nowhere.json']);

    expect([wrong.code, missing.code]).toEqual([2, 2]);
    expect(wrong.err).toContain('record.json holds no exported record');
    expect(missing.err).toContain('nowhere.json cannot be read');
  });
});
