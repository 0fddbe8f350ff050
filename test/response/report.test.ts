import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startWorkspace, type Workspace } from '../../rehearsal/slack/workspace.ts';
import { createDrawer } from '../../src/bot/draw.ts';
import { slackMessages } from '../../src/bot/messages.ts';
import { createPace } from '../../src/bot/pace.ts';
import { isReport, reportPicture } from '../../src/bot/report-picture.ts';
import { createMetrics } from '../../src/metrics.ts';
import { type ReportParts, refillReport, reportWork } from '../../src/response/report.ts';
import type { Fault } from '../../src/runbooks/library.ts';
import type { Report } from '../../src/runbooks/report.ts';
import type { Runbook } from '../../src/runbooks/runbook.ts';
import type { OutboxRow } from '../../src/store/outbox.ts';
import { append, load } from '../../src/store/streams.ts';
import { groupOf } from '../bot/blocks/alerts/sample-group.ts';
import { describeWith } from '../support/parts.ts';
import { changeOf, type TestStore, testStore } from '../support/store.ts';

const day = 86_400_000;
const noJobs = { phases: 0, timers: 0, views: 0, calls: 0 };

const runbook = (name: string, rest: Partial<Runbook> = {}): Runbook => ({
  name,
  title: `About ${name}`,
  alerts: [],
  tags: [],
  hash: '',
  sections: [],
  reviewed: new Date().toISOString().slice(0, 10),
  ...rest,
});

describeWith('local-slack', 'the weekly report on runbooks', () => {
  let store: TestStore;
  let dir: string;
  let workspace: Workspace;
  let runbooks: readonly Runbook[];
  let faults: readonly Fault[];

  beforeAll(async () => {
    store = await testStore();
    dir = await mkdtemp(join(tmpdir(), 'slipway-report-'));
    workspace = await startWorkspace({ dir });
  });

  afterAll(async () => {
    await workspace?.stop();
    await store?.drop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await store.pool.query('truncate streams, events, surfaces, outbox cascade');
    runbooks = [];
    faults = [];
  });

  const now = Date.now();
  const id = 'report-2026-w48';
  const job = { report: id, due: now };

  const parts = (rest: Partial<ReportParts> = {}): ReportParts => ({
    pool: store.pool,
    settings: { report: { day: 1, minute: 540, timeZone: 'UTC' }, announce: 'C0ALERTS' },
    library: { all: () => runbooks, faults: () => faults },
    alerts: { episodes: async () => [] },
    members: async (group) => (group === 'oncall' ? ['U0ALICE', 'U0BOB'] : []),
    now: () => now,
    nudge: () => undefined,
    log: { info: () => undefined, warn: () => undefined },
    ...rest,
  });

  const work = (rest: Partial<ReportParts> = {}) => reportWork(parts(rest)).report?.(job);

  const letters = async () => (await load<Report>(store.pool, id))?.state.letters;

  /** A group of alerts of this name, which opened at these times. */
  const fired = async (name: string, ...at: readonly number[]): Promise<void> => {
    const stream = `group-${Buffer.from(name.padEnd(8)).toString('hex').slice(0, 16)}`;
    const state = groupOf({
      id: stream,
      groupLabels: { alertname: name },
      commonLabels: { alertname: name },
      commonAnnotations: {},
    });
    const events = at.map((one) => ({ type: 'GroupOpened', at: one }));
    await append(store.pool, [changeOf(stream, { kind: 'alerts', state, events })]);
  };

  /** An opened runbook of which this was said, each at its time. */
  const remarked = async (name: string, said: Readonly<Record<string, number>>): Promise<void> => {
    const events = Object.entries(said).map(([text, at], index) => {
      return { type: 'Remarked', at, number: index + 1, part: 't2', text, by: 'U0BOB' };
    });
    const state = { id: 'walk-0123456789abcdef', runbook: { name, title: name, owner: 'oncall' } };
    await append(store.pool, [changeOf(state.id, { kind: 'walkthrough', state, events })]);
  };

  const posted = () =>
    workspace.gateway.calls
      .filter(({ method, ok }) => method === 'chat.postMessage' && ok)
      .map(({ args }) => ({ channel: String(args.channel), said: JSON.stringify(args.blocks) }));

  const drawer = () => {
    const client = new WebClient(workspace.env.SLACK_BOT_TOKEN, {
      slackApiUrl: workspace.env.SLACK_API_URL,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: 10_000,
    });
    const pace = createPace();
    const messages = slackMessages(client, pace, createMetrics({ depths: async () => noJobs }));
    const log = pino({ level: 'fatal' });
    const picture = (stream: string) => reportPicture(store.pool, stream);
    return createDrawer({ pool: store.pool, messages, pace, now: Date.now, log, picture });
  };

  test('counts the alerts of the week that no runbook answers, and takes the remarks of the week', async () => {
    runbooks = [runbook('disk', { alerts: ['DiskFull'], owner: 'oncall' })];
    await fired('DiskFull', now - day);
    await fired('Unknown', now - 9 * day, now - 2 * day, now - day);
    await remarked('disk', { 'long ago': now - 8 * day, 'there is no such table': now - day });

    await work();

    const all = (await letters()) ?? [];
    expect(all.flatMap(({ news }) => news.unanswered)).toEqual([{ alert: 'Unknown', times: 2 }]);
    expect(all.find(({ owner }) => owner === 'oncall')?.news.remarks).toMatchObject([
      { name: 'disk', part: 't2', text: 'there is no such table', by: 'U0BOB' },
    ]);
  });

  test('leaves out what was before this week', async () => {
    await fired('Unknown', now - 9 * day);
    await remarked('disk', { 'long ago': now - 8 * day });

    await work();

    expect(await letters()).toEqual([]);
  });

  test('is written once, whoever and how many begin it', async () => {
    await fired('Unknown', now - day);

    await Promise.all([work(), work(), work()]);
    await fired('Another', now - day);
    await work();

    const { rows } = await store.pool.query('select type from events where stream = $1::text', [id]);
    expect(rows).toEqual([{ type: 'ReportWritten' }]);
    expect((await letters())?.flatMap(({ news }) => news.unanswered)).toHaveLength(1);
  });

  test('comes to each owner alone and to the channel, and nothing in it mentions or links', async () => {
    runbooks = [runbook('old', { owner: 'oncall', reviewed: '2020-01-01', title: '<!channel> old' })];
    faults = [{ file: 'new.md', line: 2, message: 'title: expected <!here>' }];
    await fired('Unknown', now - day);
    const before = posted().length;

    await work();
    await drawer().draw(id);
    await drawer().draw(id);

    const news = posted().slice(before);
    expect(news.map(({ channel }) => channel).sort()).toEqual(['C0ALERTS', 'U0ALICE', 'U0BOB']);
    const said = (channel: string) => news.find((one) => one.channel === channel)?.said ?? '';
    expect(said('U0ALICE')).toContain('`old` &lt;!channel&gt; old, reviewed');
    expect(said('U0ALICE')).not.toContain('Unknown');
    expect(said('C0ALERTS')).toContain('`Unknown` once');
    expect(said('C0ALERTS')).toContain('`new.md:2` title: expected &lt;!here&gt;');
    expect(isReport(id)).toBe(true);
  });

  test('says nothing when there is nothing to say', async () => {
    runbooks = [runbook('fresh', { owner: 'oncall' })];
    const before = posted().length;

    await work();
    await drawer().draw(id);

    expect(await letters()).toEqual([]);
    expect(posted().slice(before)).toEqual([]);
  });

  test('is asked for near its time, or when it was missed, and never by a new installation', async () => {
    const asked: string[] = [];
    const queues = {
      add: async (rows: readonly OutboxRow[]) => void asked.push(...rows.map((row) => row.id)),
    };
    const at = (time: string) => ({ ...parts(), now: () => Date.parse(time) });

    await refillReport(at('2030-01-07T08:55:00Z'), queues);
    const near = asked.splice(0);
    await refillReport(at('2030-01-07T10:00:00Z'), queues);
    const missed = asked.splice(0);
    await refillReport(at('2030-01-12T10:00:00Z'), queues);
    const far = asked.splice(0);

    // Nothing is in the record yet.
    expect([near, missed, far]).toEqual([['report-2030-w02'], [], []]);
    await fired('Unknown', now - day);
    await refillReport(at('2030-01-07T10:00:00Z'), queues);
    expect(asked).toEqual(['report-2030-w02']);
  });
});
