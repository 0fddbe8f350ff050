import { describe, expect, test } from 'vitest';
import { nearest, suggestion } from '../src/nearest.ts';

const words = ['deploy', 'rollback', 'status', 'env'];

describe('a mistyped word', () => {
  test.each([
    ['depoly', 'deploy'],
    ['Rollbak', 'rollback'],
    ['sttus', 'status'],
    ['nev', 'env'],
  ])('%s is taken for %s', (typed, meant) => {
    expect(nearest(typed, words)).toBe(meant);
  });

  test.each(['coffee', '', 'x', 'abc'])('%j is taken for nothing', (typed) => {
    expect(nearest(typed, words)).toBeUndefined();
  });

  test('is answered with what there is when nothing is near', () => {
    expect(suggestion('coffee', words)).toBe('there is deploy, rollback, status, env');
    expect(suggestion('coffee', [])).toBe('there is none');
    expect(suggestion('statsu', words)).toBe('did you mean "status"?');
  });
});
