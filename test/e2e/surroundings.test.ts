import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { startRedis } from '../../rehearsal/world/redis.ts';
import { openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { confirms, gate, phase, planOf, posts } from './plans.ts';
import { startRelay } from './relay.ts';
import { startTarget, type Target } from './target.ts';

let slipway: Slipway | undefined;
let target: Target | undefined;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await slipway?.stop();
  await target?.stop();
  for (const close of closers.splice(0).reverse()) await close();
  slipway = target = undefined;
});

function planFor({ url }: Target) {
  return planOf([
    phase('main', 'Main work', [posts(`${url}/deploy`)], gate()),
    phase('people', 'People', [confirms()], { needs: ['main'] }),
  ]);
}

describeWith('local-slack', 'PostgreSQL away in the middle of a run', () => {
  test('is told to whoever clicks, and afterwards the run goes on', async () => {
    target = await startTarget();
    slipway = await startSlipway({ plan: planFor(target), inProcess: false });
    const relay = await startRelay(slipway.database.url);
    closers.push(() => relay.stop());
    await slipway.restart({ DATABASE_URL: relay.url });
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v1');
    const approval = await crew.offered('Approve');

    relay.cut();
    await slipway.people.click('bob', approval, 'Approve');
    const told = await crew.told('bob', 'PostgreSQL');
    await crew.deploy('carol', 'status');
    await crew.told('carol', 'PostgreSQL');
    const askedInTheDark = [...target.asked];
    relay.mend();
    await slipway.people.click('bob', approval, 'Approve');
    await crew.fillIn('carol', 'Confirm', { answer: 'Green.' });
    await crew.card('succeeded');

    expect(read(told)).toContain('does not answer');
    expect(askedInTheDark).toEqual([]);
    expect(target.asked).toEqual(['POST /deploy']);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

describeWith(['local-slack', 'redis-server'], 'Redis away in the middle of a run', () => {
  test('holds nobody up who decides, and afterwards the run goes on', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const redis = await startRedis({ dir });
    if (redis === undefined) throw new Error('redis-server is missing');
    closers.push(() => redis.stop());
    const relay = await startRelay(redis.url);
    closers.push(() => relay.stop());
    target = await startTarget();
    slipway = await startSlipway({ plan: planFor(target), redisUrl: relay.url });
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v1');
    const approval = await crew.offered('Approve');

    relay.cut();
    const { ackMs } = await slipway.people.click('bob', approval, 'Approve');
    await slipway.people.click('bob', approval, 'Approve');
    await crew.told('bob', 'already decided');
    const askedInTheDark = [...target.asked];
    relay.mend();
    await crew.fillIn('carol', 'Confirm', { answer: 'Green.' });
    await crew.card('succeeded');

    expect(ackMs).toBeLessThan(3_000);
    expect(askedInTheDark).toEqual([]);
    expect(target.asked).toEqual(['POST /deploy']);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

describeWith('local-slack', 'a token that Slack does not know', () => {
  test.each(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'])(
    '%s is named, and the start leaves nothing open',
    async (name) => {
      target = await startTarget();
      slipway = await startSlipway({ plan: planFor(target), inProcess: false });
      const wrong = name === 'SLACK_BOT_TOKEN' ? 'xoxb-of-somebody-else' : 'xapp-of-somebody-else';
      const loaded = await loadConfig({ env: { ...slipway.env, [name]: wrong } });
      if (!('config' in loaded)) throw new Error('the configuration is not valid');

      const started = openApp(loaded.config, { bot: true }, pino({ level: 'silent' }));

      await expect(started).rejects.toMatchObject({
        code: 'slack-refused',
        message: expect.stringMatching(`refused ${name} \\(invalid_auth\\)`),
      });
      const { rows } = await slipway.pool.query(
        'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      expect(rows).toEqual([]);
    },
  );
});
