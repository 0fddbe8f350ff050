import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunbook } from '../../src/runbooks/parse.ts';
import type { Runbook } from '../../src/runbooks/runbook.ts';
import { searchIndex } from '../../src/runbooks/search.ts';
import { queries } from './queries.ts';

const folder = 'runbooks/incidents';
const runbooks: readonly Runbook[] = readdirSync(folder)
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) => {
    const parsed = parseRunbook(file.replace(/\.md$/, ''), readFileSync(`${folder}/${file}`, 'utf8'));
    return 'runbook' in parsed ? [parsed.runbook] : [];
  });
const search = searchIndex(runbooks);
const names = (query: string) => search(query, 5).map(({ runbook }) => runbook.name);

describe('what operators type', () => {
  test('leads to the right runbook first, nine times of ten or more often', () => {
    const missed = queries.filter(([query, wanted]) => names(query)[0] !== wanted);

    const share = 1 - missed.length / queries.length;
    const told = missed.map(([query, wanted]) => `${query}: ${names(query).join(', ')} instead of ${wanted}`);
    console.log(`${(share * 100).toFixed(1)} % of ${queries.length} queries\n${told.join('\n')}`);
    expect(queries.length).toBeGreaterThanOrEqual(40);
    expect(share).toBeGreaterThanOrEqual(0.9);
  });

  test('leads to the right runbook among the first three', () => {
    const missed = queries.filter(([query, wanted]) => !names(query).slice(0, 3).includes(wanted));

    expect(missed.length / queries.length).toBeLessThanOrEqual(0.05);
  });
});

describe('a search', () => {
  test.each(runbooks.flatMap(({ name, alerts }) => alerts.map((alert) => [alert, name] as const)))(
    'finds the runbook of the alert %s, however it is typed',
    (alert, name) => {
      const spaced = alert.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();

      expect(names(alert)[0]).toBe(name);
      expect(names(alert.toLowerCase())[0]).toBe(name);
      expect(names(spaced)).toContain(name);
    },
  );

  test('finds nothing for nothing, and at most as many as asked for', () => {
    expect(names('')).toEqual([]);
    expect(names('the of ???')).toEqual([]);
    expect(names('zzzzqqqq xxxxyyyy')).toEqual([]);
    expect(search('database', 2)).toHaveLength(2);
  });

  test('takes whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (query) => {
        expect(search(query, 3).length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 200 },
    );
  });
});
