import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Alertmanager, startAlertmanager } from '../../../rehearsal/alertmanager/alertmanager.ts';
import { amtool, shownSilences } from '../../../rehearsal/alertmanager/amtool.ts';
import { sendAlerts } from '../../../rehearsal/alertmanager/send-alerts.ts';
import { describeWith } from '../../support/parts.ts';
import { until } from '../../support/until.ts';

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describeWith('alertmanager', 'a real Alertmanager', () => {
  let dir: string;
  const started: Alertmanager[] = [];
  const closers: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-alertmanager-'));
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.stop()));
    await Promise.all(closers.splice(0).map((close) => close()));
    await rm(dir, { recursive: true, force: true });
  });

  const start = async (name: string, options: Partial<Parameters<typeof startAlertmanager>[0]> = {}) => {
    const one = await startAlertmanager({ dir: join(dir, name), ...options });
    started.push(one);
    return one;
  };

  const listen = async () => {
    const heard: Heard[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => new Promise((done) => server.close(done)));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    return { heard, url: `http://127.0.0.1:${port}/` };
  };

  test('tells its webhook what fires, with the token', async () => {
    const { heard, url } = await listen();
    const alertmanager = await start('one', { webhookUrl: url, token: 'letmein' });

    await sendAlerts(alertmanager.url, [{ labels: { alertname: 'DiskFull' } }]);
    const first = await until('a webhook', () => heard[0]);

    expect(first.headers.authorization).toBe('Bearer letmein');
    expect(JSON.parse(first.body)).toMatchObject({
      version: '4',
      receiver: 'slipway',
      alerts: [{ status: 'firing', labels: { alertname: 'DiskFull' } }],
    });
  });

  test('tells a second peer of a silence, and keeps it when it is started again', async () => {
    const first = await start('first', { cluster: {} });
    const second = await start('second', { cluster: { join: [first.clusterAddress] } });

    await amtool(first.url, 'silence', 'add', '--comment=night', '--author=carol', 'alertname=DiskFull');
    const silence = await until(
      'the silence at the second',
      async () => (await shownSilences(second.url))[0],
    );
    await first.stop();
    const again = await start('first', { port: first.port });

    expect(silence).toMatchObject({ comment: 'night', createdBy: 'carol' });
    expect(await shownSilences(again.url)).toMatchObject([{ id: silence.id, status: { state: 'active' } }]);
  });

  test('is served below a prefix', async () => {
    const alertmanager = await start('one', { prefix: '/monitoring/am' });

    const status = await fetch(`${alertmanager.url}/api/v2/status`);

    expect(status.status).toBe(200);
    await status.body?.cancel();
  });
});
