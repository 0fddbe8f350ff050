import { afterEach, expect, test } from 'vitest';
import { currentLock } from '../../src/engine/locks.ts';
import { refill } from '../../src/engine/refill.ts';
import { previewRollback, rollBack } from '../../src/engine/roll-back.ts';
import { timerProcess } from '../../src/engine/timers.ts';
import { Failure } from '../../src/errors.ts';
import { historyOf } from '../../src/store/record.ts';
import { describeOnBoth } from '../support/backends.ts';
import { dora, type Engine, emil, planOf, startEngine } from '../support/engine.ts';
import { countOf } from '../support/store.ts';
import { until } from '../support/until.ts';

const ask = { id: 'ask', uses: 'people/confirm', with: { prompt: 'Well?', from: ['ops'] } };

describeOnBoth('errands of runs', (backend) => {
  let engine: Engine;

  afterEach(async () => {
    await engine.close();
  });

  const paused = async (id: string) => engine.when(id, ({ phases }) => phases.only?.status === 'paused');
  const answer = (id: string) =>
    engine.runs.handle(id, { type: 'Answer', phase: 'only', step: 'ask', by: emil, text: 'Yes.' });
  const goBack = (run: string, by = dora) =>
    rollBack(engine.runs, { by, run, severity: 'critical', reason: 'it burns' });

  test('work is found again when the queue was emptied', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: [ask, 'a'] }]));
    const id = await engine.started();
    await paused(id);
    await engine.stop();
    // Decided while nobody worked, and then the queue lost it.
    await answer(id);
    await engine.store.pool.query('delete from outbox');

    const other = await engine.another();
    await refill(engine.store.pool, other.queues, Date.now());
    await refill(engine.store.pool, other.queues, Date.now());

    expect(await engine.when(id, ({ status }) => status === 'ended')).toMatchObject({ outcome: 'succeeded' });
    expect(engine.world.calls.filter((call) => call === 'apply a')).toHaveLength(1);
  });

  test('timers that come late, twice, or for what is gone do nothing', async () => {
    engine = await startEngine(
      backend,
      planOf([{ id: 'only', gate: { approvals: { ops: 1 } }, steps: ['a'] }]),
    );
    const id = await engine.started();
    const openedAt = (await engine.runs.find(id))?.phases.only?.gate?.openedAt ?? 0;
    const { digest = '' } = (await engine.runs.find(id)) ?? {};
    await engine.runs.handle(id, { type: 'Approve', phase: 'only', by: emil, digest });
    await engine.when(id, ({ status }) => status === 'ended');
    const before = await countOf(engine.store.pool, 'events');
    const timer = timerProcess(engine.runs);
    const at = Date.now();

    await timer({ name: 'expire', data: { run: id, phase: 'only', openedAt }, at });
    await timer({ name: 'expire', data: { run: id, phase: 'only', openedAt: openedAt - 1 }, at });
    await timer({ name: 'wake', data: { run: id, phase: 'only' }, at });
    await timer({ name: 'wake', data: { run: 'production-999', phase: 'only' }, at });
    await timer({ name: 'prepare', data: { run: id }, at });
    await timer({ name: 'prepare', data: { run: 'production-999-rollback' }, at });

    expect(await countOf(engine.store.pool, 'events')).toBe(before);
  });

  test('a gate expires by its timer and by no other', async () => {
    const gate = { approvals: { ops: 1 }, expires: '1s' };
    engine = await startEngine(backend, planOf([{ id: 'only', gate, steps: ['a'] }]));

    const id = await engine.started();

    await engine.when(id, ({ phases }) => phases.only?.gate?.status === 'expired');
    expect(engine.world.calls).toEqual([]);
  });

  test('a rollback takes back what was changed, newest first, and then runs the plan for the severity', async () => {
    const rollback = { critical: { phases: [{ id: 'after', title: 'After', steps: [thing('z')] }] } };
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b', 'c', ask] }], { rollback }));
    engine.world.things.add('b');
    const id = await engine.started();
    const run = await paused(id);
    const preview = await previewRollback(engine.runs, run);

    const started = await goBack(id);

    expect(preview).toMatchObject({ severities: ['critical'], cannot: [] });
    expect(started.ok).toBe(true);
    const done = await engine.when(`${id}-rollback`, ({ status }) => status === 'ended');
    expect(done).toMatchObject({ kind: 'rollback', outcome: 'succeeded', of: id });
    expect(await engine.runs.find(id)).toMatchObject({ status: 'ended', outcome: 'rolled-back' });
    expect(engine.world.calls.filter((call) => !call.startsWith('check'))).toEqual([
      'apply a',
      'apply c',
      'undo c {"made":"c"}',
      'undo a {"made":"a"}',
      'apply z',
    ]);
    expect([...engine.world.things]).toEqual(['b', 'z']);
  });

  test('a rollback takes back what a failed deed left behind', async () => {
    const retried = {
      id: 'b',
      uses: 'world/thing',
      with: { name: 'b' },
      retry: { attempts: 2, backoff: '10ms' },
    };
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', retried, 'c'] }]));
    let looks = 0;
    engine.world.during = (call) => {
      // Done, but the second look fails: at b once, at c for good.
      if (call === 'check b' || call === 'check c') looks += 1;
      if ((call === 'check b' && looks === 2) || (call === 'check c' && engine.world.things.has('c')))
        throw new Failure('connection-refused', 'The world is away.');
    };
    const id = await engine.started();
    const failed = await engine.when(id, ({ phases }) => phases.only?.status === 'failed');
    engine.world.during = () => undefined;

    await goBack(id);

    await engine.when(`${id}-rollback`, ({ status }) => status === 'ended');
    expect(failed.phases.only?.steps).toMatchObject({ b: { status: 'changed' }, c: { status: 'failed' } });
    expect(engine.world.calls.filter((call) => call.startsWith('undo'))).toEqual([
      'undo c {"made":"c"}',
      'undo b {"made":"b"}',
      'undo a {"made":"a"}',
    ]);
    expect([...engine.world.things]).toEqual([]);
  });

  test('nobody can deploy between a run and its rollback, or after it', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', ask] }]));
    const id = await engine.started();
    await paused(id);
    let isOver = false;
    const refusals: string[] = [];
    const others = (async () => {
      while (!isOver) {
        const asked = await engine.request(emil);
        refusals.push(asked.ok ? 'started' : asked.refusal.code);
      }
    })();

    await goBack(id);
    await engine.when(`${id}-rollback`, ({ status }) => status === 'ended');
    isOver = true;
    await others;

    expect(new Set(refusals)).not.toContain('started');
    expect(await engine.request(emil)).toMatchObject({ ok: false, refusal: { code: 'environment-locked' } });
    expect(await currentLock(engine.runs, 'production')).toMatchObject({ by: 'U0DORA', run: id });
  });

  test('one of many that roll back at once is first, and the others are told who', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', ask] }]));
    const id = await engine.started();
    await paused(id);

    const asked = await Promise.all([dora, emil, dora, emil].map((by) => goBack(id, by)));

    expect(asked.filter(({ ok }) => ok)).toHaveLength(1);
    for (const other of asked) {
      if (!other.ok) expect(other.refusal.code).toMatch(/already-decided|run-finished/);
    }
    const history = await historyOf(engine.store.pool, id);
    expect(history.filter(({ type }) => type === 'StopRequested')).toHaveLength(1);
  });

  test('a rollback of a run in full flight waits until its step has ended', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b'] }]));
    let isBusy = false;
    engine.world.during = async (call, { signal }) => {
      if (call !== 'apply b') {
        if (call.startsWith('undo')) expect(isBusy).toBe(false);
        return;
      }
      isBusy = true;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      isBusy = false;
      signal.throwIfAborted();
    };
    const id = await engine.started();
    await until('the step', () => isBusy);

    await goBack(id);

    const done = await engine.when(`${id}-rollback`, ({ status }) => status === 'ended');
    expect(done.outcome).toBe('succeeded');
    expect([...engine.world.things]).toEqual([]);
  });

  test('what cannot be rolled back is refused with its reason', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: [ask] }]));
    const id = await engine.started();
    await paused(id);

    expect(await goBack(id)).toMatchObject({ ok: false, refusal: { code: 'severity-unknown' } });
    expect(await goBack('production-999')).toMatchObject({ ok: false, refusal: { code: 'run-not-found' } });
    expect(await goBack(id, { ...emil, may: [] })).toMatchObject({ ok: false });
  });
});

function thing(name: string) {
  return { id: name, uses: 'world/thing', with: { name } };
}
