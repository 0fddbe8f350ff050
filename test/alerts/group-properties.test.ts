import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupCommand } from '../../src/alerts/commands.ts';
import type { GroupEvent } from '../../src/alerts/events.ts';
import { evolveGroup } from '../../src/alerts/evolve.ts';
import type { AlertGroup, Page } from '../../src/alerts/group.ts';
import { groupJobs, reactGroup } from '../../src/alerts/jobs.ts';
import type { Turn } from './group-stories.ts';
import { firingAfter, play, stories, takenUp, webhooksOf } from './group-stories.ts';
import {
  decided,
  deliver,
  ended,
  firing,
  groupOf,
  kept,
  minute,
  noon,
  nothing,
  taken,
} from './play-group.ts';

const property = (check: (turns: readonly Turn[]) => void) =>
  fc.assert(
    fc.property(stories, (story) => check(play(story))),
    { numRuns: 80 },
  );

const eventsOf = (turns: readonly Turn[]): readonly GroupEvent[] =>
  turns.flatMap(({ decision }) => (decision.ok ? decision.events : []));

const pagesOf = ({ page, otherPages }: AlertGroup): readonly Page[] => [
  ...(page === undefined ? [] : [page]),
  ...otherPages,
];

/** The jobs that a state asks for, read off it without the rules' own words. */
function wantedJobs(group: AlertGroup): string[] {
  const { id, round, escalation, silences } = group;
  const step =
    escalation?.status === 'running'
      ? [`${id}.escalate.${round}.${escalation.step}.${escalation.nextAt}`]
      : [];
  const pages = pagesOf(group)
    .filter(({ wanted, told, refused }) => wanted !== told && refused === undefined)
    .map(({ turn }) => `${id}.page.${round}.${turn}`);
  const calls = silences
    .filter(({ status }) => ['asked', 'ending'].includes(status))
    .map(({ number, turn }) => `${id}.silence.${number}.${turn}`);
  return [...step, ...pages, ...calls];
}

describe('whatever sources, people and clocks do', () => {
  test('the counts are those of the rows, and of what was said last of each alert', () => {
    property((turns) => {
      for (const [index, { after }] of turns.entries()) {
        const { group, rows } = after;
        if (group === undefined) continue;
        const open = rows.filter(({ status }) => status === 'firing');
        const over = rows.filter(({ status, round }) => status === 'resolved' && round === group.round);
        const model = firingAfter(turns.slice(0, index + 1));

        expect(new Set(open.map(({ fingerprint }) => fingerprint))).toEqual(model);
        expect(group.firing).toBe(open.length);
        expect(open.length).toBe(model.size);
        if (group.round > 0) expect(group.resolved).toBe(over.length);
        expect(open.every(({ round }) => round === group.round)).toBe(true);
      }
    });
  });

  test('a group fires while any of its alerts fires, and its rounds are counted without gaps', () => {
    property((turns) => {
      let rounds = 0;
      for (const { decision, after } of turns) {
        for (const event of decision.ok ? decision.events : []) {
          if (event.type === 'GroupOpened') expect(event.round).toBe(++rounds);
        }
        if (after.group === undefined) continue;
        expect(after.group.round).toBe(rounds);
        if (after.group.firing > 0) expect(after.group.status).toBe('firing');
      }
    });
  });

  test('nothing that is in hand or over escalates, and all else that should, does or has', () => {
    property((turns) => {
      let hasStarted = false;
      for (const { given, decision, after } of turns) {
        const { group } = after;
        if (group === undefined) continue;
        for (const { type } of decision.ok ? decision.events : []) {
          if (type === 'GroupOpened')
            hasStarted = given.type === 'Deliver' && given.ruling.escalateAfter !== undefined;
          // Whoever gives it back or looks after it starts what nothing has started.
          hasStarted ||= type === 'Unacknowledged';
        }
        const isDone =
          group.status === 'resolved' || group.acknowledged !== undefined || group.dismissed !== undefined;
        hasStarted ||= !isDone && given.type === 'StartEscalation' && given.round === group.round;
        if (isDone) expect(group.escalation?.status).not.toBe('running');
        else if (group.routing.policy !== undefined && hasStarted)
          expect(['running', 'exhausted']).toContain(group.escalation?.status);
      }
    });
  });

  test('nobody is called of what is in hand, or over, until it is given back or opens again', () => {
    const calls: ReadonlySet<GroupEvent['type']> = new Set([
      'EscalationStarted',
      'EscalationHurried',
      'Escalated',
    ]);
    property((turns) => {
      let mayCall = false;
      for (const event of eventsOf(turns)) {
        const { type } = event;
        if (type === 'GroupOpened') mayCall = !event.staysAcknowledged;
        else if (type === 'Unacknowledged') mayCall = true;
        else if (type === 'Acknowledged' || type === 'Dismissed' || type === 'GroupClosed') mayCall = false;
        const isCall = calls.has(type) || (type === 'PageWanted' && event.page.wanted === 'triggered');
        if (isCall) expect(mayCall, type).toBe(true);
      }
    });
  });

  test('each step of a policy is taken once, in its order and not before its time', () => {
    property((turns) => {
      for (const { before, after, decision, now } of turns) {
        const [was, is] = [before.group?.escalation, after.group?.escalation];
        for (const event of decision.ok ? decision.events : []) {
          if (event.type !== 'Escalated') continue;
          expect(was).toMatchObject({ status: 'running', step: event.step });
          expect(was?.nextAt).toBeLessThanOrEqual(now + 5_000);
        }
        if (before.group?.round !== after.group?.round || was === undefined) continue;
        const isAgain = was.status === 'exhausted' && is?.status === 'running';
        expect(is?.step).toBe(isAgain ? 0 : was.step + ((is?.told.length ?? 0) - was.told.length));
      }
    });
  });

  test('what is over fires again only when a source says so, as another round', () => {
    property((turns) => {
      for (const { given, before, after } of turns) {
        const hasReopened = before.group?.status === 'resolved' && after.group?.status === 'firing';
        if (!hasReopened) continue;
        expect(given.type).toBe('Deliver');
        expect(after.group?.round).toBe((before.group?.round ?? 0) + 1);
      }
    });
  });

  test('PagerDuty is to show what the group is', () => {
    property((turns) => {
      for (const { after } of turns) {
        const { group } = after;
        if (group === undefined) continue;
        const isClosed = group.status === 'resolved' || group.dismissed !== undefined;
        const open = pagesOf(group).filter(
          ({ wanted, told, refused }) =>
            wanted !== 'resolved' && (told !== undefined || refused === undefined),
        );
        if (isClosed) expect(open).toEqual([]);
        const isPaging = !isClosed && group.acknowledged === undefined && group.routing.page !== undefined;
        if (isPaging) expect(group.page).toMatchObject({ key: group.routing.page });
        expect(new Set(pagesOf(group).map(({ turn }) => turn)).size).toBe(pagesOf(group).length);
      }
    });
  });

  test('a click that comes too late is refused, and so is one without the right', () => {
    property((turns) => {
      const clicks: ReadonlySet<GroupCommand['type']> = new Set([
        'Acknowledge',
        'Unacknowledge',
        'Resolve',
        'EscalateNow',
        'Silence',
      ]);
      for (const { given, before, after, decision } of turns) {
        if (!('by' in given) || !('round' in given) || !('may' in given.by)) continue;
        const isLate = before.group?.status !== 'firing' || before.group.round !== given.round;
        if ((clicks.has(given.type) && isLate) || given.by.may.length === 0) {
          expect(decision.ok).toBe(false);
          expect(after).toBe(before);
        }
      }
    });
  });

  test('a round that is over stays as it was, but for its silences and pages', () => {
    property((turns) => {
      for (const { before, after } of turns) {
        if (before.group?.status !== 'resolved' || after.group?.round !== before.group.round) continue;
        const { acknowledged, dismissed, escalation, firing, resolved, closedAt, openings, message } =
          before.group;
        expect(after.group).toMatchObject({
          status: 'resolved',
          firing,
          resolved,
          closedAt,
          openings,
          message,
        });
        expect(after.group.acknowledged).toEqual(acknowledged);
        expect(after.group.dismissed).toEqual(dismissed);
        expect(after.group.escalation).toEqual(escalation);
      }
    });
  });

  test('the events replayed give the state, which JSON keeps as it is', () => {
    property((turns) => {
      const replayed = eventsOf(turns).reduce<AlertGroup | undefined>(evolveGroup, undefined);

      expect(replayed).toEqual(turns.at(-1)?.after.group);
      if (replayed !== undefined) expect(JSON.parse(JSON.stringify(replayed))).toEqual(replayed);
    });
  });

  test('the same command at the same time is decided the same way', () => {
    property((turns) => {
      for (const { before, given, now, decision } of turns)
        expect(decided(before, given, now)).toEqual(decision);
    });
  });

  test('rows are written only with an event', () => {
    property((turns) => {
      for (const { before, given, decision } of turns) {
        if (kept(before, given).length > 0) expect(decision.ok && decision.events.length > 0).toBe(true);
      }
    });
  });

  test('a delivery that comes once more does nothing, from a peer or late', () => {
    property((turns) => {
      for (const { given, after, now } of turns) {
        if (given.type !== 'Deliver' || given.via === 'poll') continue;
        const peer = { ...given, externalUrl: 'http://peer:9093' };
        expect(decided(after, peer, now + minute)).toMatchObject({ ok: true, events: [] });
        expect(kept(after, peer)).toEqual([]);
      }
      const end = turns.at(-1);
      for (const given of webhooksOf(turns).filter(({ delivery }) =>
        end?.after.group?.deliveries.includes(delivery),
      )) {
        expect(end && decided(end.after, given, end.now)).toMatchObject({ ok: true, events: [] });
      }
    });
  });

  test('an old delivery changes no alert even when it is remembered no more, unless a look at Alertmanager did', () => {
    const isAboutAlerts = ({ type }: GroupEvent) =>
      ['GroupOpened', 'AlertsFired', 'AlertsResolved'].includes(type);
    property((turns) => {
      const end = turns.at(-1)?.after;
      const hasLooked = turns.some(({ given }) => given.type === 'Deliver' && given.via === 'poll');
      if (end?.group === undefined || hasLooked) return;
      const forgetful = { ...end, group: { ...end.group, deliveries: [] } };
      for (const given of webhooksOf(turns)) {
        const decision = decided(forgetful, given, noon);
        expect(decision.ok && decision.events.filter(isAboutAlerts)).toEqual([]);
      }
    });
  });

  test('the changes of a thread are numbered without gaps, and the newest twenty are kept', () => {
    property((turns) => {
      for (const { after } of turns) {
        if (after.group === undefined) continue;
        const { changes, changesSoFar } = after.group;
        const newest = Math.min(20, changesSoFar);
        const last = changes.slice(-newest).map(({ number }) => number);
        expect(last).toEqual(Array.from({ length: newest }, (_, index) => changesSoFar - newest + 1 + index));
        expect(changes.length).toBeLessThanOrEqual(30);
      }
    });
  });
});

describe('the jobs of a group', () => {
  test('are due exactly while the state asks for them', () => {
    property((turns) => {
      for (const { before, after } of turns) {
        if (after.group === undefined) continue;
        const ids = groupJobs(after.group).map(({ id }) => id);
        expect(ids.toSorted()).toEqual(wantedJobs(after.group).toSorted());
        expect(ids.join('')).not.toContain(':');
        expect(new Set(ids).size).toBe(ids.length);
        const had = new Set(before.group === undefined ? [] : wantedJobs(before.group));
        const started = reactGroup(before.group, after.group).map(({ id }) => id);
        expect(started.filter((id) => !id.startsWith('draw.')).toSorted()).toEqual(
          ids.filter((id) => !had.has(id)).toSorted(),
        );
      }
    });
  });

  test('never come back under a name that was done with, which the queue would take for done', () => {
    property((turns) => {
      const seen = new Set<string>();
      for (const { before, after } of turns) {
        if (after.group === undefined) continue;
        const had = new Set(before.group === undefined ? [] : groupJobs(before.group).map(({ id }) => id));
        for (const { id } of groupJobs(after.group)) {
          if (had.has(id)) continue;
          expect(seen.has(id), id).toBe(false);
          seen.add(id);
        }
      }
    });
  });

  test('are never in vain: taken up at its time, each changes the group', () => {
    property((turns) => {
      for (const { after, now } of turns) {
        if (after.group === undefined) continue;
        for (const job of groupJobs(after.group)) {
          const [given, at] = takenUp(job, 9, now);
          if (given === undefined) continue;
          const decision = decided(after, given, at);
          expect(decision.ok && decision.events.length > 0, job.id).toBe(true);
        }
      }
    });
  });
});

describe('the state of a group', () => {
  const long = 'x'.repeat(3_000);
  const labels = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`label ${index}`, long]));

  /** The size of a group's state after so many rounds of alerts with more labels than anybody needs. */
  function sizeAfter(rounds: number): number {
    let state = nothing;
    for (let round = 0; round < rounds; round += 1) {
      const many = Array.from({ length: 15 }, (_, index) => ({ ...firing(`${index}`, round * 10), labels }));
      const over = many.map((alert) => ({ ...ended(alert.fingerprint, round * 10), labels }));
      const about = { commonLabels: labels, commonAnnotations: labels, groupLabels: labels };
      const now = noon + round * 10 * minute;
      state = taken(state, deliver(many, { ...about, delivery: `${round} fires`.padEnd(64) }), now);
      state = taken(state, deliver(over, { ...about, delivery: `${round} ends`.padEnd(64) }), now + minute);
    }
    return JSON.stringify(groupOf(state)).length;
  }

  test('stays small whatever is delivered', () => {
    const [some, more] = [sizeAfter(10), sizeAfter(20)];

    expect(some).toBeLessThan(1_500_000);
    expect(more).toBeLessThan(some * 1.02);
  });
});

describe('the generated stories', () => {
  const has =
    (type: GroupEvent['type']) =>
    (turns: readonly Turn[]): boolean =>
      eventsOf(turns).some((event) => event.type === type);
  const kinds: [string, (turns: readonly Turn[]) => boolean][] = [
    [
      'opens more than once',
      (turns) => eventsOf(turns).some((event) => event.type === 'GroupOpened' && event.round > 1),
    ],
    ['flaps', (turns) => eventsOf(turns).some((event) => event.type === 'GroupOpened' && event.flapping)],
    [
      'stays acknowledged',
      (turns) => eventsOf(turns).some((event) => event.type === 'GroupOpened' && event.staysAcknowledged),
    ],
    ['is only noted at first', has('GroupNoted')],
    [
      'closes by what is told',
      (turns) =>
        eventsOf(turns).some((event) => event.type === 'GroupClosed' && event.because === 'resolved'),
    ],
    [
      'closes by a look',
      (turns) => eventsOf(turns).some((event) => event.type === 'GroupClosed' && event.because === 'gone'),
    ],
    ['is acknowledged', has('Acknowledged')],
    ['is given back', has('Unacknowledged')],
    ['is dismissed', has('Dismissed')],
    ['is escalated', has('Escalated')],
    [
      'is found with its policy asleep',
      (turns) =>
        turns.some(
          ({ given, decision }) =>
            given.type === 'StartEscalation' && decision.ok && decision.events.length > 0,
        ),
    ],
    ['has an incident', has('IncidentLinked')],
    ['has a page refused', has('PageRefused')],
    ['pages two services', (turns) => turns.some(({ after }) => (after.group?.otherPages.length ?? 0) > 0)],
    ['is silenced', has('SilenceMade')],
    ['has a silence ended', has('SilenceEnded')],
    [
      'has an alert that goes on',
      (turns) =>
        turns.some(({ after }) =>
          after.rows.some(({ round, endsAt }) => round === 0 && endsAt !== undefined),
        ),
    ],
  ];
  const told = fc.sample(stories, { numRuns: 600, seed: 1 }).map(play);

  test.each(kinds)('tell often enough of a group that %s', (_, happens) => {
    expect(told.filter(happens).length).toBeGreaterThan(5);
  });
});
