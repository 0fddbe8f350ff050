import { WebAPIPlatformError } from '@slack/web-api';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Surface } from '../../src/bot/blocks/surface.ts';
import { createDrawer } from '../../src/bot/draw.ts';
import type { Messages } from '../../src/bot/messages.ts';
import { createPace, rates } from '../../src/bot/pace.ts';
import { Failure } from '../../src/errors.ts';
import { append } from '../../src/store/streams.ts';
import { placesOf, undrawnStreams } from '../../src/store/surfaces.ts';
import { changeOf, type TestStore, testStore } from '../support/store.ts';

const unhurried = { ...rates, 'chat.postMessage': { burst: 100, perSecond: 100, reserve: 0 } };

const surface = (key: string, channel?: string): Surface => ({
  key,
  place: 'channel',
  urgent: false,
  text: key,
  blocks: [],
  ...(channel !== undefined && { elsewhere: { channel } }),
});

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});

afterAll(() => store.drop());

const refusal = (error: string) =>
  new Failure('slack-refused', `chat.postMessage: ${error}`, {
    cause: new WebAPIPlatformError({ ok: false, error }),
  });

/** Draws a stream of these surfaces once, in a Slack that takes nothing in some channels. */
async function drawn(stream: string, surfaces: readonly Surface[], closed: ReadonlySet<string>) {
  const { pool } = store;
  await append(pool, [changeOf(stream)]);
  const posts: string[] = [];
  const messages: Messages = {
    post: async (channel, _thread, { key }) => {
      posts.push(`${key} in ${channel}`);
      if (closed.has(channel)) throw refusal('is_archived');
      if (channel === 'C0STRICT') throw refusal('invalid_blocks');
      return { channel, ts: `1.${posts.length}` };
    },
    update: async () => true,
    find: async () => undefined,
    link: async () => undefined,
    publish: async () => undefined,
  };
  const drawer = createDrawer({
    pool,
    messages,
    pace: createPace(Date.now, unhurried),
    now: Date.now,
    log: pino({ level: 'silent' }),
    picture: async () => ({ channel: 'C0ROOM', version: 1, surfaces }),
  });
  const outcome = await drawer.draw(stream).then(
    () => 'drawn',
    (error: Failure) => error.code,
  );
  const shown = (await placesOf(pool, stream)).filter(({ ts }) => ts !== null).map(({ key }) => key);
  return { outcome, shown, posts, isOwed: (await undrawnStreams(pool)).includes(stream) };
}

test('what one channel refuses keeps nothing else from being shown, and is still owed', async () => {
  const surfaces = [surface('card'), surface('told', 'C0ALERTS'), surface('announced', 'C0ALL')];

  const result = await drawn('stream-a', surfaces, new Set(['C0ROOM']));

  expect(result.shown.toSorted()).toEqual(['announced', 'told']);
  expect(result.posts).toEqual(['card in C0ROOM', 'told in C0ALERTS', 'announced in C0ALL']);
  expect([result.outcome, result.isOwed]).toEqual(['slack-refused', true]);
});

test('a channel that was archived is asked once, however much of it is owed, and others are shown', async () => {
  const owed = Array.from({ length: 12 }, (_, index) => ({ ...surface(`update-${index}`), urgent: true }));
  const surfaces = [...owed, surface('told', 'C0ALERTS')];

  const result = await drawn('stream-archived', surfaces, new Set(['C0ROOM']));

  expect(result.posts).toEqual(['update-0 in C0ROOM', 'told in C0ALERTS']);
  expect(result.isOwed).toBe(true);
});

test('a Slack that refuses everything is not asked for everything', async () => {
  const surfaces = Array.from({ length: 30 }, (_, index) => surface(`one-${index}`, 'C0STRICT'));

  const result = await drawn('stream-b', surfaces, new Set(['C0ROOM']));

  expect([result.outcome, result.shown, result.posts.length]).toEqual(['slack-refused', [], 6]);
});

test('what nobody refuses is drawn and no longer owed', async () => {
  const result = await drawn('stream-c', [surface('card'), surface('told', 'C0ALERTS')], new Set());

  expect([result.outcome, result.shown.length, result.isOwed]).toEqual(['drawn', 2, false]);
});
