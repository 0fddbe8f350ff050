import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canBeMet, filled, wanted } from '../../src/deploy/gate.ts';

const gate = (approvals: Record<string, number>) => ({ approvals, expires: 1 });
const people = (...groups: string[][]) => groups.map((of, index) => ({ by: `person-${index}`, groups: of }));

describe('the approvals of a gate', () => {
  const rows: [string, Record<string, number>, string[][], number][] = [
    ['nobody fills nothing', { ops: 1 }, [], 0],
    ['one fills one', { ops: 1 }, [['ops']], 1],
    ['somebody of no group fills nothing', { ops: 1 }, [['qa']], 0],
    ['more than wanted fill no more than wanted', { ops: 1 }, [['ops'], ['ops']], 1],
    ['one person in two groups fills one', { ops: 1, qa: 1 }, [['ops', 'qa']], 1],
    ['the first person moves over for the second', { ops: 1, qa: 1 }, [['ops', 'qa'], ['ops']], 2],
    ['everybody moves over along a chain', { a: 1, b: 1, c: 1 }, [['a', 'b'], ['b', 'c'], ['a'], []], 3],
    ['two of a group are two people', { ops: 2 }, [['ops'], ['ops']], 2],
  ];

  test.each(rows)('%s', (_, approvals, groups, expected) => {
    expect(filled(gate(approvals), people(...groups))).toBe(expected);
  });

  test('wanted are all counts together', () => {
    expect(wanted(gate({ ops: 2, qa: 1 }))).toBe(3);
  });

  test('filled are as many as any assignment of people to groups could fill', () => {
    const groups = fc.subarray(['a', 'b', 'c']);
    const counts = fc.record({ a: fc.nat(2), b: fc.nat(2), c: fc.nat(2) });

    fc.assert(
      fc.property(counts, fc.array(groups, { maxLength: 5 }), (approvals, memberships) => {
        expect(filled(gate(approvals), people(...memberships))).toBe(best(approvals, memberships));
      }),
    );
  });
});

describe('whether a gate can be met', () => {
  const rows: [string, Record<string, number>, Record<string, string[]>, string | undefined, boolean][] = [
    ['by enough people', { ops: 2 }, { ops: ['a', 'b'] }, undefined, true],
    ['not without the one who asks', { ops: 2 }, { ops: ['a', 'b'] }, 'a', false],
    ['not by one person for two groups', { ops: 1, qa: 1 }, { ops: ['a'], qa: ['a'] }, undefined, false],
    ['by two of whom one is in both', { ops: 1, qa: 1 }, { ops: ['a', 'b'], qa: ['a'] }, undefined, true],
    ['not by a group that nobody knows', { ops: 1 }, {}, undefined, false],
    ['not by somebody who is listed twice', { ops: 2 }, { ops: ['a', 'a'] }, undefined, false],
  ];

  test.each(rows)('%s', (_, approvals, members, without, expected) => {
    expect(canBeMet(gate(approvals), members, without)).toBe(expected);
  });
});

/** Tries every assignment: slow and obviously right. */
function best(left: Readonly<Record<string, number>>, [first, ...others]: readonly string[][]): number {
  if (first === undefined) return 0;
  const seated = first
    .filter((group) => (left[group] ?? 0) > 0)
    .map((group) => 1 + best({ ...left, [group]: (left[group] ?? 0) - 1 }, others));
  return Math.max(best(left, others), ...seated);
}
