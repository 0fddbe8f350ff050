import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../../rehearsal/pagerduty/pagerduty.ts';
import { signature } from '../../../rehearsal/pagerduty/webhooks.ts';
import { until } from '../../support/until.ts';

let pagerDuty: PlayedPagerDuty;

const robin = { name: 'Robin', email: 'robin@example.com' };
const kim = { name: 'Kim', email: 'kim@example.com' };

beforeEach(async () => {
  pagerDuty = await startPagerDuty({
    services: ['web', 'data'],
    users: [robin, kim],
    callsPerMinute: 20,
    webhookPause: 5,
  });
});

afterEach(() => pagerDuty.stop());

const trigger = (more: Record<string, unknown> = {}) => ({
  routing_key: pagerDuty.keys.web,
  event_action: 'trigger',
  dedup_key: 'key',
  payload: { summary: 'It is down', source: 'web-1', severity: 'critical' },
  ...more,
});
const follow = (action: string, service = 'web', key = 'key') => ({
  routing_key: pagerDuty.keys[service],
  event_action: action,
  dedup_key: key,
});
const post = async (body: unknown) => {
  const response = await fetch(`${pagerDuty.url}/v2/enqueue`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};
const rest = async (path: string, method = 'GET', body?: unknown, more: Record<string, string> = {}) => {
  const response = await fetch(`${pagerDuty.url}${path}`, {
    method,
    headers: {
      authorization: `Token token=${pagerDuty.token}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      ...more,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const standing = () =>
  pagerDuty.incidents().map(({ service, status, triggers }) => [service, status, triggers]);

describe('Events v2', () => {
  test('a trigger opens an incident, further ones are appended, and after its end another is opened', async () => {
    await post(trigger());
    await post(trigger());
    await post(follow('resolve'));

    const last = await post(trigger());

    expect(last).toEqual({
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'key' },
    });
    expect(standing()).toEqual([
      ['web', 'resolved', 2],
      ['web', 'triggered', 1],
    ]);
  });

  test('what is not open, or was opened by another key, is neither acknowledged nor resolved, and nobody is told', async () => {
    await post(trigger());

    const answers = [
      await post(follow('acknowledge', 'data')),
      await post(follow('resolve', 'data')),
      await post(follow('acknowledge', 'web', 'another')),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(standing()).toEqual([['web', 'triggered', 1]]);
  });

  const payload = { summary: 'It is down', source: 'web-1', severity: 'critical' };
  const refused: readonly (readonly [string, Record<string, unknown>])[] = [
    ['a routing key of another length', { routing_key: 'short' }],
    ['a routing key that nobody has', { routing_key: '0'.repeat(32) }],
    ['an action that does not exist', { event_action: 'close' }],
    ['a dedup key of 256 characters', { dedup_key: 'k'.repeat(256) }],
    ['no payload', { payload: undefined }],
    ['no summary', { payload: { ...payload, summary: undefined } }],
    ['a summary of 1025 characters', { payload: { ...payload, summary: 's'.repeat(1_025) } }],
    ['a severity that does not exist', { payload: { ...payload, severity: 'page' } }],
    ['details that are no object', { payload: { ...payload, custom_details: 'text' } }],
    ['a link without an address', { links: [{ text: 'somewhere' }] }],
    ['an image over plain http', { images: [{ src: 'http://example.com/a.png' }] }],
    ['an acknowledgement without a key', { event_action: 'acknowledge', dedup_key: undefined }],
  ];

  test.each(refused)('%s is refused with reasons', async (_, more) => {
    const { status, body } = await post(trigger(more));

    expect(status).toBe(400);
    expect(body).toMatchObject({ status: 'invalid event', errors: [expect.any(String)] });
  });

  test('a body of more than 512 KB is refused', async () => {
    const details = { text: 'x'.repeat(520 * 1_024) };

    const { status } = await post(trigger({ payload: { ...payload, custom_details: details } }));

    expect(status).toBe(413);
  });

  test('a key that sends more than it may in a minute is throttled, another is not', async () => {
    for (let sent = 0; sent < 20; sent += 1) await post(trigger());

    const [same, other] = [await post(trigger()), await post(trigger({ routing_key: pagerDuty.keys.data }))];

    expect([same.status, other.status]).toEqual([429, 202]);
  });

  test('failures come as ordered and as often', async () => {
    pagerDuty.fail({ with: 500, times: 1, retryAfter: 3 });
    pagerDuty.fail({ with: 'cut-after', times: 1 });

    await expect(post(trigger())).rejects.toThrow();
    const answers = [await post(trigger()), await post(trigger())];

    expect(answers.map(({ status }) => status)).toEqual([500, 202]);
    expect(standing()).toEqual([['web', 'triggered', 2]]);
  });
});

describe('the REST API', () => {
  test('lets nobody in without its token, nor without its version', async () => {
    const answers = [
      await rest('/incidents', 'GET', undefined, { authorization: 'Token token=guess' }),
      await rest('/incidents', 'GET', undefined, { accept: 'application/json' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 406]);
  });

  test('lists incidents by the key of their alert and their status', async () => {
    await post(trigger());
    await post(follow('resolve'));
    await post(trigger());
    await post(trigger({ dedup_key: 'another' }));

    const open = await rest('/incidents?incident_key=key&statuses[]=triggered&statuses[]=acknowledged');

    expect(open.body).toMatchObject({
      incidents: [{ incident_key: 'key', status: 'triggered' }],
      more: false,
    });
  });

  test('acknowledges in the name of whoever From names, once it is somebody', async () => {
    await post(trigger());
    const [incident] = pagerDuty.incidents();
    const body = { incidents: [{ id: incident?.id, type: 'incident_reference', status: 'acknowledged' }] };

    const answers = [
      await rest('/incidents', 'PUT', body),
      await rest('/incidents', 'PUT', body, { from: 'nobody@example.com' }),
      await rest('/incidents', 'PUT', body, { from: kim.email }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 200]);
    expect(pagerDuty.incidents()[0]).toMatchObject({ status: 'acknowledged', acknowledgers: [kim.email] });
  });

  test('says who is on call in a span, with the e-mail address when users are included', async () => {
    const at = Date.parse('2026-11-22T12:00:00Z');
    pagerDuty.setSchedule('PSCHED', [
      { email: robin.email, start: at - 3_600_000, end: at + 3_600_000 },
      { email: kim.email, start: at + 3_600_000, end: at + 7_200_000 },
    ]);
    const query = `schedule_ids[]=PSCHED&since=${new Date(at).toISOString()}`;

    const now = await rest(`/oncalls?${query}&until=${new Date(at).toISOString()}`);
    const both = await rest(`/oncalls?${query}&until=2026-11-22T13:30:00Z&include[]=users`);

    expect(now.body).toMatchObject({
      oncalls: [{ user: { type: 'user_reference', summary: 'Robin' }, end: '2026-11-22T13:00:00.000Z' }],
    });
    expect(JSON.stringify(now.body)).not.toContain(robin.email);
    expect(both.body).toMatchObject({
      oncalls: [{ user: { email: robin.email } }, { user: { email: kim.email } }],
    });
  });
});

describe('v3 webhooks', () => {
  interface Taken {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  const listen = async (answer: (taken: Taken) => number) => {
    const taken: Taken[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        taken.push({ headers: request.headers, body });
        response.writeHead(answer({ headers: request.headers, body })).end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    closers.push(() => new Promise<void>((done) => server.close(() => done())));
    return { url, taken };
  };
  const closers: (() => Promise<void>)[] = [];

  afterEach(async () => {
    await pagerDuty.webhooks.stop();
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  test('tell what happened and who did it, signed with each secret', async () => {
    const { url, taken } = await listen(() => 202);
    pagerDuty.webhooks.subscribe({ url, secrets: ['old', 'new'] });
    await post(trigger());
    const [incident] = pagerDuty.incidents();

    pagerDuty.acts.acknowledge(incident?.id ?? '', { email: kim.email });
    await pagerDuty.webhooks.idle();

    const [, { headers, body } = { headers: {}, body: '' }] = taken;
    expect(JSON.parse(body)).toMatchObject({
      event: {
        event_type: 'incident.acknowledged',
        agent: { type: 'user_reference', summary: 'Kim' },
        data: { incident_key: 'key', status: 'acknowledged' },
      },
    });
    expect(headers['x-pagerduty-signature']).toBe(
      `v1=${signature('old', body)},v1=${signature('new', body)}`,
    );
  });

  test('come again under the same id until they are taken, in their order', async () => {
    let answers = [503, 429, 200, 200];
    const { url, taken } = await listen(() => {
      const [answer = 200, ...rest] = answers;
      answers = rest;
      return answer;
    });
    pagerDuty.webhooks.subscribe({ url, secrets: ['secret'] });

    await post(trigger());
    await post(follow('resolve'));
    await until('four attempts', () => taken.length === 4);

    const types = taken.map(({ body }) => JSON.parse(body).event.event_type);
    expect(types).toEqual([...Array(3).fill('incident.triggered'), 'incident.resolved']);
    expect(new Set(taken.slice(0, 3).map(({ headers }) => headers['x-webhook-id'])).size).toBe(1);
  });

  test('stop for good after three in a row that were turned away', async () => {
    const { url, taken } = await listen(() => 400);
    pagerDuty.webhooks.subscribe({ url, secrets: ['secret'] });

    for (const key of ['a', 'b', 'c', 'd']) await post(trigger({ dedup_key: key }));
    await pagerDuty.webhooks.idle();

    expect(taken).toHaveLength(3);
    expect(pagerDuty.webhooks.isDisabled(url)).toBe(true);
  });
});
