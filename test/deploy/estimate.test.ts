import { describe, expect, test } from 'vitest';
import { estimateOf } from '../../src/deploy/estimate.ts';

describe('the estimate', () => {
  test('is the sum and the longest path over the needs', () => {
    const phases = [
      { id: 'pre', needs: [], estimate: 15 },
      { id: 'database', needs: ['pre'], estimate: 10 },
      { id: 'redis', needs: ['pre'], estimate: 5 },
      { id: 'smoke', needs: ['database', 'redis'], estimate: 15 },
      { id: 'notes', needs: ['redis'] },
    ];

    const estimate = estimateOf(phases);

    expect(estimate).toEqual({ sum: 45, criticalPath: 40, path: ['pre', 'database', 'smoke'] });
  });

  test('ends also for needs that are wrong', () => {
    const estimate = estimateOf([
      { id: 'a', needs: ['b', 'nobody'], estimate: 1 },
      { id: 'b', needs: ['a'], estimate: 2 },
    ]);

    expect(estimate.sum).toBe(3);
  });

  test('of nothing is nothing', () => {
    expect(estimateOf([])).toEqual({ sum: 0, criticalPath: 0, path: [] });
  });
});
