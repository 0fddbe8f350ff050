import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dryRun, type Foreseen } from '../../src/engine/dry-run.ts';
import { changeLock } from '../../src/engine/locks.ts';
import { currentPlan, reviseRun } from '../../src/engine/request-run.ts';
import { Failure } from '../../src/errors.ts';
import { historyOf, planCopy } from '../../src/store/record.ts';
import { dora, type Engine, emil, planOf, startEngine } from '../support/engine.ts';
import { countOf } from '../support/store.ts';

const gate = { approvals: { ops: 1 } };
const gated = (...steps: readonly unknown[]) => planOf([{ id: 'only', gate, steps }]);

describe('asking for a run', () => {
  let engine: Engine;

  beforeEach(async () => {
    engine = await startEngine('postgres', gated('a'));
  });

  afterEach(async () => {
    await engine.close();
  });

  const approve = async (id: string, by = dora) => {
    const { digest = '' } = (await engine.runs.find(id)) ?? {};
    return engine.runs.handle(id, { type: 'Approve', phase: 'only', by, digest });
  };

  test('starts one with a copy of its plan', async () => {
    const asked = await engine.request();

    if (!asked.ok) throw new Error(asked.refusal.code);
    expect(asked.run).toMatchObject({
      version: 'v1',
      requestedBy: 'U0DORA',
      status: 'running',
      environment: 'production',
    });
    expect(await planCopy(engine.store.pool, asked.run.planHash)).toMatchObject({
      name: 'test',
      title: 'Test plan',
    });
  });

  test('lets one of many start that ask at once, and tells the others who has the environment', async () => {
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, index) => engine.request({ ...dora, id: `U${index}` })),
    );

    const won = asked.filter(({ ok }) => ok);
    expect(won).toHaveLength(1);
    const id = won[0]?.ok ? won[0].run.id : '';
    for (const other of asked) {
      if (!other.ok) expect(other).toMatchObject({ refusal: { code: 'environment-busy' }, holder: { id } });
    }
    expect(await countOf(engine.store.pool, "streams where kind = 'run'")).toBe(1);
  });

  test('refuses who has no right to deploy, and writes nothing', async () => {
    const asked = await engine.request({ ...dora, may: [] });

    expect(asked).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
    expect(await countOf(engine.store.pool, 'streams')).toBe(0);
  });

  test('refuses while somebody else holds the lock, and not while one does so oneself', async () => {
    const lock = { type: 'Lock', by: emil, environment: 'production', reason: 'the fair' } as const;
    await changeLock(engine.runs, 'production', lock);

    const refused = await engine.request(dora);
    const own = await engine.request(emil);

    expect(refused).toMatchObject({ ok: false, refusal: { code: 'environment-locked' } });
    expect(JSON.stringify(refused)).toContain('the fair');
    expect(own).toMatchObject({ ok: true });
  });

  test('takes another version of one who waits, voids the approvals and says why', async () => {
    await engine.writePlan(planOf([{ id: 'only', gate: { approvals: { ops: 2 } }, steps: ['a'] }]));
    const id = await engine.started();
    await approve(id, emil);

    const revised = await engine.request(dora, 'v2');

    expect(revised).toMatchObject({ ok: true, revised: true, run: { id, version: 'v2' } });
    const run = await engine.runs.find(id);
    expect(run?.phases.only?.gate).toMatchObject({ approvals: [], voided: ['version v1 → v2'] });
  });

  test('refuses another version once something has begun', async () => {
    const ask = { id: 'ask', uses: 'people/confirm', with: { prompt: 'Well?', from: ['ops'] } };
    await engine.writePlan(gated(ask));
    const id = await engine.started();
    await approve(id, emil);
    await engine.when(id, ({ phases }) => phases.only?.status === 'paused');

    expect(await engine.request(dora, 'v2')).toMatchObject({
      ok: false,
      refusal: { code: 'environment-busy' },
      holder: { id },
    });
  });

  test('is not touched by an edit of the plan, except that the next run has it', async () => {
    const id = await engine.started();
    await engine.writePlan(gated('b'));
    await approve(id, emil);
    await engine.when(id, ({ status }) => status === 'ended');
    const first = [...engine.world.things];

    const next = await engine.started();
    await approve(next, emil);
    await engine.when(next, ({ status }) => status === 'ended');

    expect(first).toEqual(['a']);
    expect([...engine.world.things]).toEqual(['a', 'b']);
    expect((await engine.runs.find(next))?.previous).toBe('v1');
  });

  test('tells every problem of the plan with file and line', async () => {
    await engine.writePlan(
      planOf([{ id: 'only', needs: ['nobody'], steps: [{ id: 'x', uses: 'no/such' }] }]),
    );

    const error = await engine.request().catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'plan-invalid' });
    expect(String(error)).toMatch(/test\.yaml:\d+/);
    expect(String(error)).toContain('nobody');
    expect(String(error)).toContain('no/such');
  });

  test('has its approvals voided when a variable changes before it begins', async () => {
    const named = { id: 'a', uses: 'world/thing', with: { name: '$' + '{THING}' } };
    await engine.close();
    engine = await startEngine(
      'postgres',
      planOf([{ id: 'only', gate: { approvals: { ops: 2 } }, steps: [named] }]),
      { values: { THING: 'a' } },
    );
    const id = await engine.started();
    await approve(id, emil);
    const { parts } = engine.runs;
    const changed = { ...parts.config.environments.production, values: { THING: 'b' } };
    Object.assign(parts.config.environments, { production: changed });

    await reviseRun(engine.runs, id);
    await reviseRun(engine.runs, id);

    const run = await engine.runs.find(id);
    expect(run?.phases.only?.gate).toMatchObject({ approvals: [], voided: ['parameter THING changed'] });
    const history = await historyOf(engine.store.pool, id);
    expect(history.filter(({ type }) => type === 'RunRevised')).toHaveLength(1);
  });

  test('stays at the commit that its version was when it was asked for, whatever becomes of the branch', async () => {
    const head = { commit: '1'.repeat(40), image: `sha256:${'1'.repeat(64)}` };
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return { ...head, notes: [] };
    };
    const takes = (name: string) => `\${${name}}`;
    const named = { id: 'a', uses: 'world/thing', with: { name: `${takes('COMMIT')} ${takes('THING')}` } };
    await engine.close();
    engine = await startEngine('postgres', gated(named), { values: { THING: 'a' }, resolve });
    const id = await engine.started();
    Object.assign(head, { commit: '2'.repeat(40), image: `sha256:${'2'.repeat(64)}` });
    const { parts } = engine.runs;
    const changed = { ...parts.config.environments.production, values: { THING: 'b' } };
    Object.assign(parts.config.environments, { production: changed });
    await reviseRun(engine.runs, id);

    await approve(id, emil);
    await engine.when(id, ({ status }) => status === 'ended');
    const [first] = [...engine.world.things];
    const next = await engine.request();

    expect(asked).toBe(2);
    expect(first).toBe(`${'1'.repeat(40)} b`);
    expect(next).toMatchObject({
      run: {
        ...head,
        previous: 'v1',
        previousCommit: '1'.repeat(40),
        previousImage: `sha256:${'1'.repeat(64)}`,
      },
    });
    const events = await historyOf(engine.store.pool, id);
    expect(events.filter(({ data }) => data.commit === '1'.repeat(40)).map(({ type }) => type)).toEqual([
      'RunRequested',
      'RunRevised',
    ]);
  });

  test('takes the commit that a branch has moved to when its requester asks again, and voids the approvals', async () => {
    const head = { commit: '1'.repeat(40) };
    await engine.close();
    engine = await startEngine(
      'postgres',
      planOf([{ id: 'only', gate: { approvals: { ops: 2 } }, steps: ['a'] }]),
      {
        resolve: async () => ({ ...head, notes: ['a note'] }),
      },
    );
    const id = await engine.started();
    await approve(id, emil);
    head.commit = '2'.repeat(40);

    const revised = await engine.request();
    const again = await engine.request();

    expect(revised).toMatchObject({ ok: true, revised: true, notes: ['a note'], run: { id, ...head } });
    expect((await engine.runs.find(id))?.phases.only?.gate).toMatchObject({
      approvals: [],
      voided: ['commit 1111111 → 2222222'],
    });
    expect(again).toMatchObject({ ok: false, refusal: { code: 'environment-busy' } });
  });

  test('of a version that is not found writes nothing, and nobody without the right has it looked up', async () => {
    let asked = 0;
    await engine.close();
    engine = await startEngine('postgres', gated('a'), {
      resolve: async () => {
        asked += 1;
        throw new Failure('version-unknown', 'There is no v9.');
      },
    });

    const refused = await engine.request({ ...dora, may: [] });
    const unknown = await engine.request(dora, 'v9').catch((error: unknown) => error);

    expect(refused).toMatchObject({ refusal: { code: 'not-allowed' } });
    expect(unknown).toMatchObject({ code: 'version-unknown' });
    expect(asked).toBe(1);
    expect(await countOf(engine.store.pool, 'streams')).toBe(0);
  });

  test('refuses when the environment was locked while the version was looked up', async () => {
    await engine.close();
    engine = await startEngine('postgres', gated('a'), {
      resolve: async () => {
        const lock = { type: 'Lock', by: emil, environment: 'production', reason: 'the fair' } as const;
        await changeLock(engine.runs, 'production', lock);
        return { commit: '1'.repeat(40), notes: [] };
      },
    });

    expect(await engine.request()).toMatchObject({ refusal: { code: 'environment-locked' } });
  });

  test('can be looked at beforehand: every check, no deed', async () => {
    const ask = { id: 'ask', uses: 'people/confirm', with: { prompt: 'Well?', from: ['ops'] } };
    const wait = { id: 'wait', uses: 'wait/for', with: { duration: '1h' } };
    const wrong = { id: 'wrong', uses: 'world/thing', with: { name: 'broken' } };
    await engine.writePlan(gated('a', 'b', ask, wait, wrong));
    engine.world.things.add('a');
    engine.world.during = (call) => {
      if (call === 'check broken') throw new Error('cannot be reached');
    };
    const { findStep, now } = engine.runs.parts;
    const plan = await currentPlan(engine.runs, 'test');
    const { signal } = new AbortController();

    const foreseen: Foreseen[] = [];
    for await (const one of dryRun({ plan, values: {}, hosts: {}, findStep, now, signal }))
      foreseen.push(one);

    expect(foreseen.map(({ step, would }) => [step.id, would])).toEqual([
      ['a', 'nothing'],
      ['b', 'change'],
      ['ask', 'ask'],
      ['wait', 'wait'],
      ['wrong', 'fail'],
    ]);
    expect(foreseen.at(-1)?.because).toBe('cannot be reached');
    expect(engine.world.calls.filter((call) => !call.startsWith('check'))).toEqual([]);
    expect(await countOf(engine.store.pool, 'streams')).toBe(0);
  });
});
