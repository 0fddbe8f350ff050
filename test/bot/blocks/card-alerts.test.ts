import { describe, expect, test } from 'vitest';
import { card } from '../../../src/bot/blocks/card.ts';
import { groupOf } from './alerts/sample-group.ts';
import { aboutAt, alice, runThrough, start, untilFailed } from './sample-run.ts';

const run = runThrough(...untilFailed.slice(0, 4));

function near(change: Parameters<typeof groupOf>[0] = {}) {
  const related = [{ run: run.id, version: run.version, phase: 'Go-live', at: start, by: alice.id }];
  return groupOf({ groupLabels: { alertname: 'High<!channel>Errors' }, related, ...change });
}

describe('the card of a run', () => {
  test('names the alerts that fire since it changed something, and mentions nobody by them', () => {
    const text = JSON.stringify(card(run, aboutAt(20, { alerts: [near()] })).blocks);

    expect(text).toMatch(/High&lt;!channel&gt;Errors.*fires here since.*after Go-live/);
    expect(text).not.toContain('<!channel>');
  });

  test('says of an alert that is over that it is', () => {
    const text = JSON.stringify(card(run, aboutAt(20, { alerts: [near({ status: 'resolved' })] })).blocks);

    expect(text).toContain('it is over');
  });

  test('says why no further phase begins, and offers to continue', () => {
    const held = { ...run, hold: { at: start, groups: { 'group-1': 'ApiDown' } } };

    const before = JSON.stringify(card(run, aboutAt(20)).blocks);
    const text = JSON.stringify(card(held, aboutAt(20)).blocks);

    expect(before).not.toContain('Continue');
    expect(text).toMatch(/No further phase begins: \*ApiDown\* fired here/);
    expect(text).toContain('"Continue"');
  });
});
