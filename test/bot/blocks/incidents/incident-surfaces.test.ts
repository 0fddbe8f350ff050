import { describe, expect, test } from 'vitest';
import { MessageBlocks } from '../../../../rehearsal/slack/block-kit.ts';
import { incidentSurfaces } from '../../../../src/bot/blocks/incidents/incident-surfaces.ts';
import type { IncidentView } from '../../../../src/bot/blocks/incidents/incident-view.ts';
import type { Incident } from '../../../../src/incidents/incident.ts';
import { groupOf } from '../alerts/sample-group.ts';
import { buttonsOf, textOf } from '../text-of.ts';
import { changeOf, linked, minute, noticeOf, resolved, viewOf, walkthrough } from './sample-incident.ts';

/** A message by its key as a person reads it, within what Slack takes. */
function shown(key: string, view: IncidentView) {
  const surface = incidentSurfaces(view).find((one) => one.key === key);
  if (surface === undefined) throw new Error(`there is no ${key}`);
  MessageBlocks.parse(surface.blocks);
  return { ...surface, read: textOf(surface.blocks), buttons: buttonsOf(surface.blocks) };
}

const keys = (view: IncidentView) => incidentSurfaces(view).map(({ key }) => key);

const updates: Incident['updates'] = [{ number: 1, at: minute(4), by: 'UBOB', text: '*It* is\nthe <cache>' }];

describe('the card of an incident', () => {
  test('says how bad it is, who leads, what is owed, what it is about, and what can be done', () => {
    const view = viewOf(
      { status: 'identified', updates, updatesSoFar: 1, roles: { commander: 'UCAROL', scribe: 'UBOB' } },
      { groups: [linked], walkthroughs: [walkthrough] },
    );

    const card = shown('card', view);

    expect(card.read.split('\n')).toEqual([
      '🟥 #12 Payments fail · Identified',
      '*Critical* · *Identified* · since 2026-11-22 03:04 UTC',
      'Commander <@UCAROL> · Communications _nobody yet_ · Scribe <@UBOB>',
      '⏰ Next update due 2026-11-22 03:34 UTC',
      '*Last update* by <@UBOB>, 2026-11-22 03:08 UTC',
      '> ∗It∗ is',
      '> the &lt;cache&gt;',
      '🟥 *DiskWillFill* on production · <#C0ALERTS> · firing since 2026-11-22 03:04 UTC · 2 alerts',
      '📖 *Payments &lt;fail&gt;* · 1 of 3 steps done · opened by <@UBOB> in <#C0ALERTS>',
      'Declared by <@UCAROL> in <#C0ALERTS>, 2026-11-22 03:04 UTC · 📌 on a message puts it into the timeline',
      '[Update] [Role] [Status page] [Add action] [Timeline] [Resolve]',
    ]);
    expect(card.text).toBe('🟥 #12 Payments fail · Critical · Identified');
  });

  test.each<[string, Partial<Incident>, Partial<IncidentView>, string]>([
    ['an update that is overdue', { reminders: 2 }, {}, '⚠️ *An update is overdue*; asked for 2 times'],
    ['an update that is late by now', {}, { now: minute(31) }, '⚠️ *An update is overdue*'],
    ['another opening of the alert', {}, { groups: [{ ...linked, round: 2 }] }, 'ended, and fires again'],
    [
      'an alert that is over',
      {},
      { groups: [{ group: groupOf({ status: 'resolved', closedAt: minute(9) }), round: 1 }] },
      '✅ *DiskWillFill* on production · <#C0ALERTS> · resolved after',
    ],
    [
      'whom Slack would not let in',
      { room: { ...viewOf().incident.room, because: 'Could not be invited: <@UBOB>: <!here> a guest.' } },
      {},
      '⚠️ Could not be invited: <@UBOB>: &lt;!here&gt; a guest.',
    ],
    ['how long it took', resolved, {}, '*Critical* · *Resolved* after 1 h by <@UBOB>'],
    ['when it is reviewed', resolved, {}, '⏰ Review due 2026-11-23 03:04 UTC'],
  ])('tells %s', (_, change, more, text) => {
    const { read } = shown('card', viewOf(change, more));

    expect(read).toContain(text);
  });

  test('asks for nothing more once it is reviewed', () => {
    const done = {
      dueAt: minute(90),
      remindAt: minute(80),
      reminders: 0,
      done: { by: 'UBOB', at: minute(70) },
    };

    const card = shown('card', viewOf({ ...resolved, review: done }, { hasStatusPage: false }));

    expect(card.buttons).toEqual(['Add action', 'Timeline']);
    expect(card.read).toContain('✅ Review done by <@UBOB>');
  });
});

describe('where an incident stands', () => {
  test('is its channel, with a message that follows it where it was declared and where all are told of', () => {
    const surfaces = incidentSurfaces(viewOf({}, { announce: 'C0ALL', posted: [] }));

    expect(surfaces.map(({ key, place, elsewhere }) => [key, place, elsewhere])).toEqual([
      ['card', 'channel', undefined],
      ['declared', 'channel', { channel: 'C0ALERTS', thread: '1795394842.000010' }],
      ['announced', 'channel', { channel: 'C0ALL' }],
    ]);
    expect(textOf(surfaces[2]?.blocks ?? [])).toContain('worked on in <#C0ROOM>');
  });

  test.each<[string, Partial<Incident['room']>, Incident['from'], readonly unknown[]]>([
    [
      'is the thread of the alert when Slack makes no channel',
      { because: 'Slack refused.' },
      { channel: 'C0ALERTS', thread: '1.2' },
      [
        ['declared', 'channel', { channel: 'C0ALERTS', thread: '1.2' }],
        ['change-7', 'thread', { channel: 'C0ALERTS', thread: '1.2' }],
      ],
    ],
    [
      'is a thread of its own where a command was typed',
      {},
      { channel: 'C0ALL' },
      [
        ['declared', 'channel', undefined],
        ['change-7', 'thread', undefined],
      ],
    ],
  ])('%s', (_, change, from, expected) => {
    const { channel: __, ...room } = viewOf().incident.room;
    const changes = [
      changeOf({ type: 'RoleAssigned', role: 'scribe', person: 'UBOB', by: 'UBOB', at: minute(2) }),
    ];

    const surfaces = incidentSurfaces(viewOf({ room: { ...room, ...change }, from }, { changes }));

    expect(surfaces.map(({ key, place, elsewhere }) => [key, place, elsewhere])).toEqual(expected);
  });

  test('offers everything in the thread once it is known that there will be no channel', () => {
    const { channel: _, ...room } = viewOf().incident.room;

    const waiting = shown('declared', viewOf({ room }));
    const left = shown('declared', viewOf({ room: { ...room, because: 'No right to.' } }));

    expect([waiting.buttons, waiting.read]).toEqual([
      [],
      expect.stringContaining('its channel is being made'),
    ]);
    expect(left.buttons).toContain('Resolve');
    expect(left.read).toContain('so it is worked on here: No right to.');
  });
});

describe('what changes', () => {
  const at = minute(4);
  const action = { number: 1, title: 'Test it', owner: 'UBOB', due: '2026-11-29', by: 'UCAROL' };

  test.each<[Parameters<typeof changeOf>[0], string]>([
    [
      { type: 'Updated', number: 1, text: 'a\n> <b>', status: 'identified', by: 'UBOB', at },
      '📣 *Update* by <@UBOB> · now *Identified*\n> a\n> › &lt;b&gt;',
    ],
    [{ type: 'SeverityChanged', severity: 'low', by: 'UBOB', at }, '🟦 Now *Low*, by <@UBOB>'],
    [{ type: 'Renamed', title: 'A <b>', by: 'UBOB', at }, '🔵 Now called *A &lt;b&gt;*, by <@UBOB>'],
    [
      { type: 'RoleAssigned', role: 'scribe', person: 'UBOB', by: 'UCAROL', at },
      '👤 <@UBOB> is *Scribe*, by <@UCAROL>',
    ],
    [
      { type: 'GroupLinked', group: linked.group.id, round: 1, by: 'UBOB', at },
      '⚠️ *DiskWillFill* belongs to this incident, by <@UBOB>',
    ],
    [
      { type: 'RunLinked', run: 'production-1', by: 'UBOB', at },
      '🔵 production-1 belongs to this incident, by <@UBOB>',
    ],
    [
      { type: 'IncidentResolved', text: 'Over.', reviewDueAt: 0, remindAt: 0, by: 'UBOB', at },
      '✅ *Resolved* by <@UBOB>\n> Over.',
    ],
    [{ type: 'IncidentReopened', text: 'Again.', by: 'UBOB', at }, '❌ *Open again*, says <@UBOB>\n> Again.'],
    [{ type: 'ActionAdded', action, at }, '📝 Action 1 for <@UBOB> until 2026-11-29: Test it'],
    [{ type: 'ActionDone', number: 1, by: 'UBOB', at }, '✅ Action 1 is done, says <@UBOB>: Test it'],
    [
      { type: 'ReviewDone', by: 'UBOB', where: 'https://x.test', at },
      '✅ *The review is done*, says <@UBOB>: https://x.test',
    ],
  ])('is one message: %j', (event, text) => {
    const view = viewOf({ actions: [action] }, { changes: [changeOf(event)], groups: [linked] });

    const message = shown('change-7', view);

    expect([message.read, message.place, message.text.includes('\n')]).toEqual([text, 'channel', false]);
  });
});

describe('a text for the status page', () => {
  test.each<[Parameters<typeof noticeOf>, readonly string[], string]>([
    [['proposed'], ['Approve', 'Decline'], '🟠 Waits for a second person'],
    [['approved', { decidedBy: 'UBOB' }], [], '🔵 Approved by <@UBOB>, being sent'],
    [['declined', { decidedBy: 'UBOB' }], [], '🚫 Declined by <@UBOB>'],
    [['sent', { decidedBy: 'UBOB' }], [], '✅ It is on the status page, approved by <@UBOB>'],
    [
      ['failed', { decidedBy: 'UBOB', because: 'It said <no>.' }],
      ['Try again', 'Decline'],
      '❌ Approved by <@UBOB>, but not on the status page: It said &lt;no&gt;.',
    ],
  ])('that is %j', (notice, buttons, text) => {
    const message = shown('notice-1', viewOf({ notices: [noticeOf(...notice)], noticesSoFar: 1 }));

    expect([message.buttons, message.read]).toEqual([buttons, expect.stringContaining(text)]);
    expect(message.read).toContain('> Payments fail.\n> We work on it.');
  });

  test('that another one followed asks nobody any more', () => {
    const view = viewOf({
      notices: [noticeOf('failed'), noticeOf('proposed', { number: 2 })],
      noticesSoFar: 2,
    });

    expect([shown('notice-1', view).buttons, shown('notice-2', view).buttons]).toEqual([
      [],
      ['Approve', 'Decline'],
    ]);
  });
});

describe('what people are reminded of', () => {
  test('is a new message each time, and the earlier ones shrink', () => {
    const view = viewOf(
      { reminders: 2, roles: { commander: 'UCAROL', communications: 'UBOB' }, updates, updatesSoFar: 1 },
      { posted: ['card', 'reminder-1-1', 'reminder-0-3'] },
    );

    expect(keys(view)).toEqual(['card', 'declared', 'reminder-1-1', 'reminder-0-3', 'reminder-1-2']);
    expect(shown('reminder-1-1', view).read).toBe('⏰ An update was owed here');
    expect(shown('reminder-1-2', view).read).toBe(
      '⏰ <@UBOB>, <@UCAROL>: an update is owed, the last one came 2026-11-22 03:08 UTC\n[Update]',
    );
  });

  test('is no longer asked for once it was told', () => {
    const view = viewOf({ updates, updatesSoFar: 1 }, { posted: ['reminder-0-1'] });

    expect(shown('reminder-0-1', view).buttons).toEqual([]);
    expect(keys(view).filter((key) => key.startsWith('reminder'))).toEqual(['reminder-0-1']);
  });

  test('is the review, by whoever led', () => {
    const review = { dueAt: minute(1_440), remindAt: minute(2_000), reminders: 1 };

    const message = shown(`review-reminder-${minute(60) / 1_000}-1`, viewOf({ ...resolved, review }));

    expect(message.read).toContain('<@UCAROL>: the review of this incident is due 2026-11-23 03:04 UTC');
    expect(message.buttons).toEqual(['Review as a file', 'Review done']);
  });
});

describe('what is left afterwards', () => {
  test('the review says when it is due, and an earlier one that it is void', () => {
    const key = `review-${minute(60) / 1_000}`;
    const open = viewOf(resolved, { posted: ['review-5'] });

    expect(shown(key, open).buttons).toEqual(['Review as a file', 'Add action', 'Review done']);
    expect(shown(key, open).read).toContain('*The review is due 2026-11-23 03:04 UTC*, with <@UCAROL>');
    expect(shown('review-5', open).read).toContain('opened again');
    expect(shown('review-5', viewOf({}, { posted: ['review-5'] })).buttons).toEqual([]);
  });

  test.each([
    ['https://wiki.example/12', ': <https://wiki.example/12|read it>'],
    ['in the <wiki>', ': in the &lt;wiki&gt;'],
  ])('the review says where it can be read: %s', (where, text) => {
    const done = {
      dueAt: minute(90),
      remindAt: 0,
      reminders: 0,
      done: { by: 'UBOB', at: minute(70), where },
    };

    const message = shown(`review-${minute(60) / 1_000}`, viewOf({ ...resolved, review: done }));

    expect(message.read).toContain(text);
    expect(message.buttons).toEqual(['Review as a file']);
  });

  test('open actions stand with the earliest first, each with its button, and say when they are late', () => {
    const actions = [
      { number: 1, title: 'Later', owner: 'UBOB', due: '2026-12-24', by: 'UBOB' },
      { number: 2, title: 'Late', owner: 'UCAROL', due: '2026-11-20', by: 'UBOB' },
      {
        number: 3,
        title: 'Done',
        owner: 'UBOB',
        due: '2026-11-20',
        by: 'UBOB',
        doneBy: 'UBOB',
        doneAt: minute(1),
      },
    ];

    const message = shown('actions', viewOf({ actions }));

    expect(message.read.split('\n')).toEqual([
      '📝 *Actions*: 2 open, 1 done',
      '*2.* Late',
      '<@UCAROL> ⚠️ overdue since 2026-11-20',
      '*1.* Later',
      '<@UBOB> until 2026-12-24',
    ]);
    expect(JSON.stringify(message.blocks)).toContain('incident.action-done:2');
  });
});
