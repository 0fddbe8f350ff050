import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, expect, inject, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { looks, phase, planOf, posts, taken } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'a rollback from Slack', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;
  const created: string[] = [];

  afterEach(async () => {
    await slipway?.stop();
    await target?.stop();
    slipway = target = undefined;
    for (const name of created.splice(0)) await query(`drop database if exists ${name} with (force)`);
  });

  /** A plan that creates a database, tells a cache, which nothing takes back, and looks at the app. */
  async function opened() {
    target = await startTarget();
    const name = `app_${randomBytes(4).toString('hex')}`;
    created.push(name);
    const database = {
      id: 'database',
      title: 'The database exists',
      uses: 'postgres/database',
      with: { server: taken('SERVER'), name },
    };
    const plan = planOf(
      [
        phase('setup', 'Setup', [database, posts(`${target.url}/cache`)]),
        phase('smoke', 'Smoke tests', [looks(`${target.url}/health`)], { needs: ['setup'] }),
      ],
      {
        rollback: {
          critical: {
            phases: [
              phase('switch', 'Switch the old version on', [
                posts(`${target.url}/old`, { title: 'The old version serves' }),
              ]),
            ],
          },
        },
      },
    );
    slipway = await startSlipway({ plan, secrets: { SERVER: inject('postgresUrl') } });
    return { name, target, slipway, crew: crewOf(slipway) };
  }

  test('undoes what a failed deployment changed, after saying what cannot be undone', async () => {
    const { name, target, slipway, crew } = await opened();
    target.say('/health', { status: 502 });

    await crew.deploy('alice', 'production v2');
    await crew.offered('Retry');
    const before = await exists(name);
    const modal = await crew.fillIn(
      'carol',
      'Roll back',
      { severity: 'critical', reason: 'Users see 502.' },
      'Smoke tests',
    );
    const card = await crew.card('rollback of production-1', 'rolled back');
    const first = await crew.card('v2', 'taken back');
    const end = await crew.message('Taken back', 'No undo of its own');
    await crew.settled();

    expect(before).toBe(true);
    expect(read(modal)).toMatch(/Will be undone, newest first\*\n?[\s\S]*The database exists/);
    expect(read(modal)).toMatch(/Cannot be undone\*\n?[\s\S]*The cache is told[\s\S]*Will be undone/);
    expect(await exists(name)).toBe(false);
    expect(target.asked).toEqual(['POST /cache', 'GET /health', 'POST /old']);
    expect(read(card)).toContain('Severity critical: Users see 502.');
    expect(read(first)).toContain('<@U0CAROL>');
    expect(read(end)).toMatch(/Taken back[\s\S]*The database exists[\s\S]*No undo[\s\S]*The cache is told/);
    expect(read(end)).not.toContain('The old version serves');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('of a finished deployment locks the environment until a cause is written', async () => {
    const { name, slipway, crew } = await opened();
    const { people } = slipway;

    await crew.deploy('alice', 'production v2');
    await crew.card('v2', 'succeeded');
    await crew.fillIn('alice', 'Roll back', { severity: 'critical', reason: 'Orders are lost.' });
    await crew.card('rollback of production-1', 'rolled back');
    const first = await crew.card('v2', 'Taken back by <@U0ALICE>', 'Orders are lost.');
    await crew.deploy('carol', 'production v3');
    const locked = await crew.told('carol', 'locked');
    await crew.deploy('carol', 'unlock production');
    await people.waitForModal({ title: 'Unlock' });
    await people.submitModal('carol', { cause: 'A migration dropped an index.' });
    await crew.told('carol', 'open again');
    await crew.deploy('alice', 'production v3');
    await crew.card('v3', 'succeeded');

    expect(slipway.people.buttons(first)).toEqual(['Plan']);
    expect(read(locked)).toContain('Orders are lost.');
    expect(await exists(name)).toBe(true);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('of a plan without a rollback section undoes what its steps can undo', async () => {
    const name = `app_${randomBytes(4).toString('hex')}`;
    created.push(name);
    const step = { id: 'database', uses: 'postgres/database', with: { server: taken('SERVER'), name } };
    slipway = await startSlipway({
      plan: planOf([phase('setup', 'Setup', [step])]),
      secrets: { SERVER: inject('postgresUrl') },
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.card('v1', 'succeeded');
    await crew.fillIn('alice', 'Roll back', { severity: 'medium', reason: 'Not needed.' });
    await crew.card('rollback of production-1', 'rolled back');

    expect(await exists(name)).toBe(false);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is refused to whoever may not roll back, and told to them alone', async () => {
    const { slipway, crew } = await opened();

    await crew.deploy('alice', 'production v2');
    await crew.card('v2', 'succeeded');
    await crew.fillIn('bob', 'Roll back', { severity: 'critical', reason: 'I would like to.' });
    const refusal = await crew.told('bob', 'right to roll back');
    await crew.fillIn('alice', 'Roll back', { severity: 'critical', reason: 'Truly broken.' });
    const card = await crew.card('rollback of production-1', 'rolled back');

    expect(read(refusal)).toContain('not in a group');
    expect(read(card)).toContain('<@U0ALICE>');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

async function exists(name: string): Promise<boolean> {
  return (await query(`select 1 from pg_database where datname = '${name}'`)) === 1;
}

async function query(sql: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    return (await client.query(sql)).rowCount;
  } finally {
    await client.end();
  }
}
