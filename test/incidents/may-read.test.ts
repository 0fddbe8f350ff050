import { describe, expect, test } from 'vitest';
import { mayRead } from '../../src/incidents/may-read.ts';

const incident = {
  room: { name: 'inc-1', turn: 1, invited: ['U0BOB'], wanted: ['U0DAVE'] },
  roles: { scribe: 'U0EVE' },
  declaredBy: 'U0ALICE',
  actions: [{ number: 1, title: 'x', owner: 'U0FRANK', due: '2026-11-30', by: 'U0ALICE' }],
};

describe('what happened in an incident', () => {
  test('may be read by everybody when it is not private', () => {
    expect(mayRead(incident, { id: 'U0STRANGER', may: [] }, false)).toBe(true);
  });

  test.each([
    ['a stranger', { id: 'U0STRANGER', may: [] }, false],
    ['somebody who was only to be invited', { id: 'U0DAVE', may: [] }, false],
    ['somebody in its channel', { id: 'U0BOB', may: [] }, true],
    ['somebody with a role', { id: 'U0EVE', may: [] }, true],
    ['whoever declared it', { id: 'U0ALICE', may: [] }, true],
    ['the owner of an action', { id: 'U0FRANK', may: [] }, true],
    ['somebody who may declare any', { id: 'U0STRANGER', may: ['declare'] as const }, true],
  ])('of a private one by %s: %#', (_, person, expected) => {
    expect(mayRead(incident, person, true)).toBe(expected);
  });
});
