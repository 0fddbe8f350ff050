import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Elasticsearch, startElasticsearch } from '../../rehearsal/elasticsearch/elasticsearch.ts';
import { type DebianHost, startHost } from '../../rehearsal/host/host.ts';
import { bearerToken } from '../host/settings.ts';
import { describeWith } from '../support/parts.ts';
import { connectSocketIo } from '../support/socket-io.ts';
import { until } from '../support/until.ts';

const source = fileURLToPath(new URL('../../rehearsal/softfactory', import.meta.url));
const key = 'a key of this test only';

const packages = [
  'gunicorn',
  'postgresql',
  'python3-flask',
  'python3-flask-migrate',
  'python3-flask-socketio',
  'python3-gevent-websocket',
  'python3-prometheus-client',
  'python3-psycopg2',
  'python3-redis',
  'python3-venv',
  'redis-server',
];

const Login = z.object({ auth_url: z.url(), state_token: z.string().min(32) });
const Plans = z.object({ plans: z.array(z.object({ id: z.string(), price: z.int() })) });

describeWith('debian-host', 'the rehearsed SoftFactory', () => {
  let dir: string;
  let debian: DebianHost;
  let elasticsearch: Elasticsearch;
  let url: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-softfactory-'));
    debian = await startHost({ dir, folders: { '/srv/softfactory': source } });
    elasticsearch = await startElasticsearch({ password: 'search', host: debian.outside });
    url = `http://${debian.address}:8000`;
    await debian.shell(`set -eu
      export DEBIAN_FRONTEND=noninteractive
      apt-get install -qq -y --no-download ${packages.join(' ')} >/dev/null 2>&1
      mkdir /opt/softfactory && cp -R /srv/softfactory/. /opt/softfactory
      runuser -u postgres -- psql -q -c "create role app login password 'app'" -c 'create database app owner app'
      python3 -m venv --system-site-packages /opt/softfactory/venv
      cat >/etc/softfactory.env <<END
FLASK_APP=backend.app
SQLALCHEMY_DATABASE_URI=postgresql://app:app@127.0.0.1/app
REDIS_URL=redis://127.0.0.1:6379/0
JWT_SECRET_KEY='${key}'
CLOUDFRONT_DOMAIN=cdn.softfactory.example
CORS_ALLOWED_ORIGINS=https://softfactory.example
ELASTICSEARCH_HOST=${debian.outside}
ELASTICSEARCH_PORT=${elasticsearch.port}
ELASTICSEARCH_USERNAME=elastic
ELASTICSEARCH_PASSWORD=search
END`);
  }, 600_000);

  afterAll(async () => {
    await elasticsearch?.stop();
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** Runs a command in the application's folder and settings; gives its exit code and what it printed. */
  const inApp = async (command: string) => {
    const said = await debian.shell(`set -a; . /etc/softfactory.env; cd /opt/softfactory
      { ${command}; } 2>&1; echo "exit $?"`);
    const lines = said.trimEnd().split('\n');
    return { exit: Number(lines.at(-1)?.split(' ')[1]), text: lines.slice(0, -1).join('\n') };
  };
  const sql = (statement: string) =>
    debian.shell(`runuser -u postgres -- psql -d app -Atc "${statement}"`).then((text) => text.trim());
  const get = (path: string, init?: RequestInit) => fetch(url + path, init);

  test('needs nothing from the network in a venv that sees the packages of Debian', async () => {
    const installed = await inApp('venv/bin/pip install --quiet --no-index --requirement requirements.txt');

    expect(installed).toEqual({ exit: 0, text: '' });
  });

  test('gets more than 40 tables by its migrations, after which nothing differs', async () => {
    const before = await inApp('venv/bin/python -m flask db check');
    const upgraded = await inApp('venv/bin/python -m flask db upgrade');
    const after = await inApp('venv/bin/python -m flask db check');
    const tables = await sql("select count(*) from information_schema.tables where table_schema = 'public'");

    expect(before.exit).toBe(1);
    expect(upgraded.exit).toBe(0);
    expect(after).toMatchObject({ exit: 0 });
    expect(Number(tables)).toBeGreaterThan(42);
  });

  test('finds a column that no migration made', async () => {
    await sql('alter table posts add column colour text');
    const drifted = await inApp('flask db check');
    await sql('alter table posts drop column colour');

    expect(drifted.exit).toBe(1);
    expect(drifted.text).toContain('remove_column');
    expect(drifted.text).toContain('colour');
  });

  test('has the same first data however often it is seeded', async () => {
    const counts = () =>
      sql(
        'select (select count(*) from users), (select count(*) from subscription_plans), (select count(*) from posts)',
      );

    const first = await inApp('venv/bin/python backend/scripts/seed_database.py');
    const once = await counts();
    const second = await inApp('python3 backend/scripts/seed_database.py');

    expect([first.exit, second.exit]).toEqual([0, 0]);
    expect(once).toBe('4|4|3');
    expect(await counts()).toBe(once);
  });

  test('does not start in production while a variable is missing, and names it', async () => {
    const started = await inApp('FLASK_ENV=production python3 -c "import backend.app"');

    expect(started.exit).toBe(1);
    expect(started.text).toContain('STRIPE_SECRET_KEY');
    expect(started.text).not.toContain('REDIS_URL');
  });

  test('brings posts, reviews and users into Elasticsearch, with the password only', async () => {
    const authorization = `Basic ${Buffer.from('elastic:search').toString('base64')}`;
    const count = async (index: string) => {
      const answer = await fetch(`http://${debian.outside}:${elasticsearch.port}/${index}/_count`, {
        headers: { authorization },
      });
      return z.object({ count: z.int() }).parse(await answer.json()).count;
    };

    const indexed = await inApp('python3 backend/scripts/index_elasticsearch.py');
    const again = await inApp('python3 backend/scripts/index_elasticsearch.py --posts');
    const refused = await inApp('ELASTICSEARCH_PASSWORD=x python3 backend/scripts/index_elasticsearch.py');
    const counts = await Promise.all(
      ['softfactory_posts', 'softfactory_reviews', 'softfactory_users'].map(count),
    );

    expect(indexed).toEqual({
      exit: 0,
      text: 'softfactory_posts: 3\nsoftfactory_reviews: 2\nsoftfactory_users: 4',
    });
    expect(again.exit).toBe(0);
    expect(refused).toEqual({ exit: 1, text: 'Elasticsearch: HTTP 401 at /_bulk' });
    expect(counts).toEqual([3, 2, 4]);
  });

  test('serves under gunicorn: page, health, login, plans, upload, search, metrics', async () => {
    await debian.shell(`systemd-run --quiet --unit=softfactory --property=EnvironmentFile=/etc/softfactory.env \
      --property=DynamicUser=yes --working-directory=/opt/softfactory \
      /usr/bin/gunicorn -k geventwebsocket.gunicorn.workers.GeventWebSocketWorker -w 1 --bind 0.0.0.0:8000 backend.app:app`);
    const health = await until('health', () => get('/api/health').catch(() => undefined));
    const authorization = `Bearer ${bearerToken('smoke', key)}`;
    const form = new FormData();
    form.set('file', new Blob(['slipway']), 'test.txt');

    const page = await (await get('/')).text();
    const user = await (await get('/api/auth/user', { headers: { authorization } })).json();
    const stranger = await get('/api/auth/user', {
      headers: { authorization: `Bearer ${bearerToken('smoke', 'x')}` },
    });
    const logins = await Promise.all(
      ['google', 'facebook', 'kakao'].map(async (name) =>
        Login.parse(await (await get(`/api/auth/oauth/${name}/url`)).json()),
      ),
    );
    const { plans } = Plans.parse(await (await get('/api/payment/plans')).json());
    const upload = await get('/api/files/upload', { method: 'POST', headers: { authorization }, body: form });
    const refused = await get('/api/files/upload', { method: 'POST', body: form });
    const found = await (await get('/api/search?q=lamp')).json();
    const metrics = await (await get('/metrics')).text();

    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'ok', version: '2.1.0' });
    expect(page).toContain('<!DOCTYPE html>');
    expect(user).toMatchObject({ user: { email: 'smoke@softfactory.example' } });
    expect(stranger.status).toBe(401);
    expect(logins.map(({ auth_url }) => new URL(auth_url).host)).toEqual([
      'accounts.google.com',
      'www.facebook.com',
      'kauth.kakao.com',
    ]);
    expect(logins.every(({ auth_url, state_token }) => auth_url.includes(`state=${state_token}`))).toBe(true);
    expect(plans.map(({ id }) => id)).toEqual(['free', 'maker', 'studio', 'factory']);
    expect(upload.status).toBe(201);
    expect(await upload.json()).toMatchObject({
      file_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      cdn_url: expect.stringMatching(/^https:\/\/cdn\.softfactory\.example\/files\/[0-9a-f]{32}\/test\.txt$/),
    });
    expect(refused.status).toBe(401);
    expect(found).toMatchObject({
      hits: expect.arrayContaining([expect.objectContaining({ title: 'A lamp from old tins' })]),
    });
    expect(metrics).toContain('softfactory_info{version="2.1.0"} 1.0');
    expect(metrics).toMatch(
      /softfactory_requests_total\{method="GET",route="\/api\/payment\/plans",status="200"\} 1\.0/,
    );
  });

  test('greets in each of its namespaces, by WebSocket at once and after polling, and refuses any other', async () => {
    const names = ['/sns', '/orders', '/chat', '/notifications'];

    const clients = await Promise.all(
      names.flatMap((name) => [connectSocketIo(url, name), connectSocketIo(url, name, { polls: true })]),
    );
    const greetings = await Promise.all(clients.map((client) => client.event('welcome')));
    await Promise.all(clients.map((client) => client.close()));

    expect(greetings).toEqual(names.flatMap((namespace) => [{ namespace }, { namespace }]));
    await expect(connectSocketIo(url, '/admin')).rejects.toThrow('Unable to connect');
    await expect(connectSocketIo(url, '/sns', { origin: 'https://evil.example' })).rejects.toThrow();
  });

  test('tells those who listen on /sns of a new post within a second', async () => {
    const client = await connectSocketIo(url, '/sns', { origin: 'https://softfactory.example' });
    const authorization = `Bearer ${bearerToken('mina', key)}`;

    const began = performance.now();
    await get('/api/posts', {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Fresh bread', content: 'At six.' }),
    });
    const told = await client.event('post:created');
    const took = performance.now() - began;
    await client.close();

    expect(told).toMatchObject({ title: 'Fresh bread', author: 'mina' });
    expect(took).toBeLessThan(10_000);
  });

  test.each(['redis-server', 'postgresql@15-main'])(
    'is unavailable while %s is down, and then ok again',
    async (unit) => {
      await debian.shell(`systemctl stop ${unit}`);
      const down = await get('/api/health');
      await debian.shell(`systemctl start ${unit}`);
      const up = await until('health', async () => {
        const answer = await get('/api/health');
        return answer.ok && answer;
      });

      expect(down.status).toBe(503);
      expect(await down.json()).toMatchObject({ status: 'unavailable' });
      expect(await up.json()).toMatchObject({ status: 'ok' });
    },
  );
});
