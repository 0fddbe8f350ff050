import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sha256 } from '../../src/canonical.ts';
import type { StepState } from '../../src/deploy/deployment.ts';
import { redacting } from '../../src/engine/redact.ts';
import { type Report, runStep, type StepRun } from '../../src/engine/run-step.ts';
import { pause } from '../../src/engine/within.ts';
import { Failure } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { type Check, type Step, satisfied, unsatisfied } from '../../src/steps/step.ts';
import type { Kept } from '../../src/store/streams.ts';

const look = { asked: 'look', of: 'host', answered: 'seen' };
const did = { asked: 'do', of: 'host', answered: 'done' };
const no = unsatisfied('It is not so.', look);
const yes = satisfied(look);
const unclear: Check = { is: 'unknown', because: 'Nobody can tell.', evidence: [look] };
const password = new Secret('PASSWORD', 'correct horse battery');

/** A step that finds these things one after the other, the last one from then on. */
function step(
  finds: readonly (Check | Error)[],
  more: Partial<Step> = {},
): Step & { readonly calls: string[] } {
  const calls: string[] = [];
  let index = 0;
  return {
    uses: 'test/step',
    summary: 'A test.',
    with: z.looseObject({}),
    timeout: '1s',
    calls,
    check: async () => {
      calls.push('check');
      const found = finds[Math.min(index, finds.length - 1)] ?? no;
      index += 1;
      if (found instanceof Error) throw found;
      return found;
    },
    apply: async () => {
      calls.push('apply');
      return { evidence: [did] };
    },
    ...more,
  };
}

const fixed = { check: undefined };

/** Runs a step to its end and gives its reports, what was kept, and the pauses between its tries. */
async function run(
  subject: Step,
  more: Omit<Partial<StepRun>, 'planned'> & { readonly planned?: Partial<StepRun['planned']> } = {},
) {
  const reports: (Report & { readonly kept?: Kept })[] = [];
  const pauses: number[] = [];
  const values = { PASSWORD: password };
  const { planned, ...rest } = more;
  await runStep({
    step: subject,
    planned: { id: 'one', uses: subject.uses, with: {}, covers: [], ...planned },
    timeout: 1_000,
    state: undefined,
    values,
    context: { now: () => Date.now(), hosts: {} },
    output: () => ({ log: () => undefined, end: async () => undefined }),
    signal: new AbortController().signal,
    redact: redacting(values),
    report: async (report, kept) => void reports.push(kept === undefined ? report : { ...report, kept }),
    sleep: async (span) => void pauses.push(span),
    ...rest,
  });
  return { reports, pauses, types: reports.map(({ type }) => type) };
}

const stepState = (more: Partial<StepState>): StepState => ({
  status: 'in-doubt',
  firstSeenAt: 1_000,
  tries: 0,
  evidence: [],
  answers: [],
  ...more,
});

const without = { apply: fixed.check } as unknown as Partial<Step>;

describe('running a step', () => {
  test.each<[string, Step & { calls: string[] }, Partial<StepRun>, string[], string[]]>([
    ['looks and leaves alone what is so', step([yes]), {}, ['check'], ['Satisfied']],
    [
      'looks, does and looks again',
      step([no, yes]),
      {},
      ['check', 'apply', 'check'],
      ['BeginApply', 'Changed'],
    ],
    ['fails where nothing can be done', step([no], without), {}, ['check'], ['Failed']],
    [
      'fails where nobody can tell and nothing can be done',
      step([unclear], without),
      {},
      ['check'],
      ['Failed'],
    ],
    [
      'does what its look cannot tell',
      step([unclear]),
      {},
      ['check', 'apply', 'check'],
      ['BeginApply', 'Changed'],
    ],
    [
      'fails when the deed did not help',
      step([no]),
      {},
      ['check', 'apply', 'check'],
      ['BeginApply', 'Failed'],
    ],
    [
      'does not do what its parameters rule out',
      step([no], { canApply: () => false }),
      {},
      ['check'],
      ['Failed'],
    ],
    [
      'takes a deed that was cut off for done when the look says so',
      step([yes]),
      { state: stepState({ doubt: 'open' }) },
      ['check'],
      ['Changed'],
    ],
    [
      'does again what was cut off and is not so',
      step([no, yes]),
      { state: stepState({ doubt: 'open' }) },
      ['check', 'apply', 'check'],
      ['BeginApply', 'Changed'],
    ],
    [
      'asks people when a deed was cut off and the look cannot tell',
      step([unclear]),
      { state: stepState({ doubt: 'open' }) },
      ['check'],
      ['Doubt'],
    ],
    [
      'believes people who say that it was done',
      step([no]),
      { state: stepState({ doubt: 'done', by: 'U0BOB', reason: 'I looked' }) },
      [],
      ['Changed'],
    ],
    [
      'does it again when people say so',
      step([unclear]),
      { state: stepState({ doubt: 'again' }) },
      ['check', 'apply', 'check'],
      ['BeginApply', 'Changed'],
    ],
    [
      'ends with a question',
      step([{ is: 'asking', question: { kind: 'confirm', prompt: 'Well?', groups: ['ops'] } }]),
      {},
      ['check'],
      ['Ask'],
    ],
    ['ends with a time to wait for', step([{ is: 'waiting', until: 5_000 }]), {}, ['check'], ['Wait']],
  ])('%s', async (_, subject, more, calls, types) => {
    const result = await run(subject, more as Parameters<typeof run>[1]);

    expect(result.types).toEqual(types);
    expect(subject.calls).toEqual(calls);
  });

  test('says why it failed, by code and in a sentence', async () => {
    const codes = await Promise.all(
      [
        step([no], without),
        step([no]),
        step([new Failure('authentication-failed', 'Wrong password.')]),
        step([new Error('odd')]),
      ].map(async (subject) => (await run(subject)).reports.at(-1)),
    );

    expect(codes).toMatchObject([
      { code: 'not-satisfied', because: 'It is not so.' },
      { code: 'still-not-satisfied', because: 'It is not so.' },
      { code: 'authentication-failed', because: 'Wrong password.' },
      { code: 'step-failed', because: 'test/step: odd' },
    ]);
  });

  test('keeps what was asked and answered under its hash', async () => {
    const { reports } = await run(step([no, yes]));

    const { kept, ...report } = reports.at(-1) ?? {};
    expect(kept?.body).toMatchObject({
      step: 'one',
      uses: 'test/step',
      outcome: 'changed',
      evidence: [look, did, look],
    });
    expect(kept?.hash).toBe(sha256(kept?.body));
    expect(report).toMatchObject({ type: 'Changed', evidence: kept?.hash });
  });

  test('keeps what it saw before it failed', async () => {
    const { reports } = await run(step([no]));

    expect(reports.at(-1)?.kept?.body).toMatchObject({
      outcome: 'failed',
      code: 'still-not-satisfied',
      evidence: [look, did, look],
    });
  });

  test('keeps no secret, in evidence or in why it failed', async () => {
    const leak = { asked: 'correct horse battery', of: 'host', answered: 'correct%20horse%20battery' };
    const told = await run(step([satisfied(leak)]));
    const failed = await run(step([new Error('no user with correct horse battery')]));
    const doubted = await run(step([{ ...unclear, because: 'is it correct horse battery?' }]), {
      state: stepState({ doubt: 'open' }),
    });

    const all = JSON.stringify([told.reports, failed.reports, doubted.reports]);
    expect(all).not.toMatch(/horse/);
    expect(all).toContain('[secret PASSWORD]');
  });

  test('says why in a sentence that the record can hold, however long the complaint', async () => {
    const { reports } = await run(step([new Error(`${'no '.repeat(100_000)}\u0000`)]));

    const [report] = reports;
    expect(report).toMatchObject({ type: 'Failed' });
    expect(JSON.stringify({ ...report, kept: undefined }).length).toBeLessThan(3_000);
    expect(JSON.stringify(report)).not.toContain('\\u0000');
  });

  test('remembers what the deed wants to be taken back with', async () => {
    const subject = step([no, yes], { apply: async () => ({ evidence: [], remember: { was: 'before' } }) });

    const { reports } = await run(subject);

    expect(reports.at(-1)?.kept?.body).toMatchObject({ remember: { was: 'before' } });
  });

  test('remembers it also when the deed did not help', async () => {
    const subject = step([no], { apply: async () => ({ evidence: [], remember: { was: 'before' } }) });

    const { reports } = await run(subject);

    expect(reports.at(-1)).toMatchObject({ type: 'Failed', kept: { body: { remember: { was: 'before' } } } });
  });

  test('takes back what an earlier run did with what that remembered', async () => {
    const taken: unknown[] = [];
    const subject = step([yes], {
      undo: async (_, __, remembered) => {
        taken.push(remembered);
        return [did];
      },
    });

    const { types } = await run(subject, {
      planned: { undoes: { run: 'production-1', evidence: ['abc'] } },
      remembered: { was: 'before' },
    });

    expect(types).toEqual(['BeginApply', 'Changed']);
    expect(taken).toEqual([{ was: 'before' }]);
    expect(subject.calls).toEqual([]);
  });

  test('tries again as the plan says, each time after twice the pause', async () => {
    const flaky = new Failure('timed-out', 'too late');
    const subject = step([flaky, flaky, flaky, yes]);

    const { types, reports, pauses } = await run(subject, {
      planned: { retry: { attempts: 4, backoff: 100 } },
    });

    expect(types).toEqual(['Failed', 'Failed', 'Failed', 'Satisfied']);
    expect(reports.map((report) => 'again' in report && report.again)).toEqual([true, true, true, false]);
    expect(pauses).toEqual([100, 200, 400]);
  });

  test('stops trying at the last attempt, counting those before a crash', async () => {
    const subject = step([new Failure('timed-out', 'too late')]);

    const { reports } = await run(subject, {
      state: stepState({ status: 'trying', tries: 2 }),
      planned: { retry: { attempts: 4, backoff: 100 } },
    });

    expect(reports).toMatchObject([
      { type: 'Failed', again: true },
      { type: 'Failed', again: false },
    ]);
  });

  test('does not try again what cannot get better', async () => {
    const subject = step([new Failure('secret-missing', 'PASSWORD is empty.')]);

    const { reports } = await run(subject, { planned: { retry: { attempts: 4, backoff: 100 } } });

    expect(reports).toMatchObject([{ type: 'Failed', again: false }]);
  });

  test('fails after its time limit, also when the step does not listen', async () => {
    const deaf = step([], { check: () => new Promise<never>(() => undefined) });
    const startedAt = Date.now();

    const { reports } = await run(deaf, { timeout: 50 });

    expect(reports).toMatchObject([{ type: 'Failed', code: 'timed-out' }]);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  test('tells the step when its time is over', async () => {
    let reason: unknown;
    const heeding = step([], {
      check: async (_, { signal }) => {
        await delay(60_000, undefined, { signal }).catch(() => undefined);
        reason = signal.reason;
        return yes;
      },
    });

    await run(heeding, { timeout: 30 });

    expect(reason).toMatchObject({ code: 'timed-out' });
  });

  test('reports nothing once it was stopped from outside', async () => {
    const controller = new AbortController();
    const slow = step([], {
      check: async (_, { signal }) => {
        controller.abort(new Error('stopped'));
        await delay(60_000, undefined, { signal });
        return yes;
      },
    });

    const { types } = await run(slow, { signal: controller.signal });

    expect(types).toEqual([]);
  });

  test('does not wait for the next try once it was stopped from outside', async () => {
    const controller = new AbortController();
    const subject = step([new Failure('timed-out', 'too late')]);
    setTimeout(() => controller.abort(new Error('stopped')), 30);

    const { types } = await run(subject, {
      signal: controller.signal,
      sleep: pause,
      planned: { retry: { attempts: 3, backoff: 60_000 } },
    });

    expect(types).toEqual(['Failed']);
    expect(subject.calls).toEqual(['check']);
  });

  test('names the parameter that is wrong, and the secret that is not there', async () => {
    const strict = step([yes], { with: z.strictObject({ port: z.number() }) });
    const wrong = await run(strict, { planned: { with: { port: 'many' } } });
    const missing = await run(strict, { planned: { with: { port: '$' + '{PORT}' } } });

    expect(wrong.reports).toMatchObject([{ type: 'Failed', code: 'plan-invalid' }]);
    expect(JSON.stringify(wrong.reports)).toContain('with.port');
    expect(missing.reports).toMatchObject([{ type: 'Failed', code: 'plan-invalid' }]);
    expect(JSON.stringify(missing.reports)).toContain('PORT');
  });
});
