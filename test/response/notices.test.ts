import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type StatuspageServer, startStatuspage } from '../../rehearsal/statuspage/statuspage.ts';
import type { Incident } from '../../src/incidents/incident.ts';
import type { StatusPage } from '../../src/incidents/settings.ts';
import { openIncidents } from '../../src/response/incidents.ts';
import { noticeWork } from '../../src/response/notices.ts';
import { openStatusPage } from '../../src/response/status-page.ts';
import { Secret } from '../../src/secret.ts';
import { alice, incidentSettings } from './incident-settings.ts';
import { type WalkSite, walkSite } from './walk-site.ts';

const bob = { id: 'U0BOB', may: ['respond', 'publish'] } as const;
const page = 'abcdefghijkl';
const token = 'token-of-the-page';

let site: WalkSite;
let keys = 0;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  site = await walkSite();
});

afterAll(async () => {
  await site?.close();
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function incidentsOf() {
  return openIncidents({
    ...site,
    settings: incidentSettings,
    onDuty: async () => [],
    members: async () => [],
    log: { warn: () => undefined },
  });
}

/** A new incident with its texts for the status page, each approved and worked on as the queue would. */
async function telling(settings: StatusPage | undefined) {
  const incidents = incidentsOf();
  keys += 1;
  const declared = await incidents.declare({
    key: `notice ${keys}`,
    title: 'Payments fail',
    severity: 'critical',
    commander: 'U0ALICE',
    from: { channel: 'C0ALERTS' },
    groups: [],
    runs: [],
    by: alice,
  });
  if (!declared.ok) throw new Error(declared.refusal.code);
  const { id, number } = declared.state;
  const work = noticeWork({ incidents, publisher: openStatusPage(settings) });
  const find = async (): Promise<Incident> => {
    const incident = await incidents.find(id);
    if (incident === undefined) throw new Error('not there');
    return incident;
  };
  return {
    id,
    number,
    find,
    approve: async (text: string): Promise<number> => {
      await incidents.handle(id, { type: 'ProposeNotice', text, by: alice });
      const notice = (await find()).noticesSoFar;
      await incidents.handle(id, { type: 'ApproveNotice', number: notice, by: bob });
      return notice;
    },
    approveAgain: (notice: number) =>
      incidents.handle(id, { type: 'ApproveNotice', number: notice, by: bob }),
    update: (status: 'identified' | 'monitoring') =>
      incidents.handle(id, {
        type: 'Update',
        text: 'We know more.',
        status,
        by: alice,
        ruling: incidentSettings.ruling,
      }),
    work: async (notice: number) => {
      const turn = (await find()).notices.find((one) => one.number === notice)?.turn;
      await work({ incident: id, number: notice, turn });
      return (await find()).notices.find((one) => one.number === notice);
    },
  };
}

async function statuspage(): Promise<{ readonly server: StatuspageServer; readonly settings: StatusPage }> {
  const server = await startStatuspage(page, token);
  closers.push(() => server.stop());
  return { server, settings: { api: server.url, page, token: new Secret('PAGE_TOKEN', token) } };
}

const bodies = (server: StatuspageServer) =>
  server.incidents().map(({ incident_updates: updates }) => updates.map(({ body }) => body));

describe('a text for Statuspage', () => {
  test('makes an incident there, and the next ones update it', async () => {
    const { server, settings } = await statuspage();
    const told = await telling(settings);

    const first = await told.work(await told.approve('Payments fail for some.'));
    await told.update('identified');
    const second = await told.work(await told.approve('We know why.'));

    expect([first?.state, second?.state]).toEqual(['sent', 'sent']);
    expect(server.incidents()).toMatchObject([{ name: 'Payments fail', status: 'identified' }]);
    expect(bodies(server)).toEqual([['We know why.', 'Payments fail for some.']]);
    expect((await told.find()).page).toBe(server.incidents()[0]?.id);
  });

  test('is told once, though the answers to making and to updating were lost', async () => {
    const { server, settings } = await statuspage();
    const told = await telling(settings);
    const first = await told.approve('Payments fail for some.');
    server.fail({ method: 'POST', with: 'lose-answer' });
    await expect(told.work(first)).rejects.toMatchObject({ code: 'status-page-unreachable' });
    const made = await told.work(first);
    const second = await told.approve('We know why.');
    server.fail({ method: 'PATCH', with: 'lose-answer' });

    await expect(told.work(second)).rejects.toMatchObject({ code: 'status-page-unreachable' });
    const updated = await told.work(second);

    expect([made?.state, updated?.state]).toEqual(['sent', 'sent']);
    expect(bodies(server)).toEqual([['We know why.', 'Payments fail for some.']]);
  });

  test.each([420, 429, 500, 503])('is tried again after a %i', async (status) => {
    const { server, settings } = await statuspage();
    const told = await telling(settings);
    const notice = await told.approve('Payments fail.');
    server.fail({ method: 'POST', with: status });

    await expect(told.work(notice)).rejects.toMatchObject({ code: 'status-page-unreachable' });
    const after = await told.work(notice);

    expect(after?.state).toBe('sent');
    expect(bodies(server)).toEqual([['Payments fail.']]);
  });

  test('fails with what was said of a wrong token, and goes out once it was approved again', async () => {
    const { server, settings } = await statuspage();
    const wrong = { ...settings, token: new Secret('PAGE_TOKEN', 'another') };
    const told = await telling(wrong);
    const notice = await told.approve('Payments fail.');

    const refused = await told.work(notice);
    await told.approveAgain(notice);

    expect(refused).toMatchObject({ state: 'failed', because: expect.stringContaining('401') });
    expect(refused?.because).toContain('Check its secret or token in slipway.yaml');
    expect(refused?.because).not.toContain('another');
    expect((await told.find()).notices[0]?.state).toBe('approved');
    expect(server.incidents()).toEqual([]);
  });

  test('begins anew where somebody has removed the incident from the page', async () => {
    const { server, settings } = await statuspage();
    const told = await telling(settings);
    await told.work(await told.approve('First.'));
    server.remove(server.incidents()[0]?.id ?? '');

    const second = await told.work(await told.approve('Second.'));

    expect(second?.state).toBe('sent');
    expect(bodies(server)).toEqual([['Second.']]);
  });
});

/** A receiver of one's own; `answer` gives the status to each request. */
async function receiver(answer: (count: number) => number) {
  const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(Buffer.from(chunk));
    received.push({ headers: message.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(answer(received.length), { location: 'http://127.0.0.1:1/' }).end('said');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  const secret = new Secret('STATUS_PAGE_SECRET', 'shared-secret');
  return { received, settings: { webhook: `http://127.0.0.1:${port}/slipway`, secret } };
}

describe("a text for a webhook of one's own", () => {
  test('is signed, says what it is about, and has the same key when it is sent again', async () => {
    const { received, settings } = await receiver((count) => (count === 1 ? 503 : 204));
    const told = await telling(settings);
    const notice = await told.approve('Payments fail — „alles“.');

    await expect(told.work(notice)).rejects.toMatchObject({ code: 'status-page-unreachable' });
    const sent = await told.work(notice);

    expect(sent?.state).toBe('sent');
    expect(received.map(({ headers }) => headers['idempotency-key'])).toEqual([
      `${told.id}.1`,
      `${told.id}.1`,
    ]);
    for (const { headers, body } of received) {
      const signature = createHmac('sha256', 'shared-secret').update(body).digest('hex');
      expect(headers['x-slipway-signature']).toBe(`v1=${signature}`);
    }
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      id: `${told.id}.1`,
      incident: told.id,
      number: told.number,
      notice: 1,
      title: 'Payments fail',
      status: 'investigating',
      severity: 'critical',
      text: 'Payments fail — „alles“.',
      at: new Date(sent?.at ?? 0).toISOString(),
    });
  });

  test.each([400, 404, 302])('fails for good with a %i', async (status) => {
    const { received, settings } = await receiver(() => status);
    const told = await telling(settings);

    const refused = await told.work(await told.approve('Payments fail.'));

    expect(refused).toMatchObject({ state: 'failed', because: expect.stringContaining(String(status)) });
    expect(received).toHaveLength(1);
  });
});

test('without a status page a text fails and says what to add', async () => {
  const told = await telling(undefined);

  const refused = await told.work(await told.approve('Payments fail.'));

  expect(refused).toMatchObject({
    state: 'failed',
    because: expect.stringContaining('incidents.statusPage'),
  });
});

test('a call of an earlier turn does nothing', async () => {
  const { server, settings } = await statuspage();
  const told = await telling(settings);
  const notice = await told.approve('Payments fail.');
  const late = noticeWork({ incidents: incidentsOf(), publisher: openStatusPage(settings) });

  await late({ incident: told.id, number: notice, turn: 0 });

  expect(server.calls).toEqual([]);
});
