import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { type PostedAlert, sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import type { Gateway } from '../../rehearsal/slack/gateway.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { eventually } from './alerts-patience.ts';
import { nothing, phase, planOf } from './plans.ts';

const groups = 500;
const each = 20;
const batches = 20;
const perBatch = (groups * each) / batches;
const isCritical = (group: number) => group % 20 === 19;
const criticals = Array.from({ length: groups }, (_, group) => group).filter(isCritical).length;

/** How many groups wait for their first message without being folded into the digest. */
const unfolded = 5;
/** How long a message that was begun may take until Slack has it, in milliseconds. */
const underWay = 5_000;

const Shown = z.array(
  z.looseObject({ fingerprint: z.string(), status: z.looseObject({ state: z.string() }) }),
);
const Row = z.looseObject({
  text: z.looseObject({ text: z.string() }),
  accessory: z.looseObject({ type: z.literal('button') }),
});

/** A call that shows the digest: what it says, and what Slack had been given before it. */
interface DigestCall {
  readonly at: number;
  readonly firing: number;
  readonly critical: number;
  /** What the parts of the count by severity add up to. */
  readonly tallied: number;
  readonly rows: readonly string[];
  /** How many are only counted below the rows. */
  readonly more: number;
  readonly postedBefore: number;
  readonly criticalBefore: number;
}

describeWith(['local-slack', 'alertmanager'], 'ten thousand alerts within ten seconds', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function surroundings() {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-ten-thousand-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    const alertmanager = await startAlertmanager({
      dir,
      webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/main`,
      token: 'token-of-main',
      groupWait: '1s',
      groupInterval: '5s',
    });
    closers.push(() => alertmanager.stop());
    const slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()])]),
      secrets: { HOOK: 'token-of-main' },
      alerts: {
        listen: `127.0.0.1:${port}`,
        may: { respond: ['oncall'], silence: ['oncall'] },
        sources: {
          main: {
            credential: { bearer: { env: 'TEST_HOOK' } },
            alertmanagers: [alertmanager.url],
            poll: '1h',
          },
        },
        routes: [{ name: 'all', channel: 'C0ALERTS' }],
      },
      workspace: { limits: 'slack' },
    });
    closers.push(() => slipway.stop());
    return { alertmanager, slipway };
  }

  test('are all there as Alertmanager has them, and what is critical has its message first', async () => {
    const { alertmanager, slipway } = await surroundings();
    const { gateway } = slipway.workspace;
    const before = megabytes();
    const began = Date.now();

    for (let batch = 0; batch < batches; batch += 1) {
      await sendAlerts(alertmanager.url, alertsOf(batch));
      await delay(Math.max(0, began + ((batch + 1) * 10_000) / batches - Date.now()));
    }
    const sent = Date.now();
    await eventually('all alerts', async () => (await firingRows(slipway)).length >= groups * each);
    const stored = Date.now();
    const kept = await firingRows(slipway);
    const shown = Shown.parse(await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json());
    const counted = await firingOfGroups(slipway);
    await eventually('the messages of critical groups', () => {
      const lines = firstPosts(gateway);
      return lines.filter(({ group }) => isCritical(group)).length >= criticals;
    });
    await eventually('some messages more', () => {
      const lines = firstPosts(gateway);
      return lines.length >= lines.findLastIndex(({ group }) => isCritical(group)) + 4;
    });
    await eventually('a digest without them', () =>
      digests(gateway).some(({ critical, criticalBefore }) => critical === 0 && criticalBefore === criticals),
    );

    process.stdout.write(
      `resident: ${before} MB before, ${megabytes()} MB after; sent in ${sent - began} ms, kept after ${stored - began} ms\n`,
    );
    expect(shown.every(({ status }) => status.state === 'active')).toBe(true);
    expect(shown).toHaveLength(groups * each);
    expect(kept).toEqual(shown.map(({ fingerprint }) => fingerprint).sort());
    expect(counted).toEqual({ groups, firing: shown.length });

    const posts = firstPosts(gateway);
    const opened = await openings(slipway);
    const criticalPosts = posts.filter(({ group }) => isCritical(group));
    expect(new Set(posts.map(({ group }) => group)).size).toBe(posts.length);
    for (const { group, at } of posts.filter((post) => !isCritical(post.group))) {
      const overtaken = criticalPosts.filter(
        (one) => one.at > at && (opened.get(one.group) ?? Number.NaN) < at - underWay,
      );
      expect({ group, overtaken }).toEqual({ group, overtaken: [] });
    }

    const all = digests(gateway);
    const full = all.filter(({ at }) => at > stored + underWay);
    expect(full.length).toBeGreaterThan(0);
    for (const { firing, critical, tallied, rows, more, ...digest } of full) {
      expect(tallied).toBe(firing);
      expect(rows.length + more).toBe(firing);
      expect(rows.filter((row) => !row.includes(`· ${each} firing ·`))).toEqual([]);
      // Between the digest and its arrival a message or two may come, and a few groups that came first were never folded.
      expect(firing).toBeLessThanOrEqual(groups - digest.postedBefore + 2);
      expect(firing).toBeGreaterThanOrEqual(groups - digest.postedBefore - unfolded - 1);
      expect(critical).toBeLessThanOrEqual(criticals - digest.criticalBefore + 2);
      expect(critical).toBeGreaterThanOrEqual(criticals - digest.criticalBefore - unfolded - 1);
    }
    expect(gateway.calls.filter(isDigestPost)).toHaveLength(1);
    expect(gateway.stats.rateLimited).toBe(0);
    expect(gateway.violations).toEqual([]);
  }, 400_000);
});

function alertsOf(batch: number): readonly PostedAlert[] {
  const startsAt = Date.now();
  return Array.from({ length: perBatch }, (_, index) => {
    const group = Math.floor((batch * perBatch + index) / each);
    const severity = isCritical(group) ? 'critical' : 'warning';
    return {
      labels: { alertname: `G${group};`, severity, instance: `host-${index % each}:9100`, job: 'node' },
      annotations: { summary: `G${group}; is not well` },
      startsAt,
      endsAt: startsAt + 3_600_000,
    };
  });
}

async function firingRows({ pool }: Slipway): Promise<readonly string[]> {
  const { rows } = await pool.query<{ fingerprint: string }>(
    `select fingerprint from alerts where status = 'firing' order by fingerprint collate "C"`,
  );
  return rows.map(({ fingerprint }) => fingerprint);
}

async function firingOfGroups({ pool }: Slipway) {
  const { rows } = await pool.query<{ groups: number; firing: number }>(
    `select count(*)::int as groups, sum((state ->> 'firing')::int)::int as firing from streams
     where kind = 'alerts' and state ->> 'status' = 'firing'`,
  );
  return rows[0];
}

/** When each group opened. */
async function openings({ pool }: Slipway): Promise<ReadonlyMap<number, number>> {
  const { rows } = await pool.query<{ name: string; at: number }>(
    `select state -> 'groupLabels' ->> 'alertname' as name, (state ->> 'openedAt')::float8 as at from streams
     where kind = 'alerts' and state ->> 'status' = 'firing'`,
  );
  return new Map(rows.map(({ name, at }) => [groupIn(name) ?? -1, at]));
}

function groupIn(text: string): number | undefined {
  const found = /G(\d+);/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function firstPosts({ calls }: Gateway): readonly { readonly group: number; readonly at: number }[] {
  return calls.flatMap(({ method, ok, args, at }) => {
    const group = groupIn(String(args.text));
    const isFirst = method === 'chat.postMessage' && ok && args.thread_ts === undefined;
    return isFirst && group !== undefined ? [{ group, at }] : [];
  });
}

const digestText = /(\d+) alert groups? (?:is|are) firing: (.*)/;

function isDigestPost({ method, ok, args }: Gateway['calls'][number]): boolean {
  return method === 'chat.postMessage' && ok && digestText.test(String(args.text));
}

function digests(gateway: Gateway): readonly DigestCall[] {
  return gateway.calls.flatMap(({ args, at, ok }): DigestCall[] => {
    const said = digestText.exec(String(args.text));
    if (said === null || !ok) return [];
    const counts = [...(said[2] ?? '').matchAll(/(\d+) (\w+)/g)];
    const blocks = z
      .array(z.unknown())
      .parse(typeof args.blocks === 'string' ? JSON.parse(args.blocks) : args.blocks);
    const earlier = firstPosts(gateway).filter((post) => post.at < at);
    return [
      {
        at,
        firing: Number(said[1]),
        critical: Number(counts.find(([, , severity]) => severity === 'critical')?.[1] ?? 0),
        tallied: counts.reduce((sum, [, count]) => sum + Number(count), 0),
        rows: blocks.flatMap((block) => Row.safeParse(block).data?.text.text ?? []),
        more: Number(/and (\d+) more:/.exec(JSON.stringify(blocks))?.[1] ?? 0),
        postedBefore: earlier.length,
        criticalBefore: earlier.filter(({ group }) => isCritical(group)).length,
      },
    ];
  });
}

function megabytes(): number {
  return Math.round(process.memoryUsage().rss / 1_048_576);
}
