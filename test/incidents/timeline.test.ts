import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import type { Event } from '../../src/deploy/events.ts';
import { evolve } from '../../src/deploy/evolve.ts';
import type { IncidentCommand } from '../../src/incidents/commands.ts';
import type { IncidentEvent } from '../../src/incidents/events.ts';
import type { Happening } from '../../src/incidents/record.ts';
import { timelineOf } from '../../src/incidents/timeline.ts';
import type { WalkthroughCommand } from '../../src/walkthroughs/commands.ts';
import type { WalkthroughEvent } from '../../src/walkthroughs/events.ts';
import {
  acknowledge,
  dan,
  deliver,
  ended,
  escalate,
  firing,
  noon as groupNoon,
  hour,
  nothing,
  pageTold,
  played as playedGroup,
  ruling as routed,
  silence,
  silenceEnded,
  silenceMade,
} from '../alerts/play-group.ts';
import {
  abort,
  approve as approvePhase,
  bob as approver,
  gated,
  phase,
  request,
  alice as requester,
  worker,
} from '../support/runs.ts';
import * as walks from '../walkthroughs/play-walk.ts';
import {
  addAction,
  applied,
  approve,
  bob,
  completeAction,
  completeReview,
  decided,
  declaring,
  invite,
  noticeSent,
  pin,
  propose,
  remindUpdate,
  reopen,
  resolve,
  roomMade,
  severity,
  update,
} from './play-incident.ts';
import { happening, happeningsOf, incident, opened, recordOf } from './sample-record.ts';

/** The entries as a reader sees them, without their times. */
function read(happenings: readonly Happening[]): string[] {
  return timelineOf(recordOf(happenings)).map(({ by, what, whom }) =>
    [...(by === undefined ? [] : [`${by}:`]), what, ...(whom ?? [])].join(' '),
  );
}

function incidentEvents(...commands: readonly IncidentCommand[]): readonly IncidentEvent[] {
  let state = undefined as ReturnType<typeof applied>;
  return [declaring, ...commands].flatMap((command, minutes) => {
    const decision = decided(state, command, minutes);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code}`);
    state = applied(state, decision);
    return decision.events;
  });
}

function runEvents(...commands: readonly Command[]): readonly Event[] {
  let state: Deployment | undefined;
  return commands.flatMap((command) => {
    const decision = decide(state, command, 0);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code}`);
    state = decision.events.reduce<Deployment | undefined>(evolve, state);
    return decision.events;
  });
}

function walkEvents(...commands: readonly WalkthroughCommand[]): readonly WalkthroughEvent[] {
  let state: ReturnType<typeof walks.applied>;
  return [walks.opening, ...commands].flatMap((command) => {
    const decision = walks.decided(state, command);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code}`);
    state = walks.applied(state, decision);
    return decision.events;
  });
}

describe('the timeline', () => {
  test('tells what the rules of incidents write', () => {
    const events = incidentEvents(
      roomMade(),
      update('The pool is full.', 'identified'),
      update('Still.', undefined, bob),
      severity('critical'),
      { type: 'Rename', title: 'Cards fail', by: bob },
      { type: 'AssignRole', role: 'scribe', person: 'U0DAN', by: bob },
      invite(['U0ERIN']),
      { type: 'LinkRun', run: 'deployment-2', by: bob },
      propose('Cards fail.'),
      approve(),
      noticeSent(),
      update('Better.', 'monitoring'),
      resolve('Rolled back.'),
      addAction(),
      completeAction(),
      reopen(),
      resolve('Really.', bob),
      completeReview(bob, 'https://wiki.example/12'),
    );

    expect(read(happeningsOf('incident', events))).toEqual([
      'U0ALICE: Incident declared as high: Payments fail',
      'Channel inc-12-payments-fail made',
      'U0CAROL: Update, now identified: The pool is full.',
      'U0BOB: Update: Still.',
      'U0CAROL: Severity changed to critical',
      'U0BOB: Title changed to: Cards fail',
      'U0BOB: Role of scribe given to U0DAN',
      'U0BOB: Deployment linked: deployment-2',
      'U0CAROL: Text for the status page proposed: Cards fail.',
      'U0BOB: Text 1 for the status page approved',
      'Told on the status page: Cards fail.',
      'U0CAROL: Update, now monitoring: Better.',
      'U0CAROL: Mitigated',
      'U0CAROL: Resolved: Rolled back.',
      'U0CAROL: Action 1, due 2026-11-29: Alert before the pool is full, for U0DAN',
      'U0CAROL: Action 1 done',
      'U0CAROL: Reopened: It is back.',
      'U0BOB: Resolved: Really.',
      'U0BOB: Review done: https://wiki.example/12',
    ]);
  });

  test('calls what is linked as people do, where the record knows it', () => {
    const linked = [
      happening('incident', 1, 1, 'GroupLinked', { by: 'U0BOB', group: opened.stream, round: 1 }),
      happening('incident', 2, 2, 'GroupLinked', { by: 'U0BOB', group: 'group-2', round: 1 }),
      happening('incident', 3, 3, 'RunLinked', { by: 'U0BOB', run: 'deployment-1' }),
    ];
    const run = happening('deployment', 1, 9, 'RunEnded', { outcome: 'succeeded' });

    expect(read([opened, run, ...linked])).toEqual([
      'PaymentsFail opened, critical in production',
      'U0BOB: Alert linked: PaymentsFail',
      'U0BOB: Alert linked: group-2',
      'U0BOB: Deployment linked: production v2',
      'production v2 succeeded',
    ]);
  });

  test('tells of an update that nobody had sent', () => {
    const [declared] = incidentEvents();
    const due = declared?.type === 'IncidentDeclared' ? (declared.updateDueAt ?? 0) : 0;

    expect(read(happeningsOf('incident', incidentEvents(remindUpdate(due)))).at(-1)).toBe(
      'No update had come when one was owed; people were reminded',
    );
  });

  test('tells what the rules of alerts write', () => {
    const later = groupNoon + hour;
    const { events } = playedGroup(
      nothing,
      deliver([firing('a'), firing('b')], { ruling: routed({ routing: { environment: 'production' } }) }),
      pageTold(1),
      deliver([firing('a'), firing('b'), firing('c', 1)]),
      [escalate(0), later],
      [silence(), later],
      [silenceMade(1), later],
      [silenceEnded(1), later],
      [acknowledge(dan), later],
      [deliver([ended('a'), ended('b'), ended('c', 1)]), later],
    );

    expect(read(happeningsOf('alerts', events))).toEqual([
      'PaymentsFail opened, error in production',
      'PaymentsFail: paged through PagerDuty',
      'PaymentsFail: 1 more alert fired',
      'PaymentsFail: escalated, step 1; told U0CAROL',
      'U0CAROL: PaymentsFail silenced until 2030-01-01 14:00 UTC: known',
      'PaymentsFail: silence ended',
      'U0DAN: PaymentsFail acknowledged',
      'PaymentsFail closed: nothing of it fires any more',
    ]);
  });

  test('tells what the rules of opened runbooks write, by what people call tasks and steps', () => {
    const evidence = 'a'.repeat(64);
    const events = walkEvents(
      { type: 'Tick', task: 't1', by: 'U0BOB', finding: '98 of 100 in use' },
      { type: 'Untick', task: 't1', by: 'U0BOB' },
      { type: 'Tick', task: 't2', by: 'U0BOB' },
      walks.run('s1'),
      { type: 'Begin', step: 's1', number: 1 },
      { type: 'Report', step: 's1', number: 1, attempt: 1, outcome: 'satisfied', evidence },
      walks.run('s2'),
      { type: 'Approve', step: 's2', number: 1, by: walks.bob },
      { type: 'Begin', step: 's2', number: 1 },
      { type: 'Report', step: 's2', number: 1, attempt: 1, outcome: 'applying' },
      {
        type: 'Report',
        step: 's2',
        number: 1,
        attempt: 1,
        outcome: 'failed',
        code: 'timed-out',
        because: 'No answer.',
      },
      { type: 'Remark', part: 's2', text: 'The host is gone.', by: 'U0ALICE' },
    );

    expect(read(happeningsOf('walkthrough', events))).toEqual([
      'U0ALICE: Runbook Payments fail opened',
      'U0BOB: Runbook Payments fail: done: Look at the pool; found: 98 of 100 in use',
      'U0BOB: Runbook Payments fail: no longer done: Look at the pool',
      'U0BOB: Runbook Payments fail: done: t2',
      'U0CAROL: Runbook Payments fail: step Kill queries looked, and found it as it should be',
      'U0CAROL: Runbook Payments fail: step s2 asked for',
      'U0BOB: Runbook Payments fail: step s2 approved',
      'U0CAROL: Runbook Payments fail: step s2 failed: No answer.',
      'U0ALICE: Runbook Payments fail: said to be wrong at s2: The host is gone.',
    ]);
  });

  test('tells what the rules of runs write, of phases that changed something or failed', () => {
    const [look, ship] = [worker('look'), worker('ship')];
    const events = runEvents(
      request([phase('look'), gated('ship', { ops: 1 }, { needs: ['look'] })]),
      look.begin,
      look.satisfied(),
      look.end,
      approvePhase('ship', approver),
      ship.begin,
      ship.beginApply(),
      ship.changed(),
      ship.end,
    );

    expect(read(happeningsOf('deployment', events))).toEqual([
      'alice: Deployment production v2 requested',
      'bob: production v2: phase Ship approved',
      'production v2: phase Ship began',
      'production v2: phase Ship ended',
      'production v2 succeeded',
    ]);
  });

  test('tells why a run failed and what became of it', () => {
    const build = worker('build');
    const events = runEvents(
      request([phase('build')]),
      { type: 'Hold', group: 'g', name: 'ApiDown' },
      { type: 'Continue', by: requester, reason: 'known' },
      build.begin,
      build.failed(),
      build.end,
      abort(requester),
    );

    expect(read(happeningsOf('deployment', events))).toEqual([
      'alice: Deployment production v2 requested',
      'production v2: no further phase begins, since ApiDown fired',
      'alice: production v2: continued: known',
      expect.stringMatching(/^production v2: step one of build failed/),
      'production v2: phase build failed',
      'alice: production v2: stopped: wrong day',
      'production v2 was aborted',
    ]);
  });

  test('puts a pinned message at the time at which it was written, in words', () => {
    const events = incidentEvents(
      pin('1795348800.000200', 'Pool &lt;full&gt;, <@U0DAN> see <https://x.example|graph>\nnow <!channel>'),
      pin('1795348801.000000', 'taken off'),
      { type: 'Unpin', ts: '1795348801.000000', by: 'U0EVE' },
    );
    const [declared, pinned, ...others] = timelineOf(recordOf(happeningsOf('incident', events)));

    expect(declared?.kind).toBe('incident');
    expect(pinned).toEqual({
      at: 1_795_348_800_000,
      by: 'U0BOB',
      kind: 'message',
      what: 'Pool <full>, @U0DAN see graph (https://x.example) now @channel',
      source: { stream: incident, version: 2, type: 'MessagePinned' },
    });
    expect(others).toEqual([]);
  });

  test('puts a message once that was taken off and pinned again', () => {
    const events = incidentEvents(
      pin('1795348800.000200'),
      { type: 'Unpin', ts: '1795348800.000200', by: 'U0EVE' },
      pin('1795348800.000200'),
    );

    expect(
      timelineOf(recordOf(happeningsOf('incident', events))).map(({ source }) => source.version),
    ).toEqual([1, 4]);
  });

  test('is by time, then by stream and version', () => {
    const entries = timelineOf(
      recordOf([
        happening('walkthrough', 2, 5, 'Ticked', { task: 't1', by: 'U0BOB' }),
        happening('incident', 9, 5, 'Mitigated', { by: 'U0BOB' }),
        happening('walkthrough', 1, 5, 'RunbookOpened', { by: 'U0BOB' }),
        happening('incident', 10, 5, 'Renamed', { by: 'U0BOB', title: 'x' }),
        happening('incident', 3, 1, 'Renamed', { by: 'U0BOB', title: 'y' }),
      ]),
    );

    expect(entries.map(({ source, kind }) => `${kind} ${source.version}`)).toEqual([
      'incident 3',
      'incident 9',
      'incident 10',
      'walkthrough 1',
      'walkthrough 2',
    ]);
  });

  test('begins with the opening of a group that the incident is about', () => {
    const before = [
      happening('alerts', 1, -900, 'GroupOpened', { ...opened.data, round: 1 }),
      happening('alerts', 2, -890, 'GroupClosed', { because: 'resolved' }),
    ];
    const meant = happening('alerts', 3, -3, 'GroupOpened', { ...opened.data, round: 2 });
    const later = [
      happening('alerts', 4, 10, 'GroupClosed', { because: 'gone' }),
      happening('alerts', 5, 11, 'GroupOpened', { ...opened.data, round: 3 }),
    ];
    const record = recordOf([...before, meant, ...later]);
    const groups = [{ group: opened.stream, round: 2 }];
    const entries = timelineOf({ ...record, incident: { ...record.incident, groups } });

    expect(entries.map(({ source }) => source.version)).toEqual([3, 4, 5]);
  });

  test.each<[string, Happening]>([
    ['of a type that nobody knows', happening('incident', 1, 1, 'Sneezed', { by: 'U0BOB' })],
    ['of a type that every object has', happening('alerts', 1, 1, 'constructor')],
    ['of a type that is no type', happening('deployment', 1, 1, '__proto__')],
    ['without its members', happening('incident', 1, 1, 'Updated')],
    ['with members of another kind', happening('incident', 1, 1, 'Updated', { by: 7, text: {} })],
    ['with an outcome that nobody knows', happening('deployment', 1, 1, 'RunEnded', { outcome: 'toString' })],
  ])('leaves out an event %s', (_, odd) => {
    expect(read([odd, happening('incident', 2, 2, 'Mitigated', { by: 'U0BOB' })])).toEqual([
      'U0BOB: Mitigated',
    ]);
  });

  test('keeps what others wrote on one bounded line', () => {
    const [entry] = timelineOf(
      recordOf([
        happening('incident', 1, 1, 'Updated', { by: 'U0BOB', text: `a\n\u202eb\u0000${'x'.repeat(9_000)}` }),
      ]),
    );

    expect(entry?.what).toMatch(/^Update: a b x+…$/);
    expect(entry?.what.length).toBeLessThan(600);
  });
});
