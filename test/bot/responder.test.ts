import { expect, test } from 'vitest';
import { responder } from '../../src/bot/responder.ts';

const members: Readonly<Record<string, readonly string[]>> = { oncall: ['UBOB'], leads: ['UBOB', 'UCAROL'] };
const groups = { members: async (group: string) => members[group] ?? [] };
const settings = { may: { respond: ['oncall', 'leads'], silence: ['oncall', 'nobody'] } };

test.each([
  ['UBOB', ['respond', 'silence']],
  ['UCAROL', ['respond']],
  ['UALICE', []],
] as const)('%s may do what a group that they are in may: %o', async (user, may) => {
  const found = await responder(groups, settings, user);

  expect(found).toEqual({ id: user, may });
});
