import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bounds } from '../../src/alerts/bounds.ts';
import { receiverName } from '../../src/alerts/receiver-name.ts';
import { readWebhook } from '../../src/alerts/webhook.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';

const readOf = (body: unknown) => {
  const read = readWebhook(body);
  if (!read.ok) throw new Error(read.because);
  return read.webhook;
};

const becauseOf = (body: unknown) => {
  const read = readWebhook(body);
  return read.ok ? 'nothing' : read.because;
};

describe('a webhook', () => {
  test('is read as Alertmanager sends it', () => {
    const body = {
      version: '4',
      groupKey: '{}/{team="web"}:{alertname="Slow"}',
      truncatedAlerts: 3,
      receiver: 'web\\.hook',
      status: 'firing',
      groupLabels: { alertname: 'Slow' },
      commonLabels: { alertname: 'Slow', team: 'web' },
      commonAnnotations: { summary: 'It is slow' },
      externalURL: 'http://alertmanager-1:9093',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'Slow', team: 'web', instance: 'a' },
          annotations: { summary: 'It is slow' },
          startsAt: '2026-11-22T04:04:05.123456789+01:00',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
          fingerprint: '00000000000000a1',
        },
        {
          status: 'resolved',
          labels: { alertname: 'Slow', team: 'web', instance: 'b' },
          annotations: {},
          startsAt: '2026-11-22T03:00:00Z',
          endsAt: '2026-11-22T03:02:00Z',
          generatorURL: '',
          fingerprint: '00000000000000b2',
        },
      ],
    };

    expect(readOf(body)).toEqual({
      groupKey: '{}/{team="web"}:{alertname="Slow"}',
      dedupKey: expect.stringMatching(/^[0-9a-f]{64}$/),
      truncated: 3,
      receiver: 'web.hook',
      groupLabels: { alertname: 'Slow' },
      commonLabels: { alertname: 'Slow', team: 'web' },
      commonAnnotations: { summary: 'It is slow' },
      externalUrl: 'http://alertmanager-1:9093',
      alerts: [
        {
          fingerprint: '00000000000000a1',
          status: 'firing',
          labels: { alertname: 'Slow', team: 'web', instance: 'a' },
          annotations: { summary: 'It is slow' },
          startsAt: '2026-11-22T03:04:05.123456789Z',
          generatorUrl: 'http://prometheus:9090/graph?g0.expr=up',
        },
        {
          fingerprint: '00000000000000b2',
          status: 'resolved',
          labels: { alertname: 'Slow', team: 'web', instance: 'b' },
          annotations: {},
          startsAt: '2026-11-22T03:00:00.000000000Z',
          endsAt: '2026-11-22T03:02:00.000000000Z',
          generatorUrl: '',
        },
      ],
    });
  });

  test('is read without what older versions do not send, and with what newer ones add', () => {
    const { truncatedAlerts: _, ...older } = webhookBody();
    const newer = {
      ...webhookBody(),
      notification_reason: 'new alerts added',
      routeLabels: { receiver: 'web' },
      alerts: [{ ...alertBody(1), novelty: [1, 2, 3] }],
    };

    expect(readOf(older).truncated).toBe(0);
    expect(readOf(newer)).toEqual(readOf({ ...webhookBody(), alerts: [alertBody(1)] }));
  });

  test('is read with maps that Go wrote as null', () => {
    const body = {
      ...webhookBody({ groupLabels: null, commonLabels: null, commonAnnotations: null }),
      alerts: [alertBody(1, { annotations: null })],
    };

    expect(readOf(body)).toMatchObject({
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      alerts: [{ annotations: {} }],
    });
  });

  test('has no end of an alert that fires or whose end is zero', () => {
    const ends = ['0001-01-01T00:00:00Z', '2026-11-22T05:00:00Z'];
    const alerts = ['firing', 'resolved'].flatMap((status) =>
      ends.map((endsAt) => alertBody(1, { status, endsAt })),
    );

    const told = readOf(webhookBody({ alerts })).alerts;

    expect(told.map(({ status, endsAt }) => [status, endsAt])).toEqual([
      ['firing', undefined],
      ['firing', undefined],
      ['resolved', undefined],
      ['resolved', '2026-11-22T05:00:00.000000000Z'],
    ]);
  });

  test('may bring fifty thousand alerts', () => {
    const alerts = Array.from({ length: 50_000 }, (_, index) => alertBody(index));

    expect(readOf(webhookBody({ alerts })).alerts).toHaveLength(50_000);
  });

  test.each([
    ['no object', null, 'The body must be an object.'],
    ['a list', [], 'The body must be an object.'],
    ['a text', 'firing', 'The body must be an object.'],
    ['another version', webhookBody({ version: '3' }), 'version must be "4", the only version that is read.'],
    [
      'a version that is a number',
      webhookBody({ version: 4 }),
      'version must be "4", the only version that is read.',
    ],
    [
      'no version',
      webhookBody({ version: undefined }),
      'version must be "4", the only version that is read.',
    ],
    ['no group key', webhookBody({ groupKey: undefined }), 'groupKey must be text.'],
    ['an empty group key', webhookBody({ groupKey: '' }), 'groupKey must not be empty.'],
    ['no receiver', webhookBody({ receiver: undefined }), 'receiver must be text.'],
    ['another status', webhookBody({ status: 'suppressed' }), 'status must be firing or resolved.'],
    ['a negative count', webhookBody({ truncatedAlerts: -1 }), 'truncatedAlerts must not be negative.'],
    [
      'half an alert left out',
      webhookBody({ truncatedAlerts: 1.5 }),
      'truncatedAlerts must be a whole number.',
    ],
    ['no alerts', webhookBody({ alerts: undefined }), 'alerts must be a list.'],
    ['alerts that are no list', webhookBody({ alerts: { 0: alertBody(1) } }), 'alerts must be a list.'],
    ['an alert that is none', webhookBody({ alerts: [alertBody(1), 5] }), 'alerts[1] must be an object.'],
    [
      'labels that are a list',
      webhookBody({ groupLabels: ['a'] }),
      'groupLabels must be an object of texts.',
    ],
    [
      'a label that is a number',
      webhookBody({ commonLabels: { code: 5 } }),
      'commonLabels.code must be text.',
    ],
    [
      'a prototype that is a number',
      webhookBody({ commonLabels: JSON.parse('{"__proto__":5}') }),
      'commonLabels.__proto__ must be text.',
    ],
    ['an address that is none', webhookBody({ externalURL: {} }), 'externalURL must be text.'],
  ])('with %s is refused', (_, body, because) => {
    expect(becauseOf(body)).toBe(because);
  });

  test.each([
    ['no fingerprint', { fingerprint: undefined }, 'fingerprint must be text.'],
    ['another fingerprint', { fingerprint: 'A'.repeat(16) }, 'fingerprint must be 16 hexadecimal digits.'],
    ['another status', { status: 'active' }, 'status must be firing or resolved.'],
    ['no start', { startsAt: undefined }, 'startsAt must be text.'],
    ['a start that is no time', { startsAt: 'now' }, 'startsAt must be a time such as 2026-11-22T03:04:05Z.'],
    ['an end that is no time', { endsAt: '' }, 'endsAt must be a time such as 2026-11-22T03:04:05Z.'],
    ['no labels', { labels: undefined }, 'labels must be an object of texts.'],
    ['a nested label', { labels: { a: { b: 'c' } } }, 'labels.a must be text.'],
    ['annotations of numbers', { annotations: { value: 5 } }, 'annotations.value must be text.'],
    ['an address that is none', { generatorURL: 5 }, 'generatorURL must be text.'],
  ])('of which an alert has %s is refused', (_, about, because) => {
    expect(becauseOf(webhookBody({ alerts: [alertBody(1), alertBody(2, about)] }))).toBe(
      `alerts[1].${because}`,
    );
  });

  test('that is refused for a label with an evil name is told in one short line', () => {
    const name = `<!channel>\n\u202e\u0000${'x'.repeat(5_000)}`;

    const because = becauseOf(webhookBody({ commonLabels: { [name]: 5 } }));

    expect(because).toMatch(/^commonLabels\.<!channel> \ufffd\ufffdx+ … \+\d+ characters must be text\.$/u);
    expect(because.length).toBeLessThan(120);
  });

  test('of a million wrong alerts is refused for the first', () => {
    expect(becauseOf(webhookBody({ alerts: Array(1_000_000).fill(0) }))).toBe('alerts[0] must be an object.');
  });
});

describe('what a webhook carries', () => {
  test('is cleaned of what a terminal, a reader or PostgreSQL stumbles over', () => {
    const evil = 'a\u0000b\u001b[31mc\ud800d\u202ee\u200ff\u0085g';
    const kind = 'first line\n\tsecond line ✓ שלום 🙂';

    const { commonLabels, alerts, groupKey } = readOf(
      webhookBody({
        commonLabels: { evil, kind },
        groupKey: evil,
        alerts: [alertBody(1, { annotations: { [evil]: evil } })],
      }),
    );

    const clean = 'a\ufffdb\ufffd[31mc\ufffdd\ufffde\ufffdf\ufffdg';
    expect(commonLabels).toEqual({ evil: clean, kind });
    expect(alerts[0]?.annotations).toEqual({ [clean]: clean });
    expect(groupKey).toBe(clean);
  });

  test('keeps labels that are called like members of every object', () => {
    const labels = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}');

    const { commonLabels } = readOf(webhookBody({ commonLabels: labels }));

    expect(JSON.stringify(commonLabels)).toBe('{"__proto__":"a","constructor":"b","toString":"c"}');
    expect(Object.getPrototypeOf(commonLabels)).toBe(Object.prototype);
  });

  test('is cut where it is too long, with how much is left out', () => {
    const { commonLabels } = readOf(
      webhookBody({ commonLabels: { long: 'x'.repeat(5_000), even: 'x'.repeat(2_000) } }),
    );

    expect(commonLabels.long).toMatch(/^x+ … \+\d+ characters$/);
    expect(commonLabels.long?.length).toBeLessThanOrEqual(bounds.value);
    const [, kept = '', left] = /^(x+) … \+(\d+) characters$/.exec(commonLabels.long ?? '') ?? [];
    expect(kept.length + Number(left)).toBe(5_000);
    expect(commonLabels.even).toBe('x'.repeat(2_000));
  });

  test('is never cut within a character', () => {
    for (const before of ['', 'x']) {
      const { commonLabels } = readOf(webhookBody({ commonLabels: { faces: before + '🙂'.repeat(3_000) } }));

      expect(commonLabels.faces?.isWellFormed()).toBe(true);
      expect(commonLabels.faces).not.toContain('\ufffd');
    }
  });

  test('keeps the labels that readers look for when there are too many', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`label_${index}`, 'x']));

    const { commonLabels } = readOf(
      webhookBody({ commonLabels: { ...many, severity: 'critical', alertname: 'Slow' } }),
    );

    expect(Object.keys(commonLabels)).toHaveLength(bounds.labels);
    expect(commonLabels).toMatchObject({ severity: 'critical', alertname: 'Slow' });
  });

  test('names its group apart from every other however long the key', () => {
    const keys = ['a', 'b'].map((end) => `{}:{x="${'x'.repeat(9_000)}${end}"}`);

    const [one, other] = keys.map((groupKey) => readOf(webhookBody({ groupKey })));

    expect(one?.groupKey).not.toBe(other?.groupKey);
    expect(one?.dedupKey).not.toBe(other?.dedupKey);
    expect(one?.groupKey.length).toBeLessThanOrEqual(bounds.key);
  });

  test('has no address that is too long to be whole', () => {
    const { externalUrl, alerts } = readOf(
      webhookBody({
        externalURL: `http://x/${'a'.repeat(5_000)}`,
        alerts: [alertBody(1, { generatorURL: 'http://y/' })],
      }),
    );

    expect(externalUrl).toBe('');
    expect(alerts[0]?.generatorUrl).toBe('http://y/');
  });
});

describe('the name of a receiver', () => {
  test('is the one that Go quoted', () => {
    const quoted = (name: string) => name.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
    const names = fc.string({ unit: fc.constantFrom(...'ab-_ /\\.+*?()|[]{}^$'), minLength: 1 });

    fc.assert(
      fc.property(names, (name) => {
        expect(receiverName(quoted(name))).toBe(name);
      }),
    );
  });

  test('stays as it is when nothing is quoted', () => {
    expect(receiverName('team-web/hook')).toBe('team-web/hook');
  });
});
