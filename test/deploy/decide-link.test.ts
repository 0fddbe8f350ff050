import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import { abort, alice, noon, phase, played, requested, told, worker } from '../support/runs.ts';

const link = (number: number, channel = `C${number}`): Command => ({
  type: 'LinkIncident',
  incident: `incident-${number}`,
  number,
  channel,
});

const build = worker('build');
const asked = requested(phase('build'), phase('ship', { needs: ['build'] }));
const building = played(asked, build.begin);

describe('the incident that is about a run', () => {
  test('is remembered while phases go on as they were', () => {
    const linked = played(building, link(3));

    expect(linked).toEqual({ ...building, incident: { id: 'incident-3', number: 3, channel: 'C3' } });
  });

  test('is told of when the run has ended', () => {
    const ended = played(asked, abort(alice));

    expect(played(ended, link(3))).toMatchObject({ status: ended.status, incident: { number: 3 } });
  });

  test('gives way to one that was declared later', () => {
    expect(played(building, link(3), link(4)).incident?.id).toBe('incident-4');
  });

  test.each([
    ['the same again', [link(3)], link(3)],
    ['one declared earlier', [link(4)], link(3)],
  ])('changes nothing when it is %s', (_, before, again) => {
    expect(told(decide(played(building, ...before), again, noon))).toEqual([]);
  });

  test('is not told to a run that is not there', () => {
    expect(told(decide(undefined, link(3), noon))).toBe('refused: run-not-found');
  });
});
