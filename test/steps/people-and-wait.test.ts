import { expect, test } from 'vitest';
import { peopleConfirm, peopleSignOff } from '../../src/steps/people.ts';
import type { Answer } from '../../src/steps/step.ts';
import { waitFor } from '../../src/steps/wait.ts';
import { checking, contract } from './contract.ts';

const nothing = { snapshot: async () => [], close: async () => {} };

contract(peopleConfirm, { first: 'asking', last: 'asking' }, async () => ({
  wanted: { prompt: 'Is the DNS entry right?', from: ['ops'] },
  ...nothing,
}));

contract(peopleSignOff, { first: 'asking', last: 'asking' }, async () => ({
  wanted: { prompt: 'Go live?', groups: ['ops', 'product'] },
  ...nothing,
}));

contract(waitFor, { first: 'waiting', last: 'waiting' }, async () => ({
  wanted: { duration: '1h' },
  ...nothing,
}));

test('a confirmation by anybody of the groups satisfies and is the evidence', async () => {
  const answers = [answer('eve', 'sales'), answer('carol', 'dns', 'yes, 203.0.113.7')];

  const check = await checking(
    peopleConfirm,
    { prompt: 'Which address?', from: ['ops', 'dns'] },
    { answers },
  );

  expect(check).toEqual({
    is: 'satisfied',
    evidence: [
      {
        asked: 'Which address?',
        of: 'carol for dns',
        answered: 'yes, 203.0.113.7 (2026-01-01T00:00:00.000Z)',
      },
    ],
  });
});

test('an answer from a group that was not asked does not count', async () => {
  const check = await checking(
    peopleConfirm,
    { prompt: 'Which?', from: ['ops'] },
    { answers: [answer('eve', 'sales')] },
  );

  expect(check).toEqual({ is: 'asking', question: { kind: 'confirm', prompt: 'Which?', groups: ['ops'] } });
});

test.each([
  ['nobody has signed', [], ['ops', 'product']],
  ['one group has signed', [answer('alice', 'ops')], ['product']],
  ['one person signs for both groups', [answer('alice', 'ops'), answer('alice', 'product')], ['product']],
  [
    'who is in both groups signs for the one that has nobody else',
    [answer('alice', 'ops'), answer('alice', 'product'), answer('bob', 'ops')],
    [],
  ],
  ['two people sign', [answer('alice', 'ops'), answer('bob', 'product')], []],
])('a sign-off when %s', async (_, answers, missing) => {
  const check = await checking(peopleSignOff, { prompt: 'Go?', groups: ['ops', 'product'] }, { answers });

  expect(check.is).toBe(missing.length === 0 ? 'satisfied' : 'asking');
  if (check.is === 'asking') expect(check.question.groups).toEqual(missing);
});

test('a wait ends exactly when its time has passed since it was first seen', async () => {
  const at = (now: number) => checking(waitFor, { duration: '10m' }, { firstSeenAt: 1_000, now: () => now });

  expect(await at(600_999)).toEqual({ is: 'waiting', until: 601_000 });
  expect((await at(601_000)).is).toBe('satisfied');
});

function answer(by: string, group: string, text = 'yes'): Answer {
  return { by, group, text, at: Date.UTC(2026, 0, 1) };
}
