import { describe, expect, test } from 'vitest';
import { fillIn } from '../../../../rehearsal/slack/modal-values.ts';
import { parseGroup, parseGroupMetadata } from '../../../../src/bot/blocks/alerts/group-reference.ts';
import { readSilence } from '../../../../src/bot/blocks/alerts/silence-answers.ts';
import type { SilenceForm } from '../../../../src/bot/blocks/alerts/silence-modal.ts';
import { silenceModal } from '../../../../src/bot/blocks/alerts/silence-modal.ts';
import { matchersOf } from '../../../../src/bot/blocks/alerts/silence-scope.ts';
import { textOf } from '../text-of.ts';
import { groupOf, minute, viewOf } from './sample-group.ts';

type Filled = Parameters<typeof fillIn>[0];
const asShown = (view: unknown): Filled => JSON.parse(JSON.stringify(view));

function modalOf(change: Partial<SilenceForm> = {}) {
  const { group, episodes } = viewOf();
  return silenceModal({
    metadata: { group: group.id, round: 1, zone: 'Europe/Berlin', isZoneKnown: true },
    group,
    episodes,
    scope: 'group',
    workingHours: Date.parse('2026-11-23T08:00:00Z'),
    preview: { kind: 'looking' },
    ...change,
  });
}

describe('the dialogue about a silence', () => {
  test('is read back as it was filled in', () => {
    const view = modalOf();

    const values = fillIn(asShown(view), {
      scope: 'Only instance=db-2:9100',
      span: 'Until working hours: Monday 09:00',
      date: '2026-11-24',
      time: '10:30',
      comment: '  Known. ',
    });

    expect(readSilence(values)).toEqual({
      scope: '64622d3220202020',
      span: 'working-hours',
      date: '2026-11-24',
      time: '10:30',
      comment: 'Known.',
    });
    expect(parseGroupMetadata(view.private_metadata)?.zone).toBe('Europe/Berlin');
  });

  test('asks for the whole group and two hours unless something else is chosen', () => {
    const values = fillIn(asShown(modalOf()), { comment: 'x' });

    expect(readSilence(values)).toEqual({ scope: 'group', span: '2h', comment: 'x' });
  });

  test.each<[SilenceForm['preview'], string]>([
    [{ kind: 'looking' }, 'Asking Alertmanager which alerts this matches …'],
    [{ kind: 'known', matched: 0, outside: [] }, '⚠️ This matches no alert that fires now.'],
    [{ kind: 'known', matched: 14, outside: [] }, 'Matches *14 alerts* that fire now, all of this group.'],
    [
      {
        kind: 'known',
        matched: 14,
        outside: Array.from({ length: 7 }, (_, index) => ({ pod: `p${index}` })),
      },
      'Matches *14 alerts* that fire now. ⚠️ *7 of them outside of this group*:\n• `pod=p0`\n• `pod=p1`\n• `pod=p2`\n• `pod=p3`\n• `pod=p4`\n… and 2 more',
    ],
    [
      { kind: 'unknown', because: 'Nobody <answers>.' },
      '⚠️ How many alerts this matches is not known: Nobody &lt;answers&gt;. You can ask for the silence all the same.',
    ],
  ])('says of %o what is known', (preview, wanted) => {
    const read = textOf(modalOf({ preview }).blocks);

    expect(read).toContain(wanted);
    expect(read).toContain('Matchers: `alertname="DiskWillFill"` `cluster="eu-1"`');
  });

  test('says when it counts in UTC because Slack did not tell better', () => {
    const metadata = { group: groupOf().id, round: 1, zone: 'UTC', isZoneKnown: false };

    const read = textOf(modalOf({ metadata }).blocks);

    expect(read).toContain('Dates and times are those of UTC, since Slack did not tell your time zone.');
  });
});

describe('the matchers of a silence', () => {
  const exact = (name: string, value: string) => ({ name, value, isRegex: false, isEqual: true });

  test('of a group that is grouped by nothing are what its alerts have in common', () => {
    const { group, episodes } = viewOf({ groupLabels: {}, commonLabels: { job: 'node' } });

    const matchers = matchersOf(group, episodes, 'group');

    expect(matchers).toEqual([exact('job', 'node')]);
    expect(JSON.stringify(modalOf({ group }).blocks)).toContain(
      'All alerts that have what these have in common',
    );
  });

  test('are none where Alertmanager would take none, so that only single alerts can be chosen', () => {
    const { group, episodes } = viewOf({ groupLabels: { team: '' }, commonLabels: {} });

    const options = JSON.stringify(modalOf({ group, scope: 'x' }).blocks);

    expect(matchersOf(group, episodes, 'group')).toBeUndefined();
    expect(options).not.toContain('The whole group');
    expect(options).toContain('instance=db-1:9100');
  });

  test('of one alert are all its labels, and there are none once it has resolved', () => {
    const { group, episodes } = viewOf();
    const [firing, , resolved] = episodes.map(({ fingerprint }) => fingerprint);

    expect(matchersOf(group, episodes, firing ?? '')).toContainEqual(exact('instance', 'db-1:9100'));
    expect(matchersOf(group, episodes, resolved ?? '')).toBeUndefined();
  });
});

test('what nobody of ours can have sent is not read', () => {
  const other = { group: 'group-1', round: 1 };

  expect([undefined, 7, { scope: {} }].map(readSilence)).toEqual([undefined, undefined, undefined]);
  expect([JSON.stringify(other), '{', '{"run":"run-1"}'].map(parseGroup)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(parseGroup(JSON.stringify({ group: groupOf().id, round: 1, more: minute(1) }))).toBeUndefined();
});

test('what was left open is absent, so that the dialogue can ask for it', () => {
  const nothing = { selected_option: null };

  const read = readSilence({
    scope: { 'alert.silence-choice': nothing },
    span: { span: nothing },
    date: { date: { selected_date: null } },
    time: { time: nothing },
    comment: { comment: { value: null } },
  });

  expect([read, readSilence({})]).toEqual([{}, {}]);
});
