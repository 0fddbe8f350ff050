import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HomeView } from '../../../../rehearsal/slack/block-kit.ts';
import type { AlertGroup } from '../../../../src/alerts/group.ts';
import { homeBlocks } from '../../../../src/bot/blocks/home/home-blocks.ts';
import type { HomeFacts, HomePerson } from '../../../../src/bot/blocks/home/home-facts.ts';
import type { Incident } from '../../../../src/incidents/incident.ts';
import { walkAfter, bob as walkBob, carol as walkCarol } from '../../../walkthroughs/play-walk.ts';
import { groupOf, minute } from '../alerts/sample-group.ts';
import { nasty } from '../nasty.ts';
import { plan, runThrough, start, untilAsked, untilFailed } from '../sample-run.ts';
import { buttonsOf, textOf } from '../text-of.ts';

const now = start + 20 * 60_000;
const empty: HomeFacts = {
  now,
  runs: [],
  locks: [],
  groups: [],
  firing: 0,
  incidents: [],
  walkthroughs: [],
  onCall: [],
};
const person = (id: string, change: Partial<HomePerson> = {}): HomePerson => ({
  id,
  groups: [],
  may: [],
  ...change,
});
const approver = person('UBOB', { groups: ['approvers'] });

const incident: Incident = {
  id: 'incident-0123456789abcdef',
  number: 12,
  title: 'Payments fail',
  severity: 'critical',
  status: 'identified',
  declaredBy: 'UALICE',
  declaredAt: start,
  from: { channel: 'C0ALERTS' },
  roles: { commander: 'UCAROL' },
  room: { name: 'inc-12', channel: 'C0INC12', turn: 1, invited: [], wanted: [] },
  groups: [],
  runs: [],
  updates: [],
  updatesSoFar: 0,
  updateDueAt: start + 60_000,
  reminders: 0,
  pins: [],
  actions: [],
  notices: [],
  noticesSoFar: 0,
};

const read = (one: HomePerson, facts: Partial<HomeFacts>) => {
  const blocks = homeBlocks(one, { ...empty, ...facts });
  expect(HomeView.safeParse({ type: 'home', blocks }).error).toBeUndefined();
  return { text: textOf(blocks), buttons: buttonsOf(blocks) };
};

describe('a home tab', () => {
  test('of somebody on whom nothing waits says so', () => {
    expect(read(approver, {}).text).toContain('Nothing waits on you');
    expect(read(approver, {}).buttons).toEqual([]);
  });

  const gated = runThrough();

  test.each([
    ['somebody who may approve', approver, true],
    ['somebody in another group', person('UDAVE', { groups: ['deployers'] }), false],
    ['whoever asked for it', person('UALICE', { groups: ['approvers'] }), false],
  ])('offers an approval to %s', (_, one, isOffered) => {
    const { text, buttons } = read(one, { runs: [{ run: gated, plan }] });

    expect(buttons).toEqual(isOffered ? ['Approve', 'Reject'] : []);
    expect(text).toContain(isOffered ? 'Waiting on you: 1' : 'Nothing waits on you');
  });

  test('offers no second approval, and none when the seats are taken', () => {
    const digest = gated.digest;
    const once = runThrough([
      1,
      { type: 'Approve', phase: 'database', digest, by: { id: 'UBOB', groups: ['approvers'], may: [] } },
    ]);

    expect(read(approver, { runs: [{ run: once, plan }] }).buttons).toEqual([]);
    expect(read(person('UEVE', { groups: ['approvers'] }), { runs: [{ run: once, plan }] }).buttons).toEqual([
      'Approve',
      'Reject',
    ]);
  });

  test('asks whoever is asked, and offers a retry to whoever asked for the run', () => {
    const asked = [{ run: runThrough(...untilAsked), plan, link: 'https://slack.example/card' }];
    const failed = [{ run: runThrough(...untilFailed), plan }];

    expect(read(person('UCAROL', { groups: ['on-call'] }), { runs: asked }).buttons).toEqual(['Confirm']);
    expect(read(approver, { runs: asked }).buttons).toEqual([]);
    const own = read(person('UALICE'), { runs: failed });
    expect(own.buttons).toEqual(['Retry']);
    expect(own.text).toContain('Role app lacks CREATEROLE');
    expect(read(person('UBOB'), { runs: failed }).buttons).toEqual([]);
  });

  test('calls whoever was told of an alert, and lets others acknowledge it who may', () => {
    const told = [{ at: minute(1), step: 0, people: ['UCAROL'] }];
    const escalation = {
      policy: 'default',
      step: 1,
      nextAt: minute(5),
      status: 'running' as const,
      told,
    };
    const groups = [{ group: groupOf({ escalation }), link: 'https://slack.example/alert' }];

    const called = read(person('UCAROL', { may: ['acknowledge'] }), { groups, firing: 1 });
    const other = read(person('UBOB', { may: ['acknowledge'] }), { groups, firing: 1 });
    const stranger = read(person('UEVE'), { groups, firing: 1 });

    expect(called.text).toContain('You were called for');
    expect(called.buttons).toEqual(['Acknowledge', 'Acknowledge']);
    expect(other.text).not.toContain('You were called');
    expect(other.buttons).toEqual(['Acknowledge']);
    expect(stranger.buttons).toEqual([]);
    expect(stranger.text).toContain('Firing alerts: 1');
  });

  test('says nothing of alerts where none are taken', () => {
    const { firing: _, ...facts } = empty;

    expect(textOf(homeBlocks(approver, facts))).not.toMatch(/alert/i);
    expect(textOf(homeBlocks(approver, empty))).toContain('No alert fires.');
  });

  test('counts the alerts that it does not show', () => {
    const groups = Array.from({ length: 60 }, (_, index) => ({
      group: groupOf({ id: `group-${index.toString(16).padStart(16, '0')}` }),
    }));

    const { text, buttons } = read(person('UBOB', { may: ['acknowledge'] }), { groups, firing: 5_000 });

    expect(text).toContain('Firing alerts: 5000');
    expect(text).toContain('… 4990 more');
    expect(buttons).toHaveLength(10);
  });

  test('shows whoever has a role what is due, and nobody else', () => {
    const commander = read(person('UCAROL'), { incidents: [incident] });
    const other = read(person('UBOB'), { incidents: [incident] });

    expect(commander.text).toMatch(
      /⏰ \*#12 Payments fail\* in <#C0INC12>: you are commander · an update was due/,
    );
    expect(commander.buttons).toEqual(['Update']);
    expect(other.buttons).toEqual([]);
    expect(other.text).toContain('Incidents: 1');
  });

  test('keeps reviews and actions until they are done', () => {
    const action = { number: 1, title: 'Add an alert', owner: 'UBOB', due: '2026-11-29', by: 'UCAROL' };
    const review = { dueAt: now + 3_600_000, remindAt: now + 60_000, reminders: 0 };
    const { updateDueAt: _, ...rest } = incident;
    const over: Incident = { ...rest, status: 'resolved', review, actions: [action] };
    const done: Incident = {
      ...over,
      review: { ...review, done: { by: 'UCAROL', at: now } },
      actions: [{ ...action, doneBy: 'UBOB', doneAt: now }],
    };

    expect(read(person('UCAROL'), { incidents: [over] }).buttons).toEqual([
      'Review as a file',
      'Review done',
    ]);
    expect(read(person('UBOB'), { incidents: [over] }).buttons).toEqual(['Done']);
    expect(read(person('UBOB'), { incidents: [over] }).text).not.toContain('Incidents: 1');
    for (const id of ['UCAROL', 'UBOB']) {
      expect(read(person(id), { incidents: [done] }).buttons).toEqual([]);
    }
  });

  test('offers what is to be told outside to whoever may publish, and not to who wrote it', () => {
    const notice = {
      number: 1,
      text: 'We look into it',
      status: 'identified' as const,
      by: 'UCAROL',
      at: start,
      state: 'proposed' as const,
      turn: 0,
    };
    const incidents = [{ ...incident, roles: {}, notices: [notice] }];

    expect(read(person('UBOB', { may: ['publish'] }), { incidents }).buttons).toEqual(['Approve', 'Decline']);
    expect(read(person('UCAROL', { may: ['publish'] }), { incidents }).buttons).toEqual([]);
    expect(read(person('UBOB'), { incidents }).buttons).toEqual([]);
  });

  test('offers a step of a runbook to a second person who may run it', () => {
    const walkthrough = walkAfter({ type: 'Run', step: 's2', by: walkCarol });
    const walkthroughs = [{ walkthrough }];

    expect(read(person(walkBob.id, { may: ['run'] }), { walkthroughs }).buttons).toEqual([
      'Approve',
      'Decline',
    ]);
    expect(read(person(walkCarol.id, { may: ['run'] }), { walkthroughs }).buttons).toEqual([]);
    expect(read(person(walkBob.id), { walkthroughs }).buttons).toEqual([]);
  });

  test('tells who is on call, what runs and what is locked', () => {
    const { text } = read(approver, {
      onCall: [{ schedule: 'primary', now: 'UCAROL', next: 'UBOB' }, { schedule: 'night' }],
      runs: [{ run: runThrough(...untilFailed), plan }],
      locks: [{ environment: 'staging', by: 'UALICE', reason: 'disk is full', at: start }],
    });

    expect(text).toContain('*primary*: <@UCAROL>, then <@UBOB>');
    expect(text).toContain('*night*: nobody');
    expect(text).toContain('v2.4.1 on production');
    expect(text).toContain('*staging* is locked by <@UALICE>: disk is full');
  });

  test('stays within the limits and does nothing, whatever people and alerts are called', () => {
    const hostile = (text: string): AlertGroup =>
      groupOf({ groupLabels: { alertname: text }, commonAnnotations: { summary: text } });
    fc.assert(
      fc.property(nasty, (text) => {
        const many = <T>(one: T) => Array<T>(40).fill(one);
        const blocks = homeBlocks(person('UCAROL', { may: ['acknowledge', 'publish', 'run'] }), {
          ...empty,
          groups: many({ group: hostile(text) }),
          firing: 40,
          incidents: many({
            ...incident,
            title: text,
            actions: [{ number: 1, title: text, owner: 'UCAROL', due: '2026-11-29', by: 'UBOB' }],
          }),
          locks: many({ environment: text, by: text, reason: text, at: start }),
          onCall: many({ schedule: text, now: text }),
        });
        expect(HomeView.safeParse({ type: 'home', blocks }).error).toBeUndefined();
        expect(textOf(blocks)).not.toMatch(/<!(channel|here|everyone)|@channel|\u202e/);
      }),
      { numRuns: 60 },
    );
  });
});
