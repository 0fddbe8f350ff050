import { describe, expect, test } from 'vitest';
import type { IncidentCommand } from '../../src/incidents/commands.ts';
import { incidentJobs } from '../../src/incidents/jobs.ts';
import {
  alice,
  approve,
  bob,
  carol,
  dan,
  decided,
  decline,
  detailOf,
  incidentAfter,
  minute,
  noon,
  noticeFailed,
  noticeSent,
  type Played,
  propose,
  resolve,
  told,
  update,
} from './play-incident.ts';

const proposed = [propose()];
const approved = [propose(), approve()];
const sent = [propose(), approve(), noticeSent()];
const failed = [propose(), approve(), noticeFailed()];

describe('a text for the status page', () => {
  test('is proposed with the status that the incident has', () => {
    const incident = incidentAfter(update('Found it.', 'identified'), [propose(' Payments fail. '), 5]);

    expect(incident.notices).toEqual([
      {
        number: 1,
        text: 'Payments fail.',
        status: 'identified',
        by: 'U0CAROL',
        at: noon + 5 * minute,
        state: 'proposed',
        turn: 0,
      },
    ]);
    expect(incidentJobs(incident).map(({ name }) => name)).not.toContain('notice');
  });

  test('is sent once somebody else has approved it', () => {
    const incident = incidentAfter(...approved);
    const job = incidentJobs(incident).find(({ name }) => name === 'notice');

    expect(incident.notices[0]).toMatchObject({ state: 'approved', decidedBy: 'U0BOB', turn: 1 });
    expect(job).toEqual({
      id: 'incident-0123456789abcdef.notice.1.1',
      queue: 'calls',
      name: 'notice',
      data: { incident: 'incident-0123456789abcdef', number: 1, turn: 1 },
    });
  });

  test('is told of as sent, with the id that the status page gave the incident', () => {
    const incident = incidentAfter(...sent);

    expect(incident).toMatchObject({ notices: [{ state: 'sent' }], page: 'p-1' });
    expect(incidentJobs(incident).map(({ name }) => name)).not.toContain('notice');
  });

  test('that the status page refused says why, and can be approved again', () => {
    const again = incidentAfter(...failed, approve(1, dan));

    expect(incidentAfter(...failed).notices[0]).toMatchObject({ state: 'failed', because: 'no' });
    expect(again.notices[0]).toMatchObject({ state: 'approved', decidedBy: 'U0DAN', turn: 2 });
    expect(again.notices[0]).not.toHaveProperty('because');
    expect(incidentJobs(again).map(({ id }) => id)).toContain('incident-0123456789abcdef.notice.1.2');
  });

  test('can be taken back by whoever proposed it', () => {
    expect(incidentAfter(...proposed, decline(1, carol)).notices[0]).toMatchObject({
      state: 'declined',
      decidedBy: 'U0CAROL',
    });
  });

  test('can say that it is resolved', () => {
    expect(incidentAfter(resolve(), propose('It works again.')).notices[0]?.status).toBe('resolved');
  });

  test('is under way alone: the next one waits until it is decided and sent', () => {
    expect(told(decided(incidentAfter(...proposed), propose('More.', bob)))).toBe('refused: notice-waiting');
    expect(told(decided(incidentAfter(...approved), propose('More.')))).toBe('refused: notice-waiting');
    expect(detailOf(decided(incidentAfter(...approved), propose('More.')))).toBe(
      'That of <@U0CAROL> at 2026-11-22 12:01 UTC is being sent.',
    );
    for (const over of [sent, failed, [...proposed, decline()]]) {
      expect(incidentAfter(...over, propose('More.')).notices[1]).toMatchObject({ number: 2 });
    }
  });

  test('that was proposed twice by the same dialogue is one', () => {
    expect(told(decided(incidentAfter(...proposed), propose()))).toEqual([]);
  });

  test.each<[string, readonly Played[], IncidentCommand, string, string]>([
    ['proposed without the right', [], propose('x', dan), 'not-allowed', ''],
    ['proposed without a text', [], propose(' '), 'text-required', ''],
    ['approved by whoever proposed it', [propose('x', bob)], approve(), 'own-step', ''],
    ['approved by who may only respond', [propose('x', bob)], approve(1, carol), 'not-allowed', ''],
    ['declined by who may only respond', [propose('x', bob)], decline(1, carol), 'not-allowed', ''],
    ['approved by who may only declare', proposed, approve(1, alice), 'not-allowed', ''],
    ['approved twice', approved, approve(1, dan), 'already-decided', 'Approved by <@U0BOB>.'],
    ['declined once approved', approved, decline(1, dan), 'already-decided', 'Approved by <@U0BOB>.'],
    ['approved once declined', [propose(), decline()], approve(1, dan), 'already-decided', 'Declined by'],
    ['approved once sent', sent, approve(1, dan), 'already-decided', 'Approved by <@U0BOB>.'],
    [
      'approved though a newer one is there',
      [...failed, propose('More.')],
      approve(),
      'already-decided',
      'newer',
    ],
    ['approved though it is not there', [], approve(), 'not-found', ''],
  ])('is refused when it is %s', (_, before, command, code, detail) => {
    const decision = decided(incidentAfter(...before), command);

    expect(told(decision)).toBe(`refused: ${code}`);
    expect(detailOf(decision)).toContain(detail);
  });

  test.each<[string, readonly Played[], IncidentCommand]>([
    ['before it is approved', proposed, noticeSent(1, 0)],
    ['of an earlier turn', [...failed, approve()], noticeSent(1, 1)],
    ['of an earlier turn that failed', [...failed, approve()], noticeFailed(1, 1)],
    ['a second time', sent, noticeFailed()],
    ['of one that is not there', approved, noticeSent(2)],
  ])('heeds no answer of the status page %s', (_, before, answer) => {
    expect(told(decided(incidentAfter(...before), answer))).toEqual([]);
  });
});
