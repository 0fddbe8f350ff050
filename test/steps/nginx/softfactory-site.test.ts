import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, WebSocket } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { fill } from '../../../src/deploy/interpolate.ts';
import { loadPlan } from '../../../src/plans.ts';
import { nginxSite } from '../../../src/steps/nginx/nginx-site.ts';
import { steps } from '../../../src/steps/registry.ts';
import { tlsCertificate } from '../../../src/steps/tls/tls-certificate.ts';
import { tlsFiles } from '../../../src/steps/tls/tls-files.ts';
import { tlsProtocols } from '../../../src/steps/tls/tls-protocols.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf } from '../contract.ts';
import { startAuthority } from '../tls/certificates.ts';

const domain = 'softfactory.example';
const names = [domain, `www.${domain}`];

/** Plays the application: echoes one WebSocket message, and tells of every other request what it got. */
const application = `import base64, hashlib, json, socketserver, http.server
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self): self.do_GET()
    def do_GET(self):
        if self.headers.get('Upgrade', '').lower() == 'websocket' and self.headers.get('Connection', '').lower() == 'upgrade':
            key = self.headers['Sec-WebSocket-Key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
            self.send_response(101)
            self.send_header('Upgrade', 'websocket')
            self.send_header('Connection', 'Upgrade')
            self.send_header('Sec-WebSocket-Accept', base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
            self.end_headers()
            size = self.rfile.read(2)[1] & 127
            mask = self.rfile.read(4)
            text = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(size)))
            self.wfile.write(bytes([0x81, len(text)]) + text)
            self.rfile.read(1)
            self.close_connection = True
            return
        read = len(self.rfile.read(int(self.headers.get('Content-Length', 0))))
        body = json.dumps({'read': read, **{k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(404 if self.path == '/none' else 200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): pass
Server(('127.0.0.1', 8000), Answer).serve_forever()
`;

/** What the plan for SoftFactory wants of nginx. */
async function planned(): Promise<unknown> {
  const { plan } = await loadPlan('runbooks', 'softfactory', steps);
  const all = plan?.phases.flatMap((phase) => phase.steps) ?? [];
  return all.find(({ uses }) => uses === 'nginx/site')?.with;
}

describeWith('debian-host', "the site of the checklist's application", () => {
  let dir: string;
  let debian: DebianHost;
  let ca: string;
  let parameters: z.output<typeof nginxSite.with>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-site-'));
    const authority = await startAuthority(join(dir, 'ca'));
    const { cert, key } = await authority.issue({ names, by: authority.between });
    ca = authority.root.cert;
    debian = await startHost({ dir: join(dir, 'host') });
    await debian.shell(`apt-get install -y -qq nginx-light openssl python3 >/dev/null 2>&1
umask 077
cat >/etc/ssl/private/${domain}.key <<'END'
${key}END
umask 022
cat >/etc/ssl/certs/${domain}.crt <<'END'
${cert}${authority.between.cert}END
mkdir -p /opt/softfactory/current/web
echo 'body {}' >/opt/softfactory/current/web/site.css
cat >/opt/softfactory/app.py <<'END'
${application}END
systemd-run -q --unit=softfactory /usr/bin/python3 /opt/softfactory/app.py`);
    parameters = nginxSite.with.parse(
      fill(await planned(), { DOMAIN: domain, APP_DIRECTORY: '/opt/softfactory' }),
    );
    await apply();
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const apply = async () => nginxSite.apply?.(parameters, contextOf({ hosts: { app: debian.host } }));
  const get = (path: string, some: { method?: string; body?: Buffer } = {}) =>
    answered(
      request({
        ...at(path, some.method),
        ca,
        servername: domain,
      }),
      some.body,
    );
  const at = (path: string, method = 'GET') => ({
    host: debian.address,
    path,
    method,
    agent: false as const,
    headers: { host: domain },
  });

  test('its certificate and files are sound, and only modern TLS is spoken', async () => {
    const context = { hosts: { web: debian.host } };
    const files = { certificate: `/etc/ssl/certs/${domain}.crt`, key: `/etc/ssl/private/${domain}.key` };

    const checked = [
      await checking(tlsFiles, { host: 'web', ...files, names, ca }, context),
      await checking(tlsCertificate, { address: debian.address, names, ca }),
      await checking(tlsProtocols, { address: debian.address, servername: domain }),
    ];

    for (const one of checked) expect(one).toMatchObject({ is: 'satisfied' });
    expect(JSON.stringify(checked[2])).toMatch(/TLSv1\.1","of":"[^"]*","answered":"refused with the alert/);
  });

  test('what comes without TLS is sent to the same page with it', async () => {
    const { status, headers } = await answered(plainRequest(at('/orders?page=2')));

    expect([status, headers.location]).toEqual([301, `https://${domain}/orders?page=2`]);
  });

  test.each(['/', '/none', '/static/site.css', '/static/none.css'])(
    '%s has every security header',
    async (path) => {
      const { headers } = await get(path);

      expect(headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'x-frame-options': 'SAMEORIGIN',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'strict-origin-when-cross-origin',
      });
      expect(headers.server).toBe('nginx');
    },
  );

  test('static files are kept by browsers, answers of the application are not', async () => {
    const [file, page] = [await get('/static/site.css'), await get('/')];

    expect(file.headers['cache-control']).toBe('max-age=2592000, public, immutable');
    expect(file.body).toBe('body {}\n');
    expect(page.headers['cache-control']).toBeUndefined();
  });

  test('the application learns who asked for what', async () => {
    const { body } = await get('/');

    expect(JSON.parse(body)).toMatchObject({
      host: domain,
      'x-forwarded-proto': 'https',
      'x-real-ip': expect.stringMatching(/^10\.83\./),
      'x-forwarded-for': expect.stringMatching(/^10\.83\./),
      connection: 'close',
    });
  });

  test('50 MB go through and more is refused', async () => {
    const fits = await get('/upload', { method: 'POST', body: Buffer.alloc(50 << 20) });
    const over = await get('/upload', { method: 'POST', body: Buffer.alloc((50 << 20) + 1) });

    expect(JSON.parse(fits.body)).toMatchObject({ read: 50 << 20 });
    expect(over.status).toBe(413);
  });

  test('a WebSocket goes through', async () => {
    const dispatcher = new Agent({ connect: { ca, servername: domain } });
    const socket = new WebSocket(`wss://${debian.address}/socket`, { dispatcher, headers: { host: domain } });

    await once(socket, 'open');
    socket.send('hello');
    const [message] = await once(socket, 'message');
    socket.close();
    await dispatcher.destroy();

    expect(Reflect.get(message, 'data')).toBe('hello');
  });

  test('a renewed certificate that nginx has not read yet is found', async () => {
    await debian.shell(`touch /etc/ssl/certs/${domain}.crt`);

    const found = await nginxSite.check(parameters, contextOf({ hosts: { app: debian.host } }));
    await apply();
    const repaired = await nginxSite.check(parameters, contextOf({ hosts: { app: debian.host } }));

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /softfactory\.example\.crt was changed at .*, but nginx has not been reloaded/,
      ),
    });
    expect(repaired).toMatchObject({ is: 'satisfied' });
  });
});

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function answered(asked: ReturnType<typeof request>, body?: Buffer): Promise<Answered> {
  return new Promise((settle, fail) => {
    // A server that refuses a body closes the connection while it is still being sent.
    asked.on('error', fail);
    asked.once('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      settle({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      });
    });
    asked.end(body);
  });
}
