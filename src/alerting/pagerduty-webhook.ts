import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { ClientBase, Pool } from 'pg';
import type { Logger } from 'pino';
import type { GroupCommand } from '../alerts/commands.ts';
import type { GroupEvent } from '../alerts/events.ts';
import type { AlertGroup } from '../alerts/group.ts';
import { oneLine } from '../alerts/one-line.ts';
import type { PagerDutyNews } from '../alerts/pagerduty-webhook.ts';
import { readPagerDutyWebhook } from '../alerts/pagerduty-webhook.ts';
import type { PagerDutySettings } from '../alerts/surroundings.ts';
import { reasonOf } from '../reason-of.ts';
import type { Secret } from '../secret.ts';
import type { Handled } from '../store/handle.ts';
import { change } from '../store/handle.ts';
import { appendEach, load } from '../store/streams.ts';
import type { Alerts } from './alerts.ts';
import { groupRules } from './group-rules.ts';
import type { PagerDutyRest } from './pagerduty-rest.ts';
import { readJson } from './read-json.ts';

/** What webhooks of PagerDuty need of the rest. */
export interface PagerDutyWebhookParts {
  readonly alerts: Pick<Alerts, 'parts'>;
  readonly settings: Pick<PagerDutySettings, 'webhookSecrets'>;
  /** Asked for the keys of an incident that does not name one of ours. */
  readonly rest?: Pick<PagerDutyRest, 'keysOf'> | undefined;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Milliseconds after which PagerDuty is asked to come again. */
  readonly limit?: number;
}

type Done = Extract<Handled<AlertGroup, GroupEvent>, { ok: true }>;
type News = Extract<PagerDutyNews, { matters: true }>;

/** "PagerDuty expects a 2xx response within 5 seconds" (docs/webhooks/02-Behavior.md of github.com/PagerDuty/developer-docs). */
const usualLimit = 4_000;

/**
 * Takes in v3 webhooks: 401 without a signature of ours, 503 when it cannot be kept now, and 202 for everything else, for after
 * three of any other answer PagerDuty sends nothing for a day. What a webhook says takes effect once, however often it comes.
 */
export function pagerdutyWebhook(parts: PagerDutyWebhookParts): RequestHandler {
  const { settings, log, limit = usualLimit } = parts;
  return async (request, response) => {
    const body: unknown = request.body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    if (!isSigned(settings.webhookSecrets, request.get('x-pagerduty-signature') ?? '', bytes)) {
      log.warn('a webhook of PagerDuty was not signed with a secret of alerts.pagerduty');
      response.status(401).type('text').send('The signature is not valid.\n');
      return;
    }
    const given = request.get('x-webhook-id') ?? '';
    const webhook =
      given !== '' && given.length <= 200 ? given : createHash('sha256').update(bytes).digest('hex');
    const late = new Promise<'late'>((resolve) => {
      setTimeout(resolve, limit, 'late').unref();
    });
    try {
      const done = await Promise.race([takeIn(parts, oneLine(webhook, 200), bytes), late]);
      if (done === 'late') throw new Error(`not kept within ${limit} ms`);
      response.status(202).end();
    } catch (error) {
      log.error({ webhook, reason: reasonOf(error) }, 'a webhook of PagerDuty was put off');
      response.status(503).set('retry-after', '5').end();
    }
  };
}

/** Forgets webhooks that PagerDuty will not send again: it tries for at most two days. To be called now and then. */
export async function forgetWebhooks(pool: Pool, now: number): Promise<void> {
  await pool.query(
    `delete from webhooks_seen
     where sender = 'pagerduty' and at < to_timestamp($1::float8 / 1000) - interval '4 days'`,
    [now],
  );
}

/** https://developer.pagerduty.com/docs/verifying-webhook-signatures: one good signature is enough, of any of our secrets. */
function isSigned(secrets: readonly Secret[], header: string, body: Buffer): boolean {
  const given = header
    .split(',')
    .slice(0, 20)
    .map((one) => /^\s*v1=([0-9a-f]{64})\s*$/i.exec(one)?.[1])
    .map((hex) => Buffer.from(hex ?? '', 'hex'));
  let isGood = false;
  for (const secret of secrets) {
    const own = createHmac('sha256', secret.reveal()).update(body).digest();
    // All are compared, whichever is the good one.
    for (const one of given) if (one.length === own.length && timingSafeEqual(one, own)) isGood = true;
  }
  return isGood;
}

async function takeIn(parts: PagerDutyWebhookParts, webhook: string, bytes: Buffer): Promise<'taken'> {
  const { alerts, log } = parts;
  const json = readJson(bytes);
  const news = json.ok
    ? readPagerDutyWebhook(json.value)
    : ({ matters: false, because: json.because } as const);
  if (!news.matters) {
    log.info({ webhook, because: news.because }, 'a webhook of PagerDuty tells nothing');
    return 'taken';
  }
  const groups = await groupsOf(parts, news);
  if (groups.length === 0) {
    log.info({ webhook, incident: news.incident }, 'an incident in PagerDuty is of no alert group');
    return 'taken';
  }
  const { pool, now, nudge, observe } = alerts.parts;
  const done = await applyOnce(pool, webhook, now(), groups, (group) => commandOf(alerts, group, news));
  for (const { state, events, due } of done) {
    nudge(due ?? now());
    observe?.(state, events);
  }
  return 'taken';
}

/** The groups that an incident stands for, in one order for everybody, lest two wait for each other. */
async function groupsOf({ alerts, rest }: PagerDutyWebhookParts, news: News): Promise<readonly string[]> {
  const { pool } = alerts.parts;
  const known = news.key === undefined ? [] : await groupsWith(pool, [news.key]);
  if (known.length > 0 || rest === undefined || !(await hasPages(pool))) return known;
  // "Incidents with child alerts do not have an incident key" (https://developer.pagerduty.com/api-reference/, "List incidents").
  return groupsWith(pool, await rest.keysOf(news.incident));
}

async function groupsWith(pool: Pool, keys: readonly string[]): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>(
    `select id from streams
     where kind = 'alerts' and state -> 'page' ->> 'dedupKey' = any($1::text[])
     order by id limit 100`,
    [keys],
  );
  return rows.map(({ id }) => id);
}

/** Whether anything is paged at all: most incidents of an account may be none of ours. */
async function hasPages(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query(
    `select from streams
     where kind = 'alerts' and not ended and state -> 'page' ->> 'dedupKey' is not null limit 1`,
  );
  return rows.length > 0;
}

function commandOf(
  { parts: { config } }: Pick<Alerts, 'parts'>,
  group: AlertGroup,
  news: News,
): GroupCommand | undefined {
  const dedupKey = group.page?.dedupKey;
  // What was done in an earlier round is told late; the clocks need not agree to the second, but nobody answers that fast.
  if (dedupKey === undefined || (news.at !== undefined && news.at < group.openedAt)) return undefined;
  const { policies } = config.settings;
  const policy = group.escalation?.policy ?? group.routing.policy ?? '';
  const wait = Object.hasOwn(policies, policy) ? policies[policy]?.[0]?.wait : undefined;
  const { to, by, assignees } = news;
  return {
    type: 'PageChanged',
    dedupKey,
    to,
    by,
    ...(to === 'reassigned' ? { assignees } : {}),
    ...(wait === undefined ? {} : { escalateAfter: wait }),
  };
}

/**
 * Brings a command to each group in one transaction with the note that the webhook was seen; when it was seen before, nothing
 * happens. Gives what it changed.
 */
async function applyOnce(
  pool: Pool,
  webhook: string,
  now: number,
  groups: readonly string[],
  commandFor: (group: AlertGroup) => GroupCommand | undefined,
): Promise<readonly Done[]> {
  const client = await pool.connect();
  // The pool does not listen to a client that it has lent, and a lost connection that nobody hears of ends the process.
  const ignored = () => undefined;
  client.on('error', ignored);
  let broken = true;
  try {
    await client.query('begin');
    const { rowCount } = await client.query(
      `insert into webhooks_seen (sender, id, at)
       values ('pagerduty', $1::text, to_timestamp($2::float8 / 1000)) on conflict do nothing`,
      [webhook, now],
    );
    const all: Done[] = [];
    for (const id of rowCount === 0 ? [] : groups) {
      const done = await apply(client, id, now, commandFor);
      if (done !== undefined) all.push(done);
    }
    await client.query('commit');
    broken = false;
    return all;
  } finally {
    client.off('error', ignored);
    client.release(broken);
  }
}

async function apply(
  client: ClientBase,
  id: string,
  now: number,
  commandFor: (group: AlertGroup) => GroupCommand | undefined,
): Promise<Done | undefined> {
  for (;;) {
    const loaded = await load<AlertGroup>(client, id);
    const command = loaded && commandFor(loaded.state);
    if (command === undefined) return undefined;
    const made = change(groupRules, id, loaded, command, now);
    if (made.change === undefined || !made.handled.ok) return undefined;
    if ((await appendEach(client, [made.change])).has(id)) return made.handled;
  }
}
