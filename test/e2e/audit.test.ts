import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Program, program } from '../cli/program.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf } from './acting.ts';
import { gate, looks, phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'slipway audit of a run from Slack', () => {
  let slipway: Slipway;
  let target: Target;
  let here: Program;

  beforeAll(async () => {
    here = await program();
    target = await startTarget();
    const plan = planOf([
      phase('main', 'Main work', [posts(`${target.url}/deploy`), looks(`${target.url}/health`)], gate()),
    ]);
    slipway = await startSlipway({ plan });
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    await crew.card('succeeded');
  });

  afterAll(async () => {
    await slipway?.stop();
    await target?.stop();
    await here?.remove();
  });

  const audit = (...args: readonly string[]) => here.slipway(['audit', ...args], slipway.env);

  test('lists it, shows who did what with the evidence, and proves it', async () => {
    const listed = await audit('list');
    const shown = await audit('show', 'production-1');
    const verified = await audit('verify');

    expect(listed).toMatchObject({ code: 0, out: 'production-1\n' });
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/RunRequested[\s\S]*by: U0ALICE[\s\S]*Approved[\s\S]*by: U0BOB[\s\S]*RunEnded/);
    expect(shown.out).toContain(`POST ${target.url}/deploy`);
    expect(verified.code).toBe(0);
    expect(verified.out).toContain('nothing was changed');
  });

  test('says so when there is no such run', async () => {
    const shown = await audit('show', 'production-99');
    const verified = await audit('verify', 'production-99');
    const exported = await audit('export', 'production-99');

    expect([shown.code, verified.code, exported.code]).toEqual([2, 2, 2]);
    expect(shown.out + shown.err).toContain('There is no run production-99');
    expect(exported.out + exported.err).toMatch(/no run production-99/);
  });

  test('proves an exported record without a database, and finds a changed letter in it', async () => {
    const { code, out } = await audit('export', 'production-1');
    await here.write('record.json', out);
    await here.write('changed.json', out.replace('U0BOB', 'U0BOC'));

    const good = await here.slipway(['audit', 'verify', '--file', 'record.json']);
    const changed = await here.slipway(['audit', 'verify', '--file', 'changed.json']);

    expect([code, good.code, changed.code]).toEqual([0, 0, 2]);
    expect(changed.out).toContain('does not follow from what is before it');
  });

  test.each([
    [
      'an event',
      `update events set data = replace(data::text, 'U0BOB', 'U0BOC')::jsonb where type = 'Approved'`,
      `update events set data = replace(data::text, 'U0BOC', 'U0BOB')::jsonb where type = 'Approved'`,
      /event \d+ does not follow/,
    ],
    [
      'when an event was',
      `update events set at = at + interval '1 millisecond' where type = 'RunEnded'`,
      `update events set at = at - interval '1 millisecond' where type = 'RunEnded'`,
      /event \d+ does not follow/,
    ],
    [
      'evidence',
      `update evidence set body = replace(body::text, '200', '201')::jsonb`,
      `update evidence set body = replace(body::text, '201', '200')::jsonb`,
      /the evidence [0-9a-f]+ is not what it was/,
    ],
    [
      'the state',
      `update streams set state = replace(state::text, '"v1"', '"v2"')::jsonb where kind = 'run'`,
      `update streams set state = replace(state::text, '"v2"', '"v1"')::jsonb where kind = 'run'`,
      /its state is not what its events say/,
    ],
    [
      'the copy of the plan',
      `update plans set body = replace(body::text, '/deploy', '/depley')::jsonb`,
      `update plans set body = replace(body::text, '/depley', '/deploy')::jsonb`,
      /its copy of the plan is not what it was/,
    ],
  ])('finds one changed letter in %s', async (_, change, back, told) => {
    await slipway.pool.query(change);
    const found = await audit('verify');
    await slipway.pool.query(back);

    expect(found.code).toBe(2);
    expect(found.out).toMatch(told);
  });

  test('proves it again when all is as it was', async () => {
    const verified = await audit('verify', 'production-1');

    expect(verified.code).toBe(0);
  });
});
