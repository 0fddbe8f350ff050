import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRepository } from '../../rehearsal/registry/repository.ts';
import { confirms, looks, phase, planOf, posts, taken } from '../e2e/plans.ts';
import { startTarget, type Target } from '../e2e/target.ts';
import { config, type Program, program } from './program.ts';

describe('slipway plan', () => {
  let here: Program;
  let target: Target;

  beforeAll(async () => {
    here = await program();
    target = await startTarget();
    await here.write('slipway.yaml', config());
  });

  afterAll(async () => {
    await target?.stop();
    await here?.remove();
  });

  const planned = async (...steps: readonly unknown[]) => {
    await here.write('runbooks/deploy/test.yaml', planOf([phase('main', 'Main work', steps)]));
    return here.slipway(['plan', 'production', 'v1']);
  };

  test('ends with 0 when everything is as wanted', async () => {
    const { code, out } = await planned(looks(`${target.url}/health`));

    expect(code).toBe(0);
    expect(out).toContain('1 step as wanted');
  });

  test('ends with 1 when something would change, and changes nothing', async () => {
    const before = target.asked.length;

    const { code, out } = await planned(looks(`${target.url}/health`), posts(`${target.url}/deploy`));

    expect(code).toBe(1);
    expect(out).toMatch(/change +The cache is told/);
    expect(target.asked.slice(before)).toEqual(['GET /health']);
  });

  test('ends with 1 when people would be asked', async () => {
    await here.write('slipway.yaml', {
      ...config(),
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0CAROL'] },
    });

    const { code, out } = await planned(confirms());

    expect(code).toBe(1);
    expect(out).toMatch(/ask +Somebody looks/);
  });

  test('looks the version up where the environment says, and ends with 2 when it is not there', async () => {
    const repository = await makeRepository(join(here.dir, 'repository'));
    const tip = await repository.git('rev-parse', 'HEAD');
    await repository.git('tag', 'v1');
    await here.write('slipway.yaml', config({ source: { repository: repository.url } }));

    const found = await planned(looks(`${target.url}/${taken('COMMIT')}`));
    await repository.git('tag', '--delete', 'v1');
    const gone = await planned(looks(`${target.url}/${taken('COMMIT')}`));
    await here.write('slipway.yaml', config());

    expect([found.code, gone.code]).toEqual([0, 2]);
    expect(found.out).toContain(`v1 is the commit ${tip}.`);
    expect(target.asked).toContain(`GET /${tip}`);
    expect(gone.err).toContain('has no tag or branch v1');
  });

  test('ends with 2 when something is wrong that nothing would put right, and names the host', async () => {
    target.say('/health', { status: 503 });

    const wrong = await planned(looks(`${target.url}/health`), posts(`${target.url}/deploy`));
    const gone = await planned(looks('http://127.0.0.1:1/health'));

    expect([wrong.code, gone.code]).toEqual([2, 2]);
    expect(wrong.out).toMatch(/PROBLEM +The app answers[\s\S]*status 503/);
    expect(gone.out).toMatch(/127\.0\.0\.1:1\/health refuses connections/);
  });
});
