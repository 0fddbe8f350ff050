import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Alertmanager, startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { alertmanagerApi, openAlertmanagers } from '../../src/alerting/alertmanager.ts';
import type { AlertSource } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';
import { describeWith } from '../support/parts.ts';
import { sourceOf } from './group-of.ts';

const now = () => Date.now();

function askingOf(
  addresses: readonly string[],
  more: Partial<AlertSource> = {},
  limits: { readonly time?: number; readonly bytes?: number } = { time: 30_000 },
) {
  const { ask } = alertmanagerApi(sourceOf(addresses, more), { now, limits });
  return {
    alerts: () => ask((peer) => peer.alerts()),
    status: () => ask((peer) => peer.status()),
    silence: (id: string) => ask((peer) => peer.silence(id)),
    endSilence: (id: string) => ask((peer) => peer.deleteSilence(id)),
  };
}

const nowhere = async () => `http://127.0.0.1:${await freePort()}`;

describeWith('alertmanager', 'a real Alertmanager', () => {
  let dir: string;
  let alertmanager: Alertmanager;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-api-'));
    alertmanager = await startAlertmanager({ dir, prefix: '/monitoring/am' });
  });

  afterAll(async () => {
    await alertmanager.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('tells its alerts below a prefix, with or without a slash at its end', async () => {
    const startsAt = Date.parse('2026-11-22T03:04:05.678Z');
    const labels = { alertname: 'DiskFull', __proto: 'x' };
    await sendAlerts(alertmanager.url, [{ labels, annotations: { summary: 'Full' }, startsAt }]);

    const plain = await askingOf([alertmanager.url]).alerts();
    const slashed = await askingOf([`${alertmanager.url}/`]).alerts();

    expect(plain).toEqual(slashed);
    expect(plain.silent).toEqual([]);
    expect(plain.answer).toMatchObject([
      { labels, annotations: { summary: 'Full' }, startsAt, receivers: ['slipway'], silencedBy: [] },
    ]);
  });

  test('tells since when it runs, and how long it may keep an alert to itself', async () => {
    const { answer } = await askingOf([alertmanager.url]).status();

    expect(answer.longestWait).toBe(1_000);
    expect(answer.startedAt).toBeLessThanOrEqual(Date.now());
  });

  test('knows no silence that was never made, and is told to end it all the same', async () => {
    const id = '2f4a1f2e-0000-4000-8000-000000000000';
    const asking = askingOf([alertmanager.url]);

    await asking.endSilence(id);

    expect((await asking.silence(id)).answer).toBeUndefined();
  });

  test('is asked when the peer before it is not there, which is told', async () => {
    const first = await nowhere();

    const { answer, silent } = await askingOf([first, alertmanager.url]).status();

    expect(answer.longestWait).toBe(1_000);
    expect(silent).toEqual([
      { address: first, because: expect.stringMatching(/does not answer \(connect ECONNREFUSED/) },
    ]);
  });

  test('is asked when the peer before it hangs', async () => {
    const hanging = await startAlertmanager({ dir: join(dir, 'hanging') });
    hanging.pause();
    try {
      const { silent } = await askingOf([hanging.url, alertmanager.url], {}, {}).status();

      expect(silent).toMatchObject([{ because: expect.stringContaining('no answer within 5 s') }]);
    } finally {
      await hanging.kill();
    }
  });

  test('below another path is said to be at the wrong address', async () => {
    const asked = askingOf([alertmanager.url.replace('/monitoring/am', '')]).alerts();

    await expect(asked).rejects.toMatchObject({
      code: 'alertmanager-refused',
      message: expect.stringContaining('answered 404'),
    });
  });
});

describe('whatever answers in the place of an Alertmanager', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    const server = createServer(answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      return closed;
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  };

  const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
    serve((_, response) => response.writeHead(status, headers).end(body));

  test('is shown the credential of the API', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end('[]');
    });

    await askingOf([url], { api: { bearer: new Secret('API', 'sesame') } }).alerts();
    await askingOf([url], { api: { user: 'bot', password: new Secret('API', 'söder') } }).alerts();
    await askingOf([url]).alerts();

    expect(seen).toEqual(['Bearer sesame', `Basic ${btoa('bot:s\u00c3\u00b6der')}`, undefined]);
  });

  test.each([
    ['a page', '<html>Log in</html>'],
    ['nothing', ''],
    ['an object where a list is due', '{}'],
    ['an alert without labels', '[{"fingerprint":"a"}]'],
    [
      'a time that is none',
      '[{"fingerprint":"a","labels":{},"annotations":{},"receivers":[],"startsAt":"soon","status":{"state":"active"}}]',
    ],
  ])('and says %s is not taken for one', async (_, body) => {
    const url = await answering(200, body);

    await expect(askingOf([url]).alerts()).rejects.toMatchObject({
      code: 'alertmanager-refused',
      message: expect.stringContaining('does not answer as Alertmanager'),
    });
  });

  test.each([
    [401, 'alertmanager-refused', 'Check the credential'],
    [403, 'alertmanager-refused', 'Check the credential'],
    [400, 'alertmanager-refused', 'bad matcher format'],
    [302, 'alertmanager-refused', 'Write the address that it redirects to'],
    [429, 'alertmanager-unreachable', 'answered 429'],
    [503, 'alertmanager-unreachable', 'answered 503'],
  ])('and says %i is told as %s', async (status, code, words) => {
    const url = await answering(status, '"bad\\n matcher \\u202e format"', {
      location: 'http://127.0.0.1:9/',
    });

    await expect(askingOf([url]).alerts()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test('and never ends is read only so far', async () => {
    const chunk = Buffer.alloc(1_048_576, ' ');
    const url = await serve((_, response) => {
      const more = () => {
        while (response.write(chunk));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });

    await expect(askingOf([url], {}, { time: 30_000, bytes: 2_000_000 }).alerts()).rejects.toMatchObject({
      code: 'alertmanager-refused',
      message: expect.stringContaining('more than 2000000 bytes'),
    });
  });

  test('is told of with all the others when none answers', async () => {
    const first = await nowhere();
    const second = await nowhere();

    const asked = askingOf([first, second]).alerts();

    await expect(asked).rejects.toMatchObject({
      code: 'alertmanager-unreachable',
      message: expect.stringMatching(new RegExp(`${first}.*${second}`)),
    });
  });
});

describe('a source', () => {
  test('without an address says where to write one', async () => {
    await expect(askingOf([]).alerts()).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('alerts.sources'),
    });
  });

  test('that is not configured is not asked', () => {
    const alertmanagers = openAlertmanagers({ prod: sourceOf([]) }, { now });

    expect(() => alertmanagers('test')).toThrow('There is no source test; configured are: prod.');
  });
});
