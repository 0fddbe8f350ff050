import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPagerDutyWebhook } from '../../src/alerts/pagerduty-webhook.ts';

const kim = { id: 'PKIM', type: 'user_reference', summary: 'Kim' };

const webhook = (
  type: string,
  more: Record<string, unknown> = {},
  incident: Record<string, unknown> = {},
) => ({
  event: {
    id: '01',
    event_type: type,
    resource_type: 'incident',
    occurred_at: '2026-11-22T03:04:05.678Z',
    agent: kim,
    client: null,
    data: { id: 'Q1', type: 'incident', incident_key: 'disk-full', assignees: [kim], ...incident },
    ...more,
  },
});

describe('a webhook of PagerDuty', () => {
  const told: readonly (readonly [string, string])[] = [
    ['incident.acknowledged', 'acknowledged'],
    ['incident.unacknowledged', 'unacknowledged'],
    ['incident.reopened', 'unacknowledged'],
    ['incident.resolved', 'resolved'],
    ['incident.reassigned', 'reassigned'],
    ['incident.escalated', 'reassigned'],
    ['incident.delegated', 'reassigned'],
  ];

  test.each(told)('%s says that it was %s, by whom and when', (type, to) => {
    expect(readPagerDutyWebhook(webhook(type))).toEqual({
      matters: true,
      to,
      incident: 'Q1',
      key: 'disk-full',
      by: { via: 'pagerduty', id: 'PKIM', name: 'Kim' },
      assignees: ['Kim'],
      at: Date.parse('2026-11-22T03:04:05.678Z'),
    });
  });

  const nothing: readonly (readonly [string, unknown])[] = [
    ['an event that nobody waits for', webhook('incident.annotated')],
    ['an event that does not exist yet', webhook('incident.teleported')],
    ['an event named like what every object has', webhook('constructor')],
    ['an incident without an id', webhook('incident.resolved', {}, { id: undefined })],
    ['an acknowledgement by an integration', webhook('incident.acknowledged', { agent: null })],
    [
      'the end by an integration',
      webhook('incident.resolved', { agent: { id: 'PI', type: 'inbound_integration_reference' } }),
    ],
    ['a list', []],
    ['nothing', null],
    ['a text', 'text'],
  ];

  test.each(nothing)('%s tells nothing', (_, body) => {
    expect(readPagerDutyWebhook(body)).toMatchObject({ matters: false, because: expect.any(String) });
  });

  test('PagerDuty itself may take an acknowledgement back, or call the next', () => {
    const news = [
      readPagerDutyWebhook(webhook('incident.unacknowledged', { agent: null })),
      readPagerDutyWebhook(webhook('incident.escalated', { agent: null })),
    ];

    expect(news).toMatchObject([{ by: { name: 'PagerDuty' } }, { by: { name: 'PagerDuty' } }]);
  });

  test('names are one short line without hidden marks, and there are not too many of them', () => {
    const agent = { id: 'P\u0000X', type: 'user_reference', summary: `\u202e<!channel>\n${'x'.repeat(500)}` };
    const assignees = Array(100).fill({ ...kim, summary: null });

    const news = readPagerDutyWebhook(webhook('incident.reassigned', { agent }, { assignees }));

    if (!news.matters) throw new Error(news.because);
    expect(news.by.id).toBe('P X');
    expect(news.by.name).toMatch(/^<!channel> x+…$/);
    expect(news.by.name).toHaveLength(80);
    expect(news.assignees).toEqual(Array(20).fill('somebody'));
  });

  test('an incident whose key is not named, or a time that is none, is still told', () => {
    const news = readPagerDutyWebhook(
      webhook('incident.acknowledged', { occurred_at: 'soon' }, { incident_key: null }),
    );

    expect(news).toMatchObject({ matters: true, incident: 'Q1' });
    expect(news).not.toHaveProperty('key');
    expect(news).not.toHaveProperty('at');
  });

  test('whatever stands in it is read without a throw', () => {
    const part = fc.oneof(fc.anything(), fc.constant(kim));
    const body = fc.record({
      event: fc.record({
        event_type: fc.constantFrom(...told.map(([type]) => type)),
        occurred_at: part,
        agent: part,
        data: fc.oneof(part, fc.record({ id: fc.string(), incident_key: part, assignees: part })),
      }),
    });

    fc.assert(
      fc.property(fc.oneof(body, fc.anything()), (value) => {
        expect(typeof readPagerDutyWebhook(value).matters).toBe('boolean');
      }),
    );
  });
});
