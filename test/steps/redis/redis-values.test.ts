import { expect, test } from 'vitest';
import { sameSetting } from '../../../src/steps/redis/redis-values.ts';

test.each([
  ['maxmemory', '512mb', '536870912', true],
  ['maxmemory', '512m', '512000000', true],
  ['maxmemory', '1GB', '1073741824', true],
  ['maxmemory', '1gb', '1000000000', false],
  ['maxmemory', '0', '0', true],
  ['appendonly', 'YES', 'yes', true],
  ['appendonly', 'no', 'yes', false],
  ['save', '300 10 900 1', '900 1 300 10', true],
  ['save', '900 1', '900 1 300 10', false],
  ['save', '1 900', '900 1', false],
  ['save', '""', '', true],
  ['save', '', '900 1', false],
  ['dir', '/Data', '/data', false],
])('%s "%s" and "%s" are the same: %s', (name, one, other, same) => {
  expect(sameSetting(name, one, other)).toBe(same);
});
