import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideSource } from '../../src/alerts/decide-source.ts';
import { evolveSource } from '../../src/alerts/evolve-source.ts';
import {
  isWatchdog,
  type SourceCommand,
  type SourceEvent,
  type SourceState,
  sourceJobs,
} from '../../src/alerts/source.ts';

const named = { source: 'prod', channel: 'C0ONCALL' };
const noon = Date.parse('2026-11-22T12:00:00Z');
const minute = 60_000;

type Told = readonly [after: number, command: SourceCommand];

function take(state: SourceState | undefined, command: SourceCommand, now: number) {
  const decision = decideSource(state, command, now);
  if (!decision.ok) throw new Error(`refused: ${decision.refusal.code}`);
  const { events } = decision;
  return { events, state: events.reduce<SourceState | undefined>(evolveSource, state) };
}

/** Tells commands, each some time after noon, and gives the last state and the types of the last events. */
function tell(...commands: readonly Told[]) {
  let state: SourceState | undefined;
  let events: readonly SourceEvent[] = [];
  for (const [after, command] of commands) ({ state, events } = take(state, command, noon + after));
  return { state, types: events.map(({ type }) => type) };
}

const down: SourceCommand = {
  type: 'Reach',
  isPartial: false,
  silent: [{ address: 'http://a', because: 'refused' }],
  ...named,
};
const up: SourceCommand = { type: 'Reach', isPartial: true, silent: [], ...named };
const drift = (count: number): SourceCommand => ({
  type: 'Compare',
  count,
  some: Array.from({ length: Math.min(count, 3) }, (_, n) => ({ alertname: `A${n}` })),
  ...named,
});
const hear: SourceCommand = { type: 'Hear', every: minute, ...named };
const check = (more: Partial<Extract<SourceCommand, { type: 'CheckWatchdog' }>> = {}): SourceCommand => ({
  type: 'CheckWatchdog',
  silence: 10 * minute,
  startedAt: noon,
  page: 'oncall',
  ...named,
  ...more,
});
const drop: SourceCommand = { type: 'DropWatchdog', ...named };
const pageTold = (turn: number): SourceCommand => ({ type: 'PageTold', turn, ...named });

describe('how a source answers', () => {
  test('is no news while all is well', () => {
    expect(tell([0, up], [minute, drift(0)])).toEqual({ state: undefined, types: [] });
  });

  test('is told when it stops, once, and when it does again', () => {
    const lost = tell([0, down]);
    const still = tell([0, down], [minute, { ...down, silent: [{ address: 'http://a', because: 'hangs' }] }]);
    const regained = tell([0, down], [minute, up]);

    expect(lost.types).toEqual(['SourceNamed', 'ReachLost']);
    expect(lost.state?.unreached).toMatchObject({ number: 1, since: noon, isPartial: false });
    expect(still.types).toEqual([]);
    expect(regained.state?.unreached).toMatchObject({ number: 1, endedAt: noon + minute });
  });

  test('is told anew when other peers are silent, as the same trouble', () => {
    const { state } = tell([0, down], [minute, { ...down, isPartial: true }]);

    expect(state?.unreached).toMatchObject({ number: 1, since: noon, isPartial: true });
  });

  test.each([
    ['soon is the trouble of before', 9 * minute, 1],
    ['later is another', 11 * minute, 2],
  ])('and stops again %s', (_, after, number) => {
    const { state } = tell([0, down], [minute, up], [minute + after, down]);

    expect(state?.unreached).toMatchObject({ number, since: noon + minute + after });
    expect(state?.unreached?.endedAt).toBeUndefined();
  });

  test('moves to another channel with the configuration', () => {
    const { state, types } = tell([0, down], [minute, { ...down, channel: 'C0OTHER' }]);

    expect([state?.channel, types]).toEqual(['C0OTHER', ['SourceNamed']]);
  });
});

describe('alerts that never reached Slack', () => {
  test('are counted until there are none', () => {
    const found = tell([0, drift(3)]);
    const more = tell([0, drift(3)], [minute, drift(5)]);
    const same = tell([0, drift(3)], [minute, drift(3)]);
    const gone = tell([0, drift(3)], [minute, drift(0)], [2 * minute, drift(0)]);

    expect(found.state?.drift).toMatchObject({ number: 1, count: 3, since: noon });
    expect(more.state?.drift).toMatchObject({ number: 1, count: 5, since: noon });
    expect(same.types).toEqual([]);
    expect(gone.state?.drift).toMatchObject({ count: 3, endedAt: noon + minute });
  });
});

describe('a watchdog', () => {
  test('that is heard in time is no trouble', () => {
    expect(tell([0, hear], [9 * minute, check()]).types).toEqual([]);
  });

  test('is noted only now and then', () => {
    expect(tell([0, hear], [minute - 1, hear]).types).toEqual([]);
    expect(tell([0, hear], [minute, hear]).state?.heardAt).toBe(noon + minute);
  });

  test('that was heard since the last note is no trouble', () => {
    const heardAt = noon + 5 * minute;

    expect(tell([0, hear], [14 * minute, check({ heardAt })]).types).toEqual([]);
  });

  test('that is silent too long is told, and somebody is paged', () => {
    const { state, types } = tell([0, hear], [10 * minute + 1, check()]);

    expect(types).toEqual(['WatchdogSilent', 'PageWanted']);
    expect(state?.silence).toEqual({ number: 1, since: noon });
    expect(state?.page).toEqual({
      key: 'oncall',
      dedupKey: 'slipway-watchdog-prod',
      wanted: 'triggered',
      turn: 1,
    });
    expect(state === undefined ? [] : sourceJobs(state)).toEqual([
      {
        id: 'source-prod.page.1',
        queue: 'calls',
        name: 'watchdog-page',
        data: { source: 'prod', turn: 1 },
      },
    ]);
  });

  test('that is silent is told once', () => {
    expect(tell([0, hear], [11 * minute, check()], [12 * minute, check()]).types).toEqual([]);
  });

  test('that was never heard is silent since Slipway listens', () => {
    expect(tell([10 * minute, check()]).types).toEqual([]);
    expect(tell([10 * minute + 1, check()]).state?.silence).toMatchObject({ since: noon });
  });

  test('has its whole time after Slipway was away, and its silence counts from when it was last heard', () => {
    const startedAt = noon + 60 * minute;

    expect(tell([0, hear], [70 * minute, check({ startedAt })]).types).toEqual([]);
    expect(tell([0, hear], [70 * minute + 1, check({ startedAt })]).state?.silence).toMatchObject({
      since: noon,
    });
  });

  test('that is heard again ends the page, with the key that began it', () => {
    const { state, types } = tell(
      [0, hear],
      [11 * minute, check()],
      [11 * minute, pageTold(1)],
      [12 * minute, hear],
    );

    expect(types).toEqual(['WatchdogHeard', 'PageWanted']);
    expect(state?.silence).toMatchObject({ endedAt: noon + 12 * minute });
    expect(state?.page).toMatchObject({ key: 'oncall', wanted: 'resolved', told: 'triggered', turn: 2 });
  });

  test('that is no longer wanted ends its page', () => {
    const { state } = tell([0, hear], [11 * minute, check()], [12 * minute, drop]);

    expect(state?.silence?.endedAt).toBe(noon + 12 * minute);
    expect(state?.page?.wanted).toBe('resolved');
    expect(tell([0, hear], [minute, drop]).types).toEqual([]);
  });

  test('without a key pages nobody', () => {
    const { page: _, ...silent } = check() as Extract<SourceCommand, { type: 'CheckWatchdog' }>;
    const { state, types } = tell([0, hear], [11 * minute, silent], [12 * minute, hear]);

    expect(types).toEqual(['WatchdogHeard']);
    expect(state?.page).toBeUndefined();
  });

  test.each([
    ['accepted', pageTold(1), { told: 'triggered' }],
    ['refused', { type: 'PageRefused', turn: 1, because: 'bad key', ...named }, { refused: 'bad key' }],
  ] as const)('whose page is %s asks no more', (_, answer, page) => {
    const { state } = tell([0, hear], [11 * minute, check()], [11 * minute, answer]);

    expect(state?.page).toMatchObject(page);
    expect(state === undefined ? undefined : sourceJobs(state)).toEqual([]);
  });

  test('takes no answer to an older call', () => {
    const { state, types } = tell(
      [0, hear],
      [11 * minute, check()],
      [12 * minute, hear],
      [12 * minute, pageTold(1)],
    );

    expect(types).toEqual([]);
    expect(state?.page?.told).toBeUndefined();
  });

  test('is told by its labels', () => {
    const match = [{ name: 'alertname', value: 'Watchdog', isRegex: false, isEqual: true }];
    const watchdog = { match, silence: minute, channel: 'C0ONCALL' };

    expect(isWatchdog({ watchdog }, { alertname: 'Watchdog', severity: 'none' })).toBe(true);
    expect(isWatchdog({ watchdog }, { alertname: 'DiskFull' })).toBe(false);
    expect(isWatchdog({}, { alertname: 'Watchdog' })).toBe(false);
  });
});

describe('whatever is told', () => {
  const commands = fc.oneof(
    fc.constantFrom(down, up, hear, drop, check(), { ...down, isPartial: true }),
    fc.nat(4).map(drift),
    fc.integer({ min: 1, max: 4 }).map(pageTold),
    fc
      .integer({ min: 1, max: 4 })
      .map((turn): SourceCommand => ({ type: 'PageRefused', turn, because: 'no', ...named })),
  );
  const stories = fc.array(fc.tuple(fc.nat(20 * minute), commands), { maxLength: 40 });

  test('a command that is told twice at once is news only once, and what is wanted of PagerDuty has a job', () => {
    fc.assert(
      fc.property(stories, (story) => {
        let state: SourceState | undefined;
        let now = noon;
        for (const [pause, command] of story) {
          now += pause;
          ({ state } = take(state, command, now));
          expect(take(state, command, now).events, command.type).toEqual([]);
          if (state === undefined) continue;
          const { page, silence } = state;
          const isSilent = silence !== undefined && silence.endedAt === undefined;
          expect(page?.wanted === 'triggered').toBe(isSilent);
          expect(sourceJobs(state)).toHaveLength(
            page === undefined || page.told === page.wanted || page.refused !== undefined ? 0 : 1,
          );
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        }
      }),
    );
  });
});
