import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { sha256 } from '../../src/canonical.ts';
import { refill } from '../../src/engine/refill.ts';
import { Failure } from '../../src/errors.ts';
import { outputsOf, outputTails } from '../../src/store/output.ts';
import { evidenceOf, historyOf } from '../../src/store/record.ts';
import { describeOnBoth } from '../support/backends.ts';
import { dora, type Engine, emil, planOf, startEngine, statuses } from '../support/engine.ts';
import { until } from '../support/until.ts';

describeOnBoth('running phases', (backend) => {
  let engine: Engine;

  afterEach(async () => {
    await engine.close();
  });

  const ended = (run: string) => engine.when(run, ({ status }) => status === 'ended');

  test('runs phases by their needs and steps in order, and changes only what is not so', async () => {
    engine = await startEngine(
      backend,
      planOf([
        { id: 'first', steps: ['a', 'b'] },
        { id: 'second', needs: ['first'], steps: ['c'] },
      ]),
    );
    engine.world.things.add('b');

    const run = await ended(await engine.started());

    expect(run.outcome).toBe('succeeded');
    expect(engine.world.calls).toEqual([
      'check a',
      'apply a',
      'check a',
      'check b',
      'check c',
      'apply c',
      'check c',
    ]);
    expect(run.phases.first?.steps).toMatchObject({ a: { status: 'changed' }, b: { status: 'satisfied' } });
  });

  test('tells people of a step that this version of the program does not have', async () => {
    engine = await startEngine(
      backend,
      planOf([
        {
          id: 'first',
          steps: [{ id: 'look', uses: 'people/confirm', with: { prompt: 'Well?', from: ['ops'] } }],
        },
        { id: 'second', needs: ['first'], steps: ['a'] },
      ]),
    );
    const id = await engine.started();
    await engine.when(id, ({ phases }) => phases.first?.status === 'paused');

    engine.withdraw('world/thing');
    await engine.runs.handle(id, { type: 'Answer', phase: 'first', step: 'look', text: 'yes', by: dora });
    const run = await engine.when(id, ({ phases }) => phases.second?.status === 'failed');

    expect(run.phases.second?.steps.a).toMatchObject({
      code: 'plan-invalid',
      because: expect.stringMatching(/no step world\/thing.*skip the step/),
    });
  });

  test('runs phases side by side that do not need each other', async () => {
    engine = await startEngine(
      backend,
      planOf([
        { id: 'left', steps: ['a'] },
        { id: 'right', steps: ['b'] },
      ]),
    );
    const seen = new Set<string>();
    engine.world.during = async (call) => {
      seen.add(call);
      // Neither would get here without the other.
      if (call.startsWith('check'))
        await until('both phases', () => seen.has('check a') && seen.has('check b'));
    };

    expect(await ended(await engine.started())).toMatchObject({ outcome: 'succeeded' });
  });

  test('runs steps side by side where the plan says so, some at a time', async () => {
    const steps = Array.from({ length: 20 }, (_, index) => `thing-${index}`);
    engine = await startEngine(backend, planOf([{ id: 'all', parallel: true, steps }]));
    let active = 0;
    let most = 0;
    engine.world.during = async (call) => {
      if (!call.startsWith('apply')) return;
      active += 1;
      most = Math.max(most, active);
      await delay(40);
      active -= 1;
    };

    const run = await ended(await engine.started());

    expect(run.outcome).toBe('succeeded');
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
    expect(engine.world.things.size).toBe(20);
  });

  test('holds no worker while people are asked, and goes on with their answer', async () => {
    const ask = { id: 'ask', uses: 'people/confirm', with: { prompt: 'Is it up?', from: ['ops'] } };
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', ask, 'b'] }]));
    const id = await engine.started();
    await engine.when(id, ({ phases }) => phases.only?.status === 'paused');
    await until('an idle queue', async () => (await engine.queues.depths()).phases === 0);

    await engine.runs.handle(id, { type: 'Answer', phase: 'only', step: 'ask', by: emil, text: 'It is.' });

    const run = await ended(id);
    expect(run.outcome).toBe('succeeded');
    expect(engine.world.calls.filter((call) => call === 'apply a')).toHaveLength(1);
    expect(run.phases.only?.steps.ask?.answers).toMatchObject([{ by: 'U0EMIL', text: 'It is.' }]);
  });

  test('waits for the clock without a worker', async () => {
    const wait = { id: 'wait', uses: 'wait/for', with: { duration: '1s' } };
    engine = await startEngine(backend, planOf([{ id: 'only', steps: [wait, 'a'] }]));
    const startedAt = Date.now();

    const run = await ended(await engine.started());

    expect(run.outcome).toBe('succeeded');
    expect(Date.now() - startedAt).toBeGreaterThan(950);
  });

  test('stops at a failed step, and goes on from there when somebody says so', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b', 'c'] }]));
    let isBroken = true;
    engine.world.during = (call) => {
      if (call === 'apply b' && isBroken) throw new Failure('command-failed', 'b is broken.');
    };
    const id = await engine.started();
    const failed = await engine.when(id, ({ phases }) => phases.only?.status === 'failed');

    isBroken = false;
    await engine.runs.handle(id, { type: 'Retry', phase: 'only', by: dora });

    expect(failed.phases.only?.steps).toMatchObject({ b: { status: 'failed', because: 'b is broken.' } });
    expect(await ended(id)).toMatchObject({ outcome: 'succeeded' });
    expect(engine.world.calls.filter((call) => call === 'apply a')).toHaveLength(1);
  });

  test('lets a phase fail that is not critical', async () => {
    engine = await startEngine(
      backend,
      planOf([
        { id: 'extra', critical: false, steps: ['a'] },
        { id: 'main', needs: ['extra'], steps: ['b'] },
      ]),
    );
    engine.world.during = (call) => {
      if (call === 'apply a') throw new Failure('command-failed', 'a is broken.');
    };

    const run = await ended(await engine.started());

    expect(run.outcome).toBe('partial');
    expect(statuses(run)).toEqual({ extra: 'failed', main: 'succeeded' });
  });

  test('reaches the step in flight when the run is aborted, and begins no other', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b'] }]));
    let reason: unknown;
    engine.world.during = async (call, { signal }) => {
      if (call !== 'apply a') return;
      await delay(15_000, undefined, { signal }).catch(() => undefined);
      reason = signal.reason;
      signal.throwIfAborted();
    };
    const id = await engine.started();
    await until('the step', () => engine.world.calls.includes('apply a'));

    await engine.runs.handle(id, { type: 'Abort', by: dora, reason: 'wrong day' });

    expect(await ended(id)).toMatchObject({ outcome: 'aborted' });
    await until('the step to notice', () => reason !== undefined);
    expect(engine.world.calls).not.toContain('check b');
    expect(engine.world.things.size).toBe(0);
  });

  test('reaches the step in flight in another process too', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a'] }]), { leaseMs: 1_000 });
    let isOver = false;
    engine.world.during = async (call, { signal }) => {
      if (call !== 'apply a') return;
      await delay(15_000, undefined, { signal }).catch(() => undefined);
      isOver = true;
      signal.throwIfAborted();
    };
    const id = await engine.started();
    await until('the step', () => engine.world.calls.includes('apply a'));

    const other = await engine.another();
    await other.runs.handle(id, { type: 'Abort', by: dora, reason: 'wrong day' });

    expect(await ended(id)).toMatchObject({ outcome: 'aborted' });
    await until('the step to notice', () => isOver);
  });

  test('is taken over from a process that closes, which writes no more', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b'] }]), { leaseMs: 1_000 });
    let isFirst = true;
    engine.world.during = async (call, { signal }) => {
      if (call !== 'apply a' || !isFirst) return;
      isFirst = false;
      await delay(15_000, undefined, { signal });
    };
    const id = await engine.started();
    await until('the step', () => engine.world.calls.includes('apply a'));

    await engine.stop();
    const other = await engine.another();
    await refill(engine.store.pool, other.queues, Date.now());

    const run = await ended(id);
    expect(run.outcome).toBe('succeeded');
    expect(run.phases.only?.fence).toBe(2);
    // The first deed may have happened, so the second worker looked before it did it again.
    expect(engine.world.calls.slice(0, 5)).toEqual(['check a', 'apply a', 'check a', 'apply a', 'check a']);
    expect(run.phases.only?.steps.a).toMatchObject({ status: 'changed' });
  });

  test('keeps what a step says while it runs, and proves it with the evidence', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a'] }]));
    let goOn = (): void => undefined;
    const going = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    engine.world.during = async (call, { log }) => {
      log(`${call}\n`);
      if (call === 'apply a') await going;
    };
    const id = await engine.started();

    const tail = await until('the output', async () => {
      const [one] = await outputTails(engine.store.pool, id, 'only', 4);
      return one?.characters === 16 && one;
    });
    const meanwhile = await engine.runs.find(id);
    goOn();
    const run = await ended(id);

    expect(tail).toMatchObject({ step: 'a', fence: 1, try: 1, tail: 'y a\n' });
    expect(meanwhile?.phases.only?.steps.a?.status).toBe('applying');
    const [output] = await outputsOf(engine.store.pool, id);
    expect(output?.pieces.join('')).toBe('check a\napply a\ncheck a\n');
    const [evidence] = await evidenceOf(engine.store.pool, id, run.phases.only?.steps.a?.evidence);
    expect(evidence?.body).toMatchObject({
      output: {
        phase: 'only',
        step: 'a',
        fence: 1,
        try: 1,
        pieces: output?.pieces.length,
        hash: sha256('check a\napply a\ncheck a\n'),
      },
    });
  });

  test('names what was found changed since an earlier run, but not what the new version asks for', async () => {
    const takes = (name: string) => `\${${name}}`;
    const versioned = { id: 'v', uses: 'world/thing', with: { name: `release ${takes('VERSION')}` } };
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b', versioned] }]));
    const first = await engine.started();
    await ended(first);
    engine.world.things.delete('a');

    const asked = await engine.request(dora, 'v2');
    const second = asked.ok ? await ended(asked.run.id) : undefined;
    const again = await engine.request(dora, 'v2');
    const third = again.ok ? await ended(again.run.id) : undefined;

    const drift = { since: first, because: 'a is not there.' };
    const steps = second?.phases.only?.steps;
    expect(steps?.a).toMatchObject({ status: 'changed', drift });
    expect(steps?.b).toMatchObject({ status: 'satisfied' });
    expect(steps?.v).toMatchObject({ status: 'changed' });
    expect([steps?.b?.drift, steps?.v?.drift]).toEqual([undefined, undefined]);
    const [evidence] = await evidenceOf(engine.store.pool, second?.id ?? '', steps?.a?.evidence);
    expect(evidence?.body).toMatchObject({ outcome: 'changed', drift });
    expect(Object.values(third?.phases.only?.steps ?? {}).map(({ status }) => status)).toEqual([
      'satisfied',
      'satisfied',
      'satisfied',
    ]);
  });

  test('lets a worker that lost its lease write nothing', async () => {
    engine = await startEngine(backend, planOf([{ id: 'only', steps: ['a', 'b'] }]), { leaseMs: 1_000 });
    let reason: unknown;
    let isFirst = true;
    engine.world.during = async (call, { signal }) => {
      if (call !== 'check a' || !isFirst) return;
      isFirst = false;
      await delay(15_000, undefined, { signal }).catch(() => undefined);
      reason = signal.reason;
    };
    const id = await engine.started();
    await until('the step', () => engine.world.calls.includes('check a'));

    // As if the worker had been away for longer than its lease and another had come.
    await engine.store.pool.query(
      "update leases set owner = 'somebody else', until = now() + interval '2 s'",
    );
    const begun = await engine.runs.handle(id, { type: 'Begin', phase: 'only', attempt: 1, worker: 'other' });

    expect(begun.ok).toBe(true);
    await until('the worker to notice', () => reason !== undefined);
    const run = await ended(id);
    expect(run.outcome).toBe('succeeded');
    const history = await historyOf(engine.store.pool, id);
    const tokens = history.flatMap(({ data }) => (data.fence === undefined ? [] : [data.fence]));
    expect(tokens).toEqual([1, 2, 3]);
    expect(history.filter(({ type, data }) => type === 'StepChanged' && data.step === 'a')).toHaveLength(1);
  });
});
