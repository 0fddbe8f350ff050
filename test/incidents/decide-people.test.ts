import { describe, expect, test } from 'vitest';
import type { IncidentCommand } from '../../src/incidents/commands.ts';
import type { Role } from '../../src/incidents/incident.ts';
import { incidentJobs } from '../../src/incidents/jobs.ts';
import {
  alice,
  carol,
  decided,
  incidentAfter,
  invite,
  type Played,
  resolve,
  roomFailed,
  roomMade,
  roomSettled,
  told,
} from './play-incident.ts';

const everybody = ['U0ALICE', 'U0CAROL', 'U0ONCALL'];
const assign = (role: Role, person: string, by = carol): IncidentCommand => ({
  type: 'AssignRole',
  role,
  person,
  by,
});
const roomJobs = (...commands: readonly Played[]) =>
  incidentJobs(incidentAfter(...commands)).filter(({ name }) => name === 'room');

describe('a role', () => {
  test('is one person each, and whoever gets it is invited', () => {
    const incident = incidentAfter(
      roomMade(),
      roomSettled(1, everybody),
      assign('scribe', 'U0DAN'),
      assign('commander', 'U0BOB'),
    );

    expect(incident.roles).toEqual({ commander: 'U0BOB', scribe: 'U0DAN' });
    expect(incident.room).toMatchObject({ turn: 3, wanted: ['U0DAN', 'U0BOB'], invited: everybody });
  });

  test('does not invite whoever is there already', () => {
    const settled = incidentAfter(roomMade(), roomSettled(1, everybody));

    expect(told(decided(settled, assign('scribe', 'U0ONCALL')))).toEqual(['RoleAssigned']);
  });

  test('is given once to the same person, and not without the right', () => {
    expect(told(decided(incidentAfter(), assign('commander', 'U0CAROL')))).toEqual([]);
    expect(told(decided(incidentAfter(), assign('scribe', 'U0ALICE', alice)))).toBe('refused: not-allowed');
  });
});

describe('the channel', () => {
  test('is asked of Slack when the incident is declared, until Slack has answered', () => {
    const [job] = roomJobs();

    expect(job).toEqual({
      id: 'incident-0123456789abcdef.room.1',
      queue: 'calls',
      name: 'room',
      data: { incident: 'incident-0123456789abcdef', turn: 1 },
    });
    expect(roomJobs(roomMade())).toEqual([job]);
    expect(roomJobs(roomMade(), roomSettled(1, everybody))).toEqual([]);
    expect(incidentAfter(roomMade(), roomSettled(1, everybody)).room).toEqual({
      name: 'inc-12-payments-fail',
      channel: 'C0INC12',
      turn: 1,
      invited: everybody,
      wanted: [],
    });
  });

  test('has the name that Slack gave it', () => {
    const named: IncidentCommand = { type: 'RoomMade', turn: 1, channel: 'C1', name: 'inc-12-x-2' };

    expect(incidentAfter(named).room).toMatchObject({ channel: 'C1', name: 'inc-12-x-2' });
  });

  test('that was made is not forgotten when more was asked meanwhile, and a second one does not replace it', () => {
    const late = incidentAfter(invite(['U0DAN']), roomMade(1, 'C0FIRST'));

    expect(late.room).toMatchObject({ channel: 'C0FIRST', turn: 2 });
    expect(told(decided(late, roomMade(2, 'C0SECOND')))).toEqual([]);
  });

  test('is asked of Slack again when somebody new is wanted', () => {
    const settled = [roomMade(), roomSettled(1, everybody)];

    expect(roomJobs(...settled, invite(['U0DAN', 'U0DAN', 'U0CAROL']))[0]?.data).toMatchObject({ turn: 2 });
    expect(incidentAfter(...settled, invite(['U0DAN', 'U0DAN', 'U0CAROL'])).room.wanted).toEqual(['U0DAN']);
    expect(told(decided(incidentAfter(...settled), invite(['U0CAROL'])))).toEqual([]);
    expect(told(decided(incidentAfter(), invite(['U0ONCALL'])))).toEqual([]);
    expect(told(decided(incidentAfter(), invite(['U0DAN'], alice)))).toBe('refused: not-allowed');
  });

  test('that Slack would not make says why, and is tried again by inviting', () => {
    const failed = incidentAfter(roomFailed());
    const again = incidentAfter(roomFailed(), invite([]));

    expect(failed.room).toMatchObject({ because: 'name_taken', wanted: everybody });
    expect(incidentJobs(failed).map(({ name }) => name)).toEqual(['remind-update']);
    expect(again.room).toEqual({ name: failed.room.name, turn: 2, invited: [], wanted: everybody });
    expect(roomJobs(roomFailed(), invite([]))).toHaveLength(1);
  });

  test('keeps those wanted whom Slack would not invite, and tells why', () => {
    const partly = [roomMade(), roomSettled(1, ['U0ALICE', 'U0CAROL'], 'U0ONCALL is a guest.')];

    expect(incidentAfter(...partly).room).toMatchObject({
      invited: ['U0ALICE', 'U0CAROL'],
      wanted: ['U0ONCALL'],
      because: 'U0ONCALL is a guest.',
    });
    expect(roomJobs(...partly)).toEqual([]);
    expect(roomJobs(...partly, invite([]))[0]?.data).toMatchObject({ turn: 2 });
  });

  test('of which all are in and something else failed, has nothing to try again', () => {
    const settled = incidentAfter(roomMade(), roomSettled(1, everybody, 'The topic is too long.'));

    expect(settled.room.because).toBe('The topic is too long.');
    expect(told(decided(settled, invite([])))).toEqual([]);
  });

  test.each<[string, IncidentCommand]>([
    ['an old call that went well', roomSettled(1, everybody)],
    ['an old call that failed', roomFailed(1)],
    ['a call that nobody made', roomFailed(3)],
  ])('heeds no answer to %s', (_, answer) => {
    expect(told(decided(incidentAfter(roomMade(), invite(['U0DAN'])), answer))).toEqual([]);
  });

  test('heeds one answer to each call', () => {
    expect(told(decided(incidentAfter(roomMade(), roomSettled(1, everybody)), roomFailed()))).toEqual([]);
    expect(told(decided(incidentAfter(roomFailed()), roomSettled(1, everybody)))).toEqual([]);
  });

  test('can be joined after the incident is resolved, for the review', () => {
    expect(incidentAfter(resolve(), invite(['U0DAN'])).room.wanted).toContain('U0DAN');
  });
});

describe('what it is about', () => {
  const group = (round: number, by = carol): IncidentCommand => ({
    type: 'LinkGroup',
    group: 'group-0123456789abcdef',
    round,
    by,
  });
  const run = (id: string, by = carol): IncidentCommand => ({ type: 'LinkRun', run: id, by });

  test('are openings of alert groups and runs, each once', () => {
    const incident = incidentAfter(group(2), run('deployment-2'));

    expect(incident.groups.map(({ round }) => round)).toEqual([1, 2]);
    expect(incident.runs).toEqual(['deployment-1', 'deployment-2']);
    expect(told(decided(incident, group(2)))).toEqual([]);
    expect(told(decided(incident, run('deployment-2')))).toEqual([]);
  });

  test('is said by those who may respond, and has an end', () => {
    const full = incidentAfter(...Array.from({ length: 49 }, (_, index) => run(`other-${index}`)));
    const many = incidentAfter(...Array.from({ length: 99 }, (_, index) => group(index + 2)));

    expect(told(decided(incidentAfter(), group(2, alice)))).toBe('refused: not-allowed');
    expect(told(decided(incidentAfter(), run('deployment-2', alice)))).toBe('refused: not-allowed');
    expect(told(decided(full, run('one-more')))).toBe('refused: incident-full');
    expect(told(decided(many, group(200)))).toBe('refused: incident-full');
  });
});
