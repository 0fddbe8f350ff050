import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { walkEvidence } from '../../src/bot/walk-evidence.ts';
import { exportOf, faultsOf } from '../../src/cli/record.ts';
import { refillWalkthroughs } from '../../src/response/refill-walkthroughs.ts';
import { taken } from '../e2e/plans.ts';
import { queueHome } from '../support/backends.ts';
import { until } from '../support/until.ts';
import { password, type WalkSite, walkSite } from './walk-site.ts';

const carol = { id: 'U0CAROL', mayRun: true };
const bob = { id: 'U0BOB', mayRun: true };

let site: WalkSite;

beforeAll(async () => {
  site = await walkSite();
});

afterAll(async () => {
  await site.close();
});

beforeEach(() => {
  site.world.things.clear();
  site.world.calls.splice(0);
  site.world.during = async () => undefined;
});

/** Opens a runbook with one step that was asked for, and agreed to where that is needed. */
async function asked(parameters: Record<string, unknown>, uses = 'world/thing'): Promise<string> {
  const walk = await site.open([{ uses, with: parameters }]);
  await askAgain(walk);
  return walk;
}

async function askAgain(walk: string, number = 1): Promise<void> {
  const run = await site.walkthroughs.handle(walk, { type: 'Run', step: 's1', by: carol });
  if (!run.ok) throw new Error(`${run.refusal.code} ${run.refusal.detail}`);
  if (run.state.runs.s1?.status !== 'asked') return;
  await site.walkthroughs.handle(walk, { type: 'Approve', step: 's1', number, by: bob });
}

const jobOf = (walk: string, number = 1) => ({ walkthrough: walk, step: 's1', number });

const runOf = async (walk: string) => (await site.walkthroughs.find(walk))?.runs.s1;

/** Everything that the record and what is shown of it say, as text. */
async function everything(walk: string): Promise<string> {
  const state = await site.walkthroughs.find(walk);
  if (state === undefined) throw new Error('not there');
  const shown = await walkEvidence(site.store.pool, state);
  return JSON.stringify([await exportOf(site.store.pool, state.id), shown]);
}

const hangs = (signal: AbortSignal) =>
  new Promise<undefined>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );

describe('a step that nobody foresaw', () => {
  test('has failed, and is not begun again and again', async () => {
    const walk = await asked({}, 'world/broken');

    await site.worker().process(jobOf(walk));

    expect(await runOf(walk)).toMatchObject({
      status: 'failed',
      code: 'step-failed',
      because: expect.stringContaining('could not begin'),
    });
  });
});

describe('a step that only looks', () => {
  test('tells what it found, without secrets, in a record that is whole', async () => {
    const walk = await asked({ name: 'a', only: 'look' });
    site.world.things.add('a');

    await site.worker().process(jobOf(walk));

    const run = await runOf(walk);
    const state = await site.walkthroughs.find(walk);
    const shown = state && (await walkEvidence(site.store.pool, state));
    expect(run).toMatchObject({ status: 'satisfied', attempt: 1 });
    expect(shown?.[run?.evidence ?? '']).toContain('asked as [secret PASSWORD]');
    expect(shown?.[run?.evidence ?? '']).toContain('looking for a as [secret PASSWORD]');
    expect(await everything(walk)).not.toContain(password);
    expect(faultsOf(await exportOf(site.store.pool, walk))).toEqual([]);
  });

  test('asks a real PostgreSQL', async () => {
    const walk = await asked(
      { url: taken('DATABASE_URL'), sql: "select 'correct horse ' || 'battery'", expect: { rows: 1 } },
      'postgres/query',
    );

    await site.worker().process(jobOf(walk));

    const told = await everything(walk);
    expect((await runOf(walk))?.status).toBe('satisfied');
    expect(told).toContain('1 rows, the first begins with');
    expect(told).not.toContain(password);
  });

  test('changes nothing even when what it is given would change something by now', async () => {
    site.values.ONLY = 'look';
    const walk = await asked({ name: 'a', only: taken('ONLY') });
    site.values.ONLY = 'nothing';

    await site.worker().process(jobOf(walk));

    expect(await runOf(walk)).toMatchObject({ status: 'failed', code: 'not-satisfied' });
    expect(site.world.calls).toEqual(['look a']);
  });

  test('says why it failed, and may be run again', async () => {
    const walk = await asked({ name: 'a', only: 'look' });
    await site.worker().process(jobOf(walk));
    const failed = await runOf(walk);
    site.world.things.add('a');

    await askAgain(walk);
    await site.worker().process(jobOf(walk, 2));

    expect(failed).toMatchObject({ status: 'failed', because: 'There is no a.' });
    expect(await runOf(walk)).toMatchObject({ number: 2, status: 'satisfied' });
  });

  test('that this version of Slipway no longer has says so', async () => {
    const walk = await asked({ prompt: 'Is it so?', groups: ['ops'] }, 'people/sign-off');
    site.withdraw('people/sign-off');

    await site.worker().process(jobOf(walk));

    expect(await runOf(walk)).toMatchObject({
      status: 'failed',
      code: 'step-not-runnable',
      because: 'This version of Slipway has no step people/sign-off.',
    });
  });

  test('that no longer has its values says so', async () => {
    site.values.GONE = 'a';
    const walk = await asked({ name: taken('GONE'), only: 'look' });
    delete site.values.GONE;

    await site.worker().process(jobOf(walk));

    expect(await runOf(walk)).toMatchObject({ status: 'failed', code: 'plan-invalid' });
  });
});

describe('a step that changes something', () => {
  test('looks, makes it so, and looks again', async () => {
    const walk = await asked({ name: 'a' });

    await site.worker().process(jobOf(walk));

    expect((await runOf(walk))?.status).toBe('changed');
    expect(site.world.calls).toEqual(['look a', 'make a', 'look a']);
  });

  test('that asks people is told to be a task', async () => {
    const walk = await asked({ prompt: 'Is it so?', from: ['ops'] }, 'people/confirm');

    await site.worker().process(jobOf(walk));

    expect(await runOf(walk)).toMatchObject({ status: 'failed', code: 'step-not-runnable' });
  });

  test.each([
    ['was done', true, undefined, 'changed', ['make a', 'look a']],
    ['was not done', false, undefined, 'changed', ['make a', 'look a', 'make a', 'look a']],
    ['nobody can tell of', true, 'unclear', 'in-doubt', ['make a', 'look a']],
  ] as const)(
    'that %s when its worker was stopped is settled by the next one',
    async (_, isDone, told, status, calls) => {
      const walk = await asked({ name: 'a' });
      const first = site.worker();
      site.world.during = async (call, { signal }) => (call === 'make a' ? hangs(signal) : undefined);
      const working = first.process(jobOf(walk)).then(
        () => 'done',
        () => 'given up',
      );
      await until('it is being made', () => site.world.calls.includes('make a'));
      await first.stop();
      const end = await working;
      const left = await runOf(walk);
      if (isDone) site.world.things.add('a');
      site.world.during = async (call) => (call === 'look a' ? told : undefined);

      await site.worker().process(jobOf(walk));

      expect([end, left?.status]).toEqual(['given up', 'applying']);
      expect(await runOf(walk)).toMatchObject({ status, attempt: 2 });
      expect(site.world.calls.slice(1)).toEqual(calls);
      expect(faultsOf(await exportOf(site.store.pool, walk))).toEqual([]);
    },
  );
});

describe('two workers', () => {
  test('never work on the same run', async () => {
    const walk = await asked({ name: 'a', only: 'look' });
    let goOn = (): void => undefined;
    const held = new Promise<undefined>((resolve) => {
      goOn = () => resolve(undefined);
    });
    site.world.during = () => held;
    const first = site.worker().process(jobOf(walk));
    await until('the first one looks', () => site.world.calls.length > 0);

    const second = site.worker().process(jobOf(walk));

    await expect(second).rejects.toThrow('held by another worker');
    goOn();
    await first;
    expect(site.world.calls).toEqual(['look a']);
  });

  test('one of which has lost its lease leave one report, of the newer one', async () => {
    const walk = await asked({ name: 'a', only: 'look' });
    site.world.things.add('a');
    let looks = 0;
    site.world.during = async (_call, { signal }) => {
      looks += 1;
      // The first one is cut off from the database, and so does not hear that it has lost.
      if (looks === 1) await hangs(signal).catch(() => undefined);
      return undefined;
    };
    const first = site
      .worker()
      .process(jobOf(walk))
      .then(
        () => 'done',
        () => 'given up',
      );
    await until('the first one looks', () => looks === 1);
    await until('the second one has it', async () => {
      // The first one renews its lease now and then, and may be faster.
      await site.store.pool.query("update leases set owner = 'nobody', until = now() - interval '1 minute'");
      return site
        .worker()
        .process(jobOf(walk))
        .then(
          () => true,
          () => false,
        );
    });

    expect(await first).toBe('given up');
    expect(await runOf(walk)).toMatchObject({ status: 'satisfied', attempt: 2 });
  });

  test('do nothing with a late copy of a job', async () => {
    const walk = await asked({ name: 'a', only: 'look' });
    await site.worker().process(jobOf(walk));

    await site.worker().process(jobOf(walk));

    expect(site.world.calls).toEqual(['look a']);
  });
});

test('a queue that was flushed is given what is at work, and nothing else', async () => {
  const home = await queueHome('postgres');
  try {
    const walk = await asked({ name: 'refilled', only: 'look' });
    const idle = await site.open([{ with: { name: 'b' } }]);
    await site.walkthroughs.handle(idle, { type: 'Run', step: 's1', by: carol });
    const { store, worker } = site;
    const queues = await home.open(store.url);
    const worked: unknown[] = [];
    const { process } = worker();
    await queues.work('phases', 2, async ({ data }) => {
      worked.push(data.walkthrough);
      await process(data);
    });

    await refillWalkthroughs(store.pool, queues, Date.now());

    await until('it has ended', async () => (await runOf(walk))?.endedAt !== undefined);
    expect(worked).toContain(walk);
    expect(worked).not.toContain(idle);
    expect((await runOf(idle))?.status).toBe('asked');
  } finally {
    await home.close();
  }
});
