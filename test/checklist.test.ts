import { describe, expect, test } from 'vitest';
import { checklistOf, idsCovered } from '../src/checklist.ts';

const ids = ['PRE-01', 'ENV-01', 'ENV-02', 'ENV-03'];

describe('the checklist', () => {
  test('is read from tab-separated lines below a header', () => {
    const items = checklistOf('id\tphase\titem\tdetails\r\nPRE-01\tPre\tServer\ta | b\r\n\r\n');

    expect(items).toEqual([{ id: 'PRE-01', phase: 'Pre', item: 'Server' }]);
  });

  test.each([
    ['PRE-01', ['PRE-01']],
    ['ENV-01..ENV-03', ['ENV-01', 'ENV-02', 'ENV-03']],
    ['ENV-02..ENV-02', ['ENV-02']],
    ['ENV-03..ENV-01', undefined],
    ['ENV-01..ENV-04', undefined],
    ['ENV-00..ENV-02', undefined],
    ['OPS-01', undefined],
  ])('reads %s as %j', (entry, covered) => {
    expect(idsCovered(entry, ids)).toEqual(covered);
  });
});
