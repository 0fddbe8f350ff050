import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Decision } from '../../src/deploy/decision.ts';
import type { Deployment, Instant, OutlinePhase, Person } from '../../src/deploy/deployment.ts';
import type { Event } from '../../src/deploy/events.ts';
import { evolve } from '../../src/deploy/evolve.ts';
import { type Job, jobsDue, react } from '../../src/deploy/jobs.ts';
import { commandOf, crewOptions, moves, outlines, people } from '../support/run-crew.ts';
import { faultsIn } from '../support/run-invariants.ts';
import { noon, request } from '../support/runs.ts';

/** One command, what was decided, and the run before and after it. */
interface Turn {
  readonly command: Command;
  readonly now: Instant;
  readonly decision: Decision<Event>;
  readonly before: Deployment | undefined;
  readonly after: Deployment | undefined;
}

const story = fc.record({ outline: outlines, crew: people, selfApproval: fc.boolean(), moves });
type Story = typeof story extends fc.Arbitrary<infer One> ? One : never;

function first(outline: readonly OutlinePhase[], crew: readonly Person[], selfApproval: boolean): Command {
  const [by] = crew;
  if (by === undefined) throw new RangeError('nobody is there');
  const in_ = (group: string) => crew.filter(({ groups }) => groups.includes(group)).map(({ id }) => id);
  return request(outline, { by, selfApproval, members: { ops: in_('ops'), qa: in_('qa') } });
}

function take(before: Deployment | undefined, command: Command, now: Instant): Turn {
  const decision = decide(before, command, now);
  const after = decision.ok ? decision.events.reduce<Deployment | undefined>(evolve, before) : before;
  return { command, now, decision, before, after };
}

function play({ outline, crew, selfApproval, moves }: Story): Turn[] {
  const turns = [take(undefined, first(outline, crew, selfApproval), noon)];
  let now = noon;
  for (const move of moves) {
    const run = turns.at(-1)?.after;
    if (run === undefined) break;
    now += move.pause;
    turns.push(take(run, commandOf(run, move, crew, now), now));
  }
  return turns;
}

const eventsOf = (turns: readonly Turn[]) =>
  turns.flatMap(({ decision }) => (decision.ok ? decision.events : []));

/** The command that a job becomes when its worker or timer takes it up. */
function taken(run: Deployment, { name, data, at }: Job, now: Instant): readonly [Command, Instant] {
  const phase = String(data.phase);
  const state = run.phases[phase];
  const when = Math.max(now, at ?? now);
  if (name === 'phase') return [{ type: 'Begin', phase, attempt: state?.attempt ?? 0, worker: 'w' }, when];
  if (name === 'expire') return [{ type: 'Expire', phase, openedAt: Number(data.openedAt) }, when];
  return [{ type: 'Wake', phase }, when];
}

/** Whether a phase cannot go on before somebody has decided something; read off the state without the rules' own words. */
function waitsForPerson(run: Deployment, id: string): boolean {
  const phase = run.phases[id];
  if (run.hold !== undefined) return true;
  if (phase?.status === 'failed' || phase?.gate?.status === 'expired') return true;
  return Object.values(phase?.steps ?? {}).some(({ status, doubt, question, answers }) => {
    if (status === 'in-doubt') return doubt === 'open';
    const wanted = question?.kind === 'confirm' ? 1 : question?.groups.length;
    return status === 'asking' && answers.length < (wanted ?? 0);
  });
}

const property = (check: (turns: Turn[], story: Story) => void) =>
  fc.assert(
    fc.property(story, (one) => check(play(one), one)),
    { numRuns: 200 },
  );

describe('whatever people, workers and clocks do', () => {
  test('the events break no rule', () => {
    property((turns) => {
      expect(faultsIn(eventsOf(turns))).toEqual([]);
    });
  });

  test('only the worker of the newest attempt begins, and only the one with the newest fence writes', () => {
    property((turns) => {
      const fences = new Map<string, number>();
      const attempts = new Map<string, number>();
      for (const { command, decision } of turns) {
        const events = decision.ok ? decision.events : [];
        if (command.type === 'Begin' && events.length > 0)
          expect(command.attempt).toBe(attempts.get(command.phase));
        if ('fence' in command && events.length > 0)
          expect(command.fence, command.type).toBe(fences.get(command.phase));
        for (const event of events) {
          if (event.type === 'PhaseQueued') attempts.set(event.phase, event.attempt);
          if (event.type === 'PhaseBegun') fences.set(event.phase, event.fence);
        }
      }
    });
  });

  test('an apply that a worker left behind is in doubt for the next one', () => {
    property((turns) => {
      for (const { command, decision, before, after } of turns) {
        if (command.type !== 'Begin' || !decision.ok || after?.status !== 'running') continue;
        const cutOff = Object.entries(before?.phases[command.phase]?.steps ?? {}).filter(
          ([, { status }]) => status === 'applying',
        );
        for (const [step] of cutOff)
          expect(after.phases[command.phase]?.steps[step]).toMatchObject({
            status: 'in-doubt',
            doubt: 'open',
          });
      }
    });
  });

  test('nobody does what needs a right or a group that they have not', () => {
    property((turns) => {
      const rightFor = {
        Reopen: 'deploy',
        Settle: 'deploy',
        Retry: 'deploy',
        Skip: 'deploy',
        Abort: 'deploy',
        Continue: 'deploy',
        RollBack: 'rollback',
      } as const;
      for (const { command, decision, before } of turns) {
        if (!decision.ok || decision.events.length === 0 || !('by' in command)) continue;
        const right = Object.entries(rightFor).find(([type]) => type === command.type)?.[1];
        if (right !== undefined) expect(command.by?.may, command.type).toContain(right);
        if (command.type === 'Approve' || command.type === 'Reject') {
          const gate = before?.outline.find(({ id }) => id === command.phase)?.gate;
          expect(Object.keys(gate?.approvals ?? {}).some((group) => command.by.groups.includes(group))).toBe(
            true,
          );
        }
      }
    });
  });

  test('the events replayed give the state', () => {
    property((turns) => {
      const replayed = eventsOf(turns).reduce<Deployment | undefined>(evolve, undefined);

      expect(replayed).toEqual(turns.at(-1)?.after);
      expect(JSON.parse(JSON.stringify(replayed))).toEqual(replayed);
    });
  });

  test('the same command at the same time is decided the same way', () => {
    property((turns) => {
      for (const { before, command, now, decision } of turns)
        expect(decide(before, command, now)).toEqual(decision);
    });
  });

  test('a run that has ended stays as it is', () => {
    property((turns, { moves, crew }) => {
      const run = turns.at(-1)?.after;
      fc.pre(run?.status === 'ended');

      for (const move of moves) {
        const { decision } = take(run, commandOf(run, move, crew, noon), noon);
        expect(decision.ok ? decision.events : []).toEqual([]);
      }
      expect(Object.values(run.phases).map(({ status }) => status)).not.toContain('running');
    });
  });

  test('every phase that could go on has a job, or waits for somebody', () => {
    property((turns) => {
      for (const { after } of turns) {
        if (after?.status !== 'running') continue;
        const busy = new Set(jobsDue(after).map(({ data }) => data.phase));
        for (const [id, { status }] of Object.entries(after.phases)) {
          if (status === 'waiting' || status === 'succeeded') continue;
          expect(busy.has(id) || waitsForPerson(after, id), `${id} is ${status}`).toBe(true);
        }
        expect(busy.size > 0 || Object.keys(after.phases).some((id) => waitsForPerson(after, id))).toBe(true);
      }
    });
  });

  test('no job is in vain: taken up at its time, each moves the run', () => {
    property((turns) => {
      for (const { after, now } of turns) {
        if (after?.status !== 'running') continue;
        for (const job of jobsDue(after)) {
          const { decision } = take(after, ...taken(after, job, now));
          expect(decision.ok && decision.events.length > 0, job.id).toBe(true);
        }
      }
    });
  });

  test('jobs that a change makes due are new, and each attempt of a phase has a job of its own', () => {
    property((turns) => {
      const seen = new Set<string>();
      for (const { before, after } of turns) {
        if (after === undefined) continue;
        const known = before === undefined ? [] : jobsDue(before).map(({ id }) => id);
        for (const { id, queue } of react(before, after)) {
          expect(known).not.toContain(id);
          if (queue !== 'phases') continue;
          expect(seen.has(id), id).toBe(false);
          seen.add(id);
        }
      }
    });
  });

  test('a crew that does what is asked brings the run to an end', () => {
    property((turns, { crew }) => {
      const before = turns.at(-1)?.after;
      const { run, events } = bringHome(before, crew, (turns.at(-1)?.now ?? noon) + 1);

      expect(run).toMatchObject({ status: 'ended' });
      expect(faultsIn([...eventsOf(turns), ...events])).toEqual([]);
    });
  });
});

/** Lets the crew do the first thing that helps until nothing is left; from now on every step turns out well. */
function bringHome(start: Deployment | undefined, crew: readonly Person[], from: Instant) {
  let run = start;
  let now = from;
  const events: Event[] = [];
  for (let turn = 0; turn < 500 && run !== undefined && run.status !== 'ended'; turn += 1) {
    const standing: Deployment = run;
    const options = run.status === 'stopping' ? endings(run) : crewOptions(run, crew, now, 0);
    const helpful = options
      .map((command) => take(standing, command, now))
      .find(({ decision }) => decision.ok && decision.events.length > 0);
    now += 1_000;
    if (helpful === undefined) continue;
    run = helpful.after;
    events.push(...(helpful.decision.ok ? helpful.decision.events : []));
  }
  return { run, events };
}

function endings(run: Deployment): Command[] {
  return Object.entries(run.phases).map(([phase, { fence }]) => ({ type: 'End', phase, fence }));
}

describe('the generated stories', () => {
  const has = (type: Event['type']) => (events: readonly Event[]) =>
    events.some((event) => event.type === type);
  const ends = (outcome: string) => (events: readonly Event[]) =>
    events.some((event) => event.type === 'RunEnded' && event.outcome === outcome);
  const isTakenOver = (events: readonly Event[]) =>
    events.some(
      (event, index) =>
        event.type === 'PhaseBegun' &&
        event.fence >
          events.slice(0, index).filter((e) => e.type === 'PhaseQueued' && e.phase === event.phase).length,
    );
  const kinds: [string, (events: readonly Event[]) => boolean][] = [
    ['ends well', ends('succeeded')],
    ['ends partially', ends('partial')],
    ['is rejected', ends('rejected')],
    ['is rolled back', ends('rolled-back')],
    ['is stopped while a worker is at it', has('PhaseStopped')],
    ['passes a gate', has('GatePassed')],
    ['asks again at a gate', has('GateReopened')],
    ['is revised', has('RunRevised')],
    ['has a worker take over', isTakenOver],
    ['fails and is tried again', has('RetryRequested')],
    ['answers a question', has('Answered')],
    ['settles a doubt', has('DoubtSettled')],
    ['skips a step', has('StepSkipped')],
  ];
  const told = fc.sample(story, { numRuns: 400, seed: 1 }).map((one) => eventsOf(play(one)));

  test.each(kinds)('tell often enough of a run that %s', (_, happens) => {
    expect(told.filter(happens).length).toBeGreaterThan(5);
  });
});
