import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/deploy/decision.ts';
import type { Job } from '../../src/deploy/jobs.ts';
import type { IncidentCommand } from '../../src/incidents/commands.ts';
import type { IncidentEvent } from '../../src/incidents/events.ts';
import { evolveIncident } from '../../src/incidents/evolve.ts';
import { type Incident, incidentSeverities, openStatuses, roles } from '../../src/incidents/incident.ts';
import { incidentJobs, reactIncident } from '../../src/incidents/jobs.ts';
import {
  alice,
  applied,
  bob,
  carol,
  dan,
  decided,
  declaring,
  eve,
  hour,
  minute,
  noon,
  remindReview,
  remindUpdate,
  ruling,
} from './play-incident.ts';

interface Turn {
  readonly given: IncidentCommand;
  readonly minutes: number;
  readonly before: Incident | undefined;
  readonly decision: Decision<IncidentEvent>;
  readonly after: Incident;
}

/** A command, or a job that is taken up, the way that it ends. */
type Move = IncidentCommand | { readonly job: number; readonly end: 'well' | 'badly' | 'late' };

const person = fc.constantFrom(carol, carol, bob, bob, dan, alice, eve);
const name = fc.constantFrom('U0ALICE', 'U0BOB', 'U0DAN', 'U0ERIN');
const text = fc.constantFrom('Looking.', 'Found it.', 'Back.', '');
const number = fc.constantFrom(1, 1, 2, 3, 4);
const turn = fc.constantFrom(0, 1, 1, 2, 3);
const type = <const Type extends string>(...types: readonly [Type, ...Type[]]) => fc.constantFrom(...types);
const ts = fc.constantFrom('1795348800.000200', '1795348860.000100', '1795348900.000100');
const fixed = fc.constant(ruling);

const command: fc.Arbitrary<IncidentCommand> = fc.oneof(
  fc.constant(declaring),
  { weight: 3, arbitrary: fc.record({ type: type('Update'), text, by: person, ruling: fixed }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('Update'),
      text,
      status: fc.constantFrom(...openStatuses),
      by: person,
      ruling: fixed,
    }),
  },
  fc.record({
    type: type('ChangeSeverity'),
    severity: fc.constantFrom(...incidentSeverities),
    by: person,
    ruling: fixed,
  }),
  fc.record({ type: type('AssignRole'), role: fc.constantFrom(...roles), person: name, by: person }),
  fc.record({ type: type('Invite'), people: fc.array(name, { maxLength: 3 }), by: person }),
  { weight: 2, arbitrary: fc.record({ type: type('Resolve'), text, by: person, ruling: fixed }) },
  fc.record({ type: type('Reopen'), text, by: person, ruling: fixed }),
  fc.record({ type: type('Pin'), ts, author: name, text, by: name }),
  fc.record({ type: type('Unpin'), ts, by: name }),
  fc.record({
    type: type('AddAction'),
    title: text,
    owner: name,
    due: fc.constantFrom('2026-11-29', '2026-12-24', '2020-01-01'),
    by: person,
  }),
  fc.record({ type: type('CompleteAction'), number, by: person }),
  fc.record({ type: type('CompleteReview'), by: person }),
  { weight: 2, arbitrary: fc.record({ type: type('ProposeNotice'), text, by: person }) },
  { weight: 3, arbitrary: fc.record({ type: type('ApproveNotice', 'DeclineNotice'), number, by: person }) },
  fc.record({ type: type('NoticeSent'), number, turn }),
  fc.record({ type: type('NoticeFailed'), number, turn, because: text }),
  fc.record({ type: type('RoomMade'), turn, channel: fc.constantFrom('C1', 'C2'), name: text }),
  fc.record({ type: type('RoomSettled'), turn, invited: fc.array(name, { maxLength: 3 }) }),
  fc.record({ type: type('RoomFailed'), turn, because: fc.constant('no') }),
  fc.nat(9).map((hours) => remindUpdate(noon + hours * hour)),
  fc.nat(9).map((hours) => remindReview(noon + hours * hour)),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: command },
  {
    weight: 1,
    arbitrary: fc.record({ job: fc.nat(3), end: type('well', 'well', 'badly', 'late') }),
  },
);

const story = fc.array(fc.tuple(move, fc.constantFrom(0, 1, 1, 7, 45, 600)), { maxLength: 60, size: 'max' });

/** The command that a job becomes; a timer goes off when it is due, or long after. */
function taken({ name, data, at }: Job, { wanted }: Incident['room'], end: 'well' | 'badly' | 'late') {
  const of = (key: string) => Number(data[key]);
  const isBad = end === 'badly';
  const commands: Readonly<Record<string, IncidentCommand>> = {
    room: isBad
      ? { type: 'RoomFailed', turn: of('turn'), because: 'no' }
      : { type: 'RoomSettled', turn: of('turn'), invited: wanted },
    notice: isBad
      ? { type: 'NoticeFailed', number: of('number'), turn: of('turn'), because: 'no' }
      : { type: 'NoticeSent', number: of('number'), turn: of('turn') },
    'remind-update': remindUpdate(of('dueAt')),
    'remind-review': remindReview(of('remindAt')),
  };
  const due = at === undefined ? 0 : (at - noon) / minute;
  return { given: commands[name], due: end === 'late' ? due + 500 : due };
}

function play(moves: readonly (readonly [Move, number])[]): readonly Turn[] {
  const turns: Turn[] = [];
  let before: Incident | undefined;
  let minutes = 0;
  const take = (given: IncidentCommand) => {
    const decision = decided(before, given, minutes);
    const after = applied(before, decision);
    if (after === undefined) throw new Error('it was not declared');
    turns.push({ given, minutes, before, decision, after });
    before = after;
  };
  take(declaring);
  for (const [one, pause] of moves) {
    minutes += pause;
    if ('type' in one) take(one);
    else if (before !== undefined) {
      const jobs = incidentJobs(before);
      const job = jobs[one.job % Math.max(1, jobs.length)];
      if (job === undefined) continue;
      const { given, due } = taken(job, before.room, one.end);
      minutes = Math.max(minutes, due);
      if (given !== undefined) take(given);
    }
  }
  return turns;
}

const property = (check: (turns: readonly Turn[]) => void) =>
  fc.assert(
    fc.property(story, (moves) => check(play(moves))),
    { numRuns: 150 },
  );

const eventsOf = (turns: readonly Turn[]): readonly IncidentEvent[] =>
  turns.flatMap(({ decision }) => (decision.ok ? decision.events : []));

describe('whatever people, timers and services do', () => {
  test('updates, actions and texts are counted without gaps, and none is lost', () => {
    property((turns) => {
      const events = eventsOf(turns);
      const numbers = {
        updates: events.filter(({ type }) =>
          ['Updated', 'IncidentResolved', 'IncidentReopened'].includes(type),
        ).length,
        actions: events.filter(({ type }) => type === 'ActionAdded').length,
        notices: events.filter(({ type }) => type === 'NoticeProposed').length,
      };
      const last = turns.at(-1)?.after;

      expect(last?.updatesSoFar).toBe(numbers.updates);
      expect(last?.updates.map((one) => one.number)).toEqual(
        Array.from({ length: numbers.updates }, (_, index) => index + 1).slice(-20),
      );
      expect(last?.actions.map((one) => one.number)).toEqual(
        Array.from({ length: numbers.actions }, (_, index) => index + 1),
      );
      expect(last?.noticesSoFar).toBe(numbers.notices);
      for (const event of events) {
        if (event.type === 'Updated')
          expect(last?.updates.at(event.number - 1 - numbers.updates)?.text).toBe(event.text);
      }
    });
  });

  test('an update is owed exactly while it is open and its severity wants one, and only then reminded of', () => {
    property((turns) => {
      for (const { before, decision, after } of turns) {
        if (after.status === 'resolved') expect(after.updateDueAt).toBeUndefined();
        else if (after.severity !== 'low') expect(after.updateDueAt).toBeDefined();
        const isReminded = decision.ok && decision.events.some(({ type }) => type === 'UpdateReminded');
        if (!isReminded) continue;
        expect(before?.status).not.toBe('resolved');
        expect(after.updateDueAt ?? 0).toBeGreaterThan(before?.updateDueAt ?? 0);
      }
    });
  });

  test('getting worse never makes people wait longer', () => {
    property((turns) => {
      for (const { before, decision, after } of turns) {
        const isChanged = decision.ok && decision.events.some(({ type }) => type === 'SeverityChanged');
        if (!isChanged || before?.updateDueAt === undefined) continue;
        const worse =
          incidentSeverities.indexOf(after.severity) < incidentSeverities.indexOf(before.severity);
        if (worse) expect(after.updateDueAt).toBeLessThanOrEqual(before.updateDueAt);
      }
    });
  });

  test('there is a review exactly while it is resolved, it is done once, and then nothing opens it again', () => {
    property((turns) => {
      let done = 0;
      for (const { before, decision, after } of turns) {
        expect(after.review !== undefined).toBe(after.status === 'resolved');
        expect(after.resolvedAt !== undefined).toBe(after.status === 'resolved');
        if (after.status === 'resolved') expect(after.mitigatedAt).toBeLessThanOrEqual(after.resolvedAt ?? 0);
        done += decision.ok ? decision.events.filter(({ type }) => type === 'ReviewDone').length : 0;
        if (before?.review?.done !== undefined) expect(after.review).toEqual(before.review);
      }
      expect(done).toBeLessThanOrEqual(1);
    });
  });

  test('nothing goes outside that a second person who may publish has not approved, one at a time and in order', () => {
    property((turns) => {
      let sent = 0;
      for (const { given, decision, after } of turns) {
        if (given.type === 'ApproveNotice' && decision.ok) expect(given.by.may).toContain('publish');
        const underWay = after.notices.filter(({ state }) => state === 'proposed' || state === 'approved');
        expect(underWay.length).toBeLessThanOrEqual(1);
        for (const { state, by, decidedBy } of after.notices) {
          if (state !== 'approved' && state !== 'sent') continue;
          expect(decidedBy).toBeDefined();
          expect(decidedBy).not.toBe(by);
        }
        for (const event of decision.ok ? decision.events : []) {
          if (event.type !== 'NoticeSent') continue;
          expect(event.number).toBeGreaterThan(sent);
          sent = event.number;
        }
      }
    });
  });

  test('whoever has a role is in the channel or wanted there, and nobody is both', () => {
    property((turns) => {
      for (const { after } of turns) {
        const { invited, wanted, channel, turn, because } = after.room;
        expect(new Set([...invited, ...wanted]).size).toBe(invited.length + wanted.length);
        const isAnswered = turns.some(({ given }) => given.type === 'RoomSettled');
        if (!isAnswered) for (const one of Object.values(after.roles)) expect(wanted).toContain(one);
        expect(turn).toBeGreaterThanOrEqual(1);
        const isDue = incidentJobs(after).some((job) => job.name === 'room');
        expect(isDue).toBe(wanted.length > 0 && because === undefined);
        if (channel !== undefined) expect(['C1', 'C2']).toContain(channel);
      }
    });
  });

  test('the channel that was made first stays', () => {
    property((turns) => {
      for (const { before, after } of turns) {
        if (before?.room.channel !== undefined) expect(after.room.channel).toBe(before.room.channel);
      }
    });
  });

  test('a refusal changes nothing, and nobody without rights does anything but pin', () => {
    property((turns) => {
      for (const { given, before, decision, after } of turns) {
        if (!decision.ok) expect(after).toBe(before);
        if ('ruling' in given && 'by' in given && given.by.may.length === 0) expect(decision.ok).toBe(false);
      }
    });
  });

  test('what a person does twice is done once', () => {
    property((turns) => {
      for (const { given, minutes, decision, after } of turns) {
        if (!decision.ok) continue;
        const again = decided(after, given, minutes);
        expect(again.ok ? again.events : []).toEqual([]);
      }
    });
  });

  test('the events replayed give the state, which JSON keeps as it is', () => {
    property((turns) => {
      const replayed = eventsOf(turns).reduce<Incident | undefined>(evolveIncident, undefined);

      expect(replayed).toEqual(turns.at(-1)?.after);
      expect(JSON.parse(JSON.stringify(replayed))).toEqual(replayed);
    });
  });

  test('jobs are named without a colon and for good, and those that come are those that were not there', () => {
    property((turns) => {
      for (const { before, after } of turns) {
        const known = before === undefined ? [] : incidentJobs(before).map(({ id }) => id);
        const now = incidentJobs(after);
        expect(reactIncident(before, after)).toEqual(now.filter(({ id }) => !known.includes(id)));
        expect(new Set(now.map(({ id }) => id)).size).toBe(now.length);
        for (const { id, data } of now) {
          expect(id).toMatch(/^[\w.-]+$/);
          expect(data.incident).toBe(after.id);
        }
      }
    });
  });

  test('a timer that goes off is followed by another until nothing is owed', () => {
    property((turns) => {
      const last = turns.at(-1)?.after;
      if (last === undefined) return;
      for (const timer of incidentJobs(last).filter(({ queue }) => queue === 'timers')) {
        const { given } = taken(timer, last.room, 'well');
        const decision = given && decided(last, given, ((timer.at ?? 0) - noon) / minute);
        const after = decision && applied(last, decision);
        const next = after && reactIncident(last, after).find(({ name }) => name === timer.name);
        expect(next?.at).toBeGreaterThan(timer.at ?? 0);
      }
    });
  });
});
