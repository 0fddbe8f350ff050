import { describe, expect, test } from 'vitest';
import { channelMessage } from '../../../src/bot/blocks/alerts/channel-message.ts';
import { card } from '../../../src/bot/blocks/card.ts';
import { channelMention } from '../../../src/bot/blocks/incident-line.ts';
import { viewOf } from './alerts/sample-group.ts';
import { aboutAt, runThrough, untilFailed } from './sample-run.ts';
import { textOf } from './text-of.ts';

const incident = { id: 'incident-0123456789abcdef', number: 12, channel: 'C0INCIDENT' };

describe('an incident about it', () => {
  test('is told on the message of an alert group while the round lasts that it is about', () => {
    const about = textOf(channelMessage(viewOf({ incident: { ...incident, round: 1 } })).blocks);
    const later = textOf(channelMessage(viewOf({ round: 2, incident: { ...incident, round: 1 } })).blocks);

    expect(about).toContain('⚠️ Incident #12 in <#C0INCIDENT>');
    expect(later).not.toContain('Incident');
  });

  test('is told on the card of a run', () => {
    const run = runThrough(...untilFailed.slice(0, 4));

    expect(textOf(card({ ...run, incident }, aboutAt(20)).blocks)).toContain(
      '⚠️ Incident #12 in <#C0INCIDENT>',
    );
    expect(textOf(card(run, aboutAt(20)).blocks)).not.toContain('Incident');
  });
});

test('what is no id of a channel mentions none', () => {
  expect(channelMention('!channel> <!here')).not.toContain('<!');
});
