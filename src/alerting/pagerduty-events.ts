import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AlertSeverity } from '../alerts/alert.ts';
import { oneLine } from '../alerts/one-line.ts';
import type { PagerDutySettings } from '../alerts/surroundings.ts';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';

/** What PagerDuty is told of one alert; `key` is the name of a routing key of the configuration. */
export interface PageEvent {
  readonly action: 'trigger' | 'acknowledge' | 'resolve';
  readonly key: string;
  readonly dedupKey: string;
  readonly summary: string;
  readonly source: string;
  readonly severity: AlertSeverity;
  /** Anything that JSON can say; cut short when it is too much. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly links?: readonly PageLink[];
}

/** A link that is shown beside the incident; only http and https addresses are sent. */
export interface PageLink {
  readonly href: string;
  readonly text: string;
}

/** Tells PagerDuty; resolves when it has accepted the event, which is not yet that somebody was called. */
export interface Pager {
  /** Throws `pagerduty-refused` with PagerDuty's reasons, or `pagerduty-unreachable`, after which the same may be sent again. */
  readonly send: (event: PageEvent) => Promise<void>;
}

/** Milliseconds: how long PagerDuty may take, and how long a key rests when it is throttled and PagerDuty does not say until when. */
export interface PagerOptions {
  readonly now?: () => number;
  readonly limit?: number;
  readonly rest?: number;
}

/** The longest rest that is believed, in milliseconds. */
const longestRest = 300_000;

/**
 * A client of Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview). Not that of PagerDuty's own
 * package, which speaks only to https hosts and answers a 429 by sending the same three times more at fixed pauses. Without
 * settings it refuses everything.
 */
export function openPager(settings: PagerDutySettings | undefined, options: PagerOptions = {}): Pager {
  if (settings === undefined) return { send: () => Promise.reject(notConfigured()) };
  const { now = Date.now, limit = 6_000, rest = 10_000 } = options;
  const url = `${settings.eventsUrl}/v2/enqueue`;
  const resting = new Map<string, number>();
  let isAway = false;
  let isTrying = false;

  /** While it does not answer, one call at a time tries: the others would only keep work waiting that has nothing to do with it. */
  const tried = async (body: string): Promise<Answer> => {
    if (isAway && isTrying) throw new Failure('pagerduty-unreachable', 'PagerDuty does not answer yet.');
    const isProbe = isAway;
    isTrying ||= isProbe;
    try {
      const answer = await post(url, body, limit);
      isAway = false;
      return answer;
    } catch (error) {
      isAway = true;
      throw error;
    } finally {
      if (isProbe) isTrying = false;
    }
  };

  return {
    send: async (event) => {
      const { key } = event;
      const secret = Object.hasOwn(settings.keys, key) ? settings.keys[key] : undefined;
      if (secret === undefined) throw new Failure('pagerduty-refused', unknownKey(key));
      const until = resting.get(key) ?? 0;
      if (now() < until) {
        const seconds = Math.ceil((until - now()) / 1_000);
        throw new Failure('pagerduty-unreachable', `PagerDuty takes no more for ${key} for ${seconds} s.`);
      }
      const answer = await tried(eventBody(event, secret.reveal()));
      if (answer.status === 429) resting.set(key, now() + restAfter(answer.retryAfter, now(), rest));
      if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
        throw new Failure('pagerduty-unreachable', `PagerDuty answered ${answer.status}: ${answer.says}`);
      }
      // A proxy that asks for a login, or one that leads elsewhere, has not taken the event either.
      if (answer.status !== 202) {
        throw new Failure(
          'pagerduty-refused',
          `PagerDuty refused the event with ${answer.status}: ${answer.says}`,
        );
      }
    },
  };
}

function notConfigured(): Failure {
  return new Failure(
    'pagerduty-refused',
    'PagerDuty is not configured. Add alerts.pagerduty to slipway.yaml.',
  );
}

function unknownKey(key: string): string {
  return `There is no routing key ${oneLine(key, 60)}. Add it to alerts.pagerduty.keys in slipway.yaml.`;
}

interface Answer {
  readonly status: number;
  readonly says: string;
  readonly retryAfter: string | null;
}

async function post(url: string, body: string, limit: number): Promise<Answer> {
  const signal = AbortSignal.timeout(limit);
  try {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const text = (await response.text()).slice(0, 10_000);
    return {
      status: response.status,
      says: reasonsIn(text),
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (error) {
    const because = signal.aborted ? `no answer within ${limit / 1_000} s` : reasonOf(error);
    throw new Failure('pagerduty-unreachable', `PagerDuty at ${url} does not answer (${because}).`, {
      cause: error,
    });
  }
}

/** What a refusal says (https://developer.pagerduty.com/api-reference/368ae3d938c9e-send-an-event-to-pager-duty). */
const Refused = z.object({
  message: z.string().catch(''),
  errors: z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]),
});

function reasonsIn(text: string): string {
  const { success, data } = Refused.safeParse(parsed(text));
  const said = success ? [data.message, ...data.errors].filter((one) => one !== '').join('; ') : text;
  return oneLine(said, 300) || 'no reason given';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A Retry-After is seconds or a date (RFC 9110, section 10.2.3). */
function restAfter(header: string | null, now: number, usual: number): number {
  const seconds = Number(header ?? Number.NaN);
  const told = Number.isNaN(seconds) ? Date.parse(header ?? '') - now : seconds * 1_000;
  return Number.isNaN(told) ? usual : Math.min(Math.max(told, 0), longestRest);
}

/** "Events API payloads are limited to 512 KB"; Alertmanager keeps to 512,000 bytes, which is less whichever KB is meant. */
const mostBytes = 512_000;
const longestSummary = 1_024;
const longestDedupKey = 255;

/** How much of the details is kept at each try: how long a text, how many entries. */
const cuts = [
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  [2_000, 200],
  [500, 50],
  [200, 20],
] as const;

function eventBody(event: PageEvent, routingKey: string): string {
  const { action, dedupKey, severity, details, links = [] } = event;
  const about = {
    routing_key: routingKey,
    event_action: action,
    dedup_key: dedupKey.length <= longestDedupKey ? dedupKey : hashOf(dedupKey),
  };
  if (action !== 'trigger') return JSON.stringify(about);
  const payload = {
    summary: oneLine(event.summary, longestSummary) || 'Alert',
    source: oneLine(event.source, longestSummary) || 'slipway',
    severity,
  };
  const shown = links.filter(({ href }) => isWeb(href)).slice(0, 20);
  const context = {
    client: 'Slipway',
    links: shown.map(({ href, text }) => ({ href, text: oneLine(text, 200) })),
  };
  for (const [length, entries] of details === undefined ? [] : cuts) {
    const cut = shortened(details, length, entries, 6);
    const body = JSON.stringify({ ...about, payload: { ...payload, custom_details: cut }, ...context });
    if (Buffer.byteLength(body) <= mostBytes) return body;
  }
  return JSON.stringify({ ...about, payload, ...context });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isWeb(href: string): boolean {
  return href.length <= 2_000 && /^https?:\/\/[^\s<>"]+$/.test(href) && URL.canParse(href);
}

function shortened(value: unknown, length: number, entries: number, depth: number): unknown {
  if (typeof value === 'string') {
    return value.length <= length ? value.toWellFormed() : oneLine(value, length);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  const within = (one: unknown) => shortened(one, length, entries, depth - 1);
  if (Array.isArray(value)) return value.slice(0, entries).map(within);
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, entries)
      .map(([name, one]) => [name.slice(0, 200).toWellFormed(), within(one)]),
  );
}
