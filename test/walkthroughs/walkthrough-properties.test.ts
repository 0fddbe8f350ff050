import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/deploy/decision.ts';
import type { WalkthroughCommand } from '../../src/walkthroughs/commands.ts';
import type { WalkthroughEvent } from '../../src/walkthroughs/events.ts';
import { evolveWalkthrough } from '../../src/walkthroughs/evolve.ts';
import { reactWalkthrough, walkthroughJobs } from '../../src/walkthroughs/jobs.ts';
import type { Walkthrough } from '../../src/walkthroughs/walkthrough.ts';
import { alice, applied, bob, carol, decided, opening } from './play-walk.ts';

interface Turn {
  readonly given: WalkthroughCommand;
  readonly before: Walkthrough | undefined;
  readonly decision: Decision<WalkthroughEvent>;
  readonly after: Walkthrough | undefined;
}

const person = fc.constantFrom(alice, bob, carol);
const name = person.map(({ id }) => id);
const task = fc.constantFrom('t1', 't2', 't3');
// The first runs of the steps that can be run are what most stories are about.
const step = fc.constantFrom('s1', 's1', 's2', 's2', 's2', 's3', 's4');
const number = fc.constantFrom(1, 1, 1, 2, 3);
const attempt = fc.constantFrom(0, 1, 1, 2, 3);
const text = fc.constantFrom('', 'full', 'not full');
const evidence = 'a'.repeat(64);

const command: fc.Arbitrary<WalkthroughCommand> = fc.oneof(
  fc.constant(opening),
  fc.record({ type: fc.constant('ShowWhole' as const), by: name }),
  fc.record({ type: fc.constant('Tick' as const), task, by: name }),
  fc.record({ type: fc.constant('Tick' as const), task, by: name, finding: text }),
  fc.record({ type: fc.constant('Untick' as const), task, by: name }),
  fc.record({ type: fc.constant('Remark' as const), part: step, text, by: name }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('Run' as const), step, by: person }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('Approve' as const, 'Decline' as const),
      step,
      number,
      by: person,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('Begin' as const), step, number }) },
  fc
    .tuple(
      fc.record({ type: fc.constant('Report' as const), step, number, attempt }),
      fc.constantFrom(
        { outcome: 'applying' as const },
        { outcome: 'satisfied' as const, evidence },
        { outcome: 'changed' as const, evidence },
        { outcome: 'failed' as const, code: 'timed-out' as const, because: 'No answer.' },
        { outcome: 'in-doubt' as const, because: 'Who knows.', evidence },
      ),
    )
    .map(([about, outcome]) => ({ ...about, ...outcome })),
);

function play(story: readonly WalkthroughCommand[]): readonly Turn[] {
  let before: Walkthrough | undefined;
  return story.map((given, index) => {
    const decision = decided(before, given, index);
    const turn = { given, before, decision, after: applied(before, decision) };
    before = turn.after;
    return turn;
  });
}

const property = (check: (turns: readonly Turn[]) => void) =>
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80, size: 'max' }), (story) =>
      check(play([opening, ...story])),
    ),
    { numRuns: 150 },
  );

const eventsOf = (turns: readonly Turn[]): readonly WalkthroughEvent[] =>
  turns.flatMap(({ decision }) => (decision.ok ? decision.events : []));

describe('whatever people and workers do', () => {
  test('a step that changes something is at work only after a second person who may run has agreed', () => {
    property((turns) => {
      const agreed = new Set<string>();
      for (const { given, decision, after } of turns) {
        if (given.type === 'Approve' && decision.ok) {
          expect(given.by.mayRun).toBe(true);
          agreed.add(`${given.step} ${given.number}`);
        }
        for (const [id, { status, number, by, decidedBy }] of Object.entries(after?.runs ?? {})) {
          if (status === 'asked' || status === 'declined' || after?.steps[id]?.changes !== true) continue;
          expect(agreed).toContain(`${id} ${number}`);
          expect(decidedBy).toBeDefined();
          expect(decidedBy).not.toBe(by);
        }
      }
    });
  });

  test('a step that only looks never applies, and one that cannot be run never runs', () => {
    property((turns) => {
      for (const { after } of turns) {
        expect(after?.runs.s1?.status).not.toBe('applying');
        expect(after?.runs.s3).toBeUndefined();
      }
    });
  });

  test('only the newest attempt of the newest run reports', () => {
    property((turns) => {
      for (const { given, before, decision } of turns) {
        if (given.type !== 'Report' || !decision.ok) continue;
        const { number, attempt } = before?.runs[given.step] ?? {};
        expect([given.number, given.attempt]).toEqual([number, attempt]);
      }
    });
  });

  test('runs are counted without gaps, and a new one begins only when the one before has ended', () => {
    property((turns) => {
      for (const { before, decision } of turns) {
        for (const event of decision.ok ? decision.events : []) {
          if (event.type !== 'StepAsked') continue;
          const last = before?.runs[event.step];
          expect(event.number).toBe((last?.number ?? 0) + 1);
          if (last !== undefined) expect(last.endedAt).toBeDefined();
        }
      }
    });
  });

  test('a tick stays with whoever was first until it is taken away', () => {
    property((turns) => {
      for (const { given, before, after } of turns) {
        for (const [id, { by, at }] of Object.entries(before?.ticks ?? {})) {
          const isTakenAway = given.type === 'Untick' && given.task === id;
          if (isTakenAway) expect(after?.ticks[id]).toBeUndefined();
          else expect(after?.ticks[id]).toMatchObject({ by, at });
        }
      }
    });
  });

  test('what a person does twice is done once', () => {
    property((turns) => {
      for (const { given, decision, after } of turns) {
        if (!decision.ok || given.type === 'Begin' || given.type === 'Report') continue;
        const again = decided(after, given, 99);
        expect(again.ok ? again.events : []).toEqual([]);
      }
    });
  });

  test('the events replayed give the state, which JSON keeps as it is', () => {
    property((turns) => {
      const replayed = eventsOf(turns).reduce<Walkthrough | undefined>(evolveWalkthrough, undefined);

      expect(replayed).toEqual(turns.at(-1)?.after);
      expect(JSON.parse(JSON.stringify(replayed))).toEqual(replayed);
    });
  });

  test('a job is due exactly while a worker has something to do, and never comes back under its name', () => {
    property((turns) => {
      const seen = new Set<string>();
      for (const { before, after } of turns) {
        if (after === undefined) continue;
        const wanted = Object.entries(after.runs)
          .filter(([, { status }]) => ['queued', 'running', 'applying'].includes(status))
          .map(([id, { number }]) => `${after.id}.${id}.${number}`);
        expect(walkthroughJobs(after).map(({ id }) => id)).toEqual(wanted);
        for (const { id } of reactWalkthrough(before, after)) {
          expect(id).not.toContain(':');
          expect(seen.has(id)).toBe(false);
          seen.add(id);
        }
      }
    });
  });
});
