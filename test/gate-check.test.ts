import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateProblem } from '../src/gate-check.ts';

const environment = {
  name: 'production',
  may: { deploy: ['asker'], rollback: [], lock: [] },
  selfApproval: false,
};

describe('a gate', () => {
  test.each([
    ['one of two', { a: 1 }, { asker: ['U1'], a: ['U1', 'U2'] }, undefined],
    ['two of two without the asker', { a: 2 }, { asker: ['U3'], a: ['U1', 'U2'] }, undefined],
    ['two of two with the asker', { a: 2 }, { asker: ['U1'], a: ['U1', 'U2'] }, 'nobody approves their own'],
    ['another asker could', { a: 2 }, { asker: ['U1', 'U3'], a: ['U1', 'U2'] }, undefined],
    ['a person in both groups', { a: 1, b: 1 }, { asker: ['U3'], a: ['U1'], b: ['U1'] }, 'a has 1, b has 1'],
    ['a person who must make room', { a: 1, b: 1 }, { asker: ['U3'], a: ['U1', 'U2'], b: ['U1'] }, undefined],
    ['a user group', { a: 5 }, { asker: ['U1'], a: ['S1'] }, undefined],
    ['an asking user group', { a: 1 }, { asker: ['S1'], a: ['U1'] }, undefined],
    ['the same person listed twice', { a: 2 }, { asker: ['U3'], a: ['U1', 'U1'] }, 'a has 1'],
  ])('with %s', (_case, approvals, groups, message) => {
    const problem = gateProblem(approvals, groups, environment);

    if (message === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(message);
  });

  test('may be met by the asker where the environment allows it', () => {
    const problem = gateProblem(
      { a: 1 },
      { asker: ['U1'], a: ['U1'] },
      { ...environment, selfApproval: true },
    );

    expect(problem).toBeUndefined();
  });

  test('is found impossible exactly when no choice of different people meets it', () => {
    const people = fc.uniqueArray(fc.constantFrom('U1', 'U2', 'U3', 'U4'), { minLength: 1 });
    const count = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(people, people, count, count, (a, b, wantA, wantB) => {
        const groups = { asker: [], a, b };
        const both = new Set([...a, ...b]).size;
        // Hall's condition for two groups.
        const possible = a.length >= wantA && b.length >= wantB && both >= wantA + wantB;

        const problem = gateProblem({ a: wantA, b: wantB }, groups, environment);

        expect(problem === undefined).toBe(possible);
      }),
    );
  });
});
