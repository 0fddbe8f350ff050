// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollar notation is the plan's own.
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/deploy/deployment.ts';
import { type AskedOf, isSameAsked, leftAsWanted } from '../../src/deploy/drift.ts';
import type { RunStep } from '../../src/deploy/run-plan.ts';
import { abort, alice, phase, played, request, rollBack, worker } from '../support/runs.ts';

const { begin, satisfied, changed, failed, end } = worker('go');
const asked = (id: string) => played(undefined, request([phase('go')], { id }));
const ran = (id: string, report: ReturnType<typeof satisfied | typeof changed | typeof failed>) =>
  played(asked(id), begin, report, end);
const untouched = played(asked('untouched'), abort(alice));
const back: Deployment = { ...ran('back', changed()), kind: 'rollback' };

describe('the run that left a step as wanted', () => {
  const rows: [string, readonly Deployment[], string | undefined][] = [
    ['is the newest that found it so', [ran('run-2', satisfied()), ran('run-1', changed())], 'run-2'],
    ['is the newest that made it so', [ran('run-2', changed())], 'run-2'],
    ['is an older one when the newest did not come to it', [untouched, ran('run-1', satisfied())], 'run-1'],
    ['is none when a later one failed at it', [ran('run-2', failed()), ran('run-1', changed())], undefined],
    ['is none when it was rolled back since', [back, ran('run-1', changed())], undefined],
    [
      'is an older one when a rollback since did not begin',
      [{ ...played(asked('back'), rollBack(alice)), kind: 'rollback' }, ran('run-1', changed())],
      'run-1',
    ],
    ['is none when nothing was run before', [], undefined],
  ];
  test.each(rows)('%s', (_, runs, expected) => {
    expect(leftAsWanted(runs, 'go', 'one')?.id).toBe(expected);
  });
});

describe('two runs ask the same of a step', () => {
  const planned: RunStep = {
    id: 'one',
    uses: 'test/step',
    with: { a: '${VERSION}', b: '${PORT}', c: 1 },
    covers: [],
  };
  const base: AskedOf = { planned, values: { VERSION: 'v1', PORT: '1' }, fingerprints: { PORT: 'aa' } };
  const rows: [string, Partial<AskedOf>, boolean][] = [
    ['when nothing differs', {}, true],
    ['when only what it does not take differs', { values: { ...base.values, COMMIT: 'c' } }, true],
    ['when only its title differs', { planned: { ...planned, title: 'New' } }, true],
    ['but not for another version', { values: { ...base.values, VERSION: 'v2' } }, false],
    ['but not for another value of a variable', { fingerprints: { PORT: 'bb' } }, false],
    ['but not with other parameters', { planned: { ...planned, with: { ...planned.with, c: 2 } } }, false],
    ['but not of another implementation', { planned: { ...planned, uses: 'test/other' } }, false],
    ['but not when the plan had no such step', { planned: undefined }, false],
  ];
  test.each(rows)('%s', (_, change, expected) => {
    expect(isSameAsked(base, { ...base, ...change })).toBe(expected);
    expect(isSameAsked({ ...base, ...change }, base)).toBe(expected);
  });
});
