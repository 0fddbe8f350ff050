import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canonical, sha256 } from '../../src/canonical.ts';
import { exportOf, faultsOf } from '../../src/cli/record.ts';
import { taken } from '../e2e/plans.ts';
import { password, runbookWith, type WalkSite, walkSite } from './walk-site.ts';

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

const stepsOf = async (walk: string) => (await site.walkthroughs.find(walk))?.steps;

describe('opening a runbook', () => {
  test('for the same twice gives one, as it was opened first', async () => {
    const first = await site.open([], { key: 'group-1 1' });
    const again = await site.walkthroughs.open({
      runbook: { ...runbookWith([]), title: 'Rewritten' },
      key: 'group-1 1',
      place: { channel: 'C0OTHER' },
      labels: {},
      by: 'U0BOB',
    });

    expect(first).toMatch(/^walk-[0-9a-f]{16}$/);
    expect(again).toMatchObject({ ok: true, events: [], state: { id: first, openedBy: 'U0ALICE' } });
  });

  test('for something else gives another', async () => {
    const first = await site.open([], { key: 'group-1 1' });
    const other = await site.open([], { key: 'group-1 2' });

    expect(other).not.toBe(first);
  });

  test('keeps its own copy, proven by its hash', async () => {
    const runbook = runbookWith([{ with: { name: 'a', odd: 'nul \u0000 and \ud800' } }]);
    const walk = await site.open([], { runbook });
    const opened = await site.walkthroughs.find(walk);
    if (opened === undefined) throw new Error('not there');

    const copy = await site.walkthroughs.runbookOf(opened);

    expect(copy.sections[1]?.parts[0]).toEqual(runbook.sections[1]?.parts[0]);
    expect(sha256(canonical(copy))).toBe(opened.runbook.hash);
    expect(faultsOf(await exportOf(site.store.pool, walk))).toEqual([]);
  });

  test('knows which steps only look, with the parameters that they have here', async () => {
    const walk = await site.open([
      { with: { name: 'a', only: 'look' } },
      { with: { name: 'a' } },
      {
        uses: 'postgres/query',
        with: { url: taken('DATABASE_URL'), sql: 'select 1', expect: { equals: 1 } },
      },
    ]);

    expect(await stepsOf(walk)).toEqual({
      s1: { changes: false },
      s2: { changes: true },
      s3: { changes: false },
    });
  });

  test('opens one with steps that cannot be run all the same, and says why they cannot', async () => {
    const walk = await site.open([
      { uses: 'host/magic' },
      { with: { name: 7 } },
      { with: { name: taken('NOT_THERE') } },
      { with: { name: '{{ labels.missing }}' } },
    ]);

    const steps = (await stepsOf(walk)) ?? {};

    expect(Object.values(steps).map(({ cannot }) => cannot)).toEqual([
      'This version of Slipway has no step host/magic.',
      expect.stringContaining('with.name'),
      expect.stringContaining(`${taken('NOT_THERE')} has no value`),
      expect.stringContaining('the label missing of the alert, which is not there'),
    ]);
  });

  test('for no environment lets nothing be run', async () => {
    const runbook = runbookWith([{ with: { name: 'a' } }]);
    const opened = await site.walkthroughs.open({
      ...{ runbook, key: 'nowhere', place: { channel: 'C0ALERTS' }, labels: {}, by: 'U0ALICE' },
    });
    if (!opened.ok) throw new Error('not opened');

    const by = { id: 'U0CAROL', mayRun: true };
    const refused = await site.walkthroughs.handle(opened.state.id, { type: 'Run', step: 's1', by });

    expect(refused).toMatchObject({ ok: false, refusal: { code: 'step-not-runnable' } });
  });
});

describe('the labels in the parameters of a step', () => {
  test.each([
    ["db-1' or true; drop table x; --"],
    ['`reboot`'],
    ['$(reboot)'],
    [taken('PASSWORD')],
    ['--force'],
    ['../../etc/shadow'],
    ['a b'],
    ['a\nb'],
    [''],
    ['x'.repeat(201)],
  ])('stand there only when they are harmless: not %j', async (instance) => {
    const walk = await site.open([{ with: { name: '{{ labels.instance }}' } }], { labels: { instance } });

    expect((await stepsOf(walk))?.s1?.cannot).toContain('the label instance of the alert');
  });

  test.each([['db-1:9100'], ['/var/lib/postgresql'], ['10.0.0.1'], ['eu-1_a@b+c']])(
    'stand there as they are: %s',
    async (instance) => {
      const walk = await site.open([{ with: { name: 'on {{ $labels.instance }}' } }], {
        labels: { instance },
      });
      const by = { id: 'U0CAROL', mayRun: true };
      await site.walkthroughs.handle(walk, { type: 'Run', step: 's1', by });
      const second = { id: 'U0BOB', mayRun: true };
      await site.walkthroughs.handle(walk, { type: 'Approve', step: 's1', number: 1, by: second });

      await site.worker().process({ walkthrough: walk, step: 's1', number: 1 });

      expect(site.world.things).toEqual(new Set([`on ${instance}`]));
    },
  );

  test('give no secret away', async () => {
    const walk = await site.open([{ with: { name: taken('PASSWORD'), [password]: true } }]);

    const cannot = (await stepsOf(walk))?.s1?.cannot ?? '';

    expect(cannot).toContain('unknown key');
    expect(cannot).not.toContain(password);
  });
});
