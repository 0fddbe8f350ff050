import { api } from '@pagerduty/pdjs';
import { z } from 'zod';
import { oneLine } from '../alerts/one-line.ts';
import type { PagerDutySettings } from '../alerts/surroundings.ts';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import type { PagerDutyOnCall } from './on-call.ts';

/** An incident as far as it matters here. */
export interface PagerDutyIncident {
  readonly id: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Names of those it is assigned to, and of those who acknowledged it; from outside. */
  readonly assignees: readonly string[];
  readonly acknowledgers: readonly string[];
}

/** PagerDuty's REST API; every call throws `pagerduty-unreachable` or `pagerduty-refused`. */
export interface PagerDutyRest {
  /** The incidents that hold an alert with this dedup key, of any service, at most 100. */
  readonly incidentsOf: (dedupKey: string) => Promise<readonly PagerDutyIncident[]>;
  /** The dedup keys of an incident's alerts, at most 100. */
  readonly keysOf: (incident: string) => Promise<readonly string[]>;
  /** Acknowledges an incident in the name of the account with this e-mail address. */
  readonly acknowledge: (incident: string, email: string) => Promise<void>;
  /** Takes an acknowledgement back, so that whoever is on call is called again; in the name of the account with this e-mail address, if one is known. */
  readonly callAgain: (incident: string, email: string | undefined) => Promise<void>;
  /** The turns of a schedule by its id. */
  readonly turns: PagerDutyOnCall;
}

/** Milliseconds for a call with all its tries, and between two of them. */
export interface RestOptions {
  readonly limit?: number;
  readonly pause?: number;
}

const Reference = z.object({ summary: z.string().nullish() });

/** https://developer.pagerduty.com/api-reference/, "List incidents". */
const Incidents = z.object({
  incidents: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['triggered', 'acknowledged', 'resolved']),
      created_at: z.iso.datetime({ offset: true }),
      assignments: z.array(z.object({ assignee: Reference })).catch([]),
      acknowledgements: z.array(z.object({ acknowledger: Reference })).catch([]),
    }),
  ),
});

/** https://developer.pagerduty.com/api-reference/, "List alerts for an incident". */
const Alerts = z.object({ alerts: z.array(z.object({ alert_key: z.string().nullish() })) });

/** https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls; without an end somebody is on call for good. */
const OnCalls = z.object({
  oncalls: z.array(
    z.object({
      user: z.object({ summary: z.string().nullish(), email: z.string().nullish() }),
      start: z.iso.datetime({ offset: true }).nullish(),
      end: z.iso.datetime({ offset: true }).nullish(),
    }),
  ),
});

/** https://developer.pagerduty.com/docs/errors, "Error Response". */
const Refusal = z.object({
  error: z.object({ message: z.string().catch(''), errors: z.array(z.string()).catch([]) }),
});

const name = ({ summary }: z.infer<typeof Reference>) => oneLine(summary ?? '', 80) || 'somebody';

/** A client of the REST API, or undefined when there is no token. */
export function openPagerDutyRest(
  settings: PagerDutySettings,
  { limit = 8_000, pause = 2_000 }: RestOptions = {},
): PagerDutyRest | undefined {
  const token = settings.token?.reveal();
  if (token === undefined) return undefined;
  const call = async <T>(request: RestCall, shape: z.ZodType<T>): Promise<T> => {
    const { method, path, query = {}, from, data } = request;
    const answer = await within(limit, (signal) =>
      api({
        method,
        url: `${settings.apiUrl}${path}`,
        token,
        queryParameters: query,
        ...(data === undefined ? {} : { data }),
        ...(from === undefined ? {} : { headers: { From: from } }),
        signal,
        // It is answered 429 up to four times before it gives up; its own time limit only keeps the process from ending.
        retryTimeout: pause,
        requestTimeout: 0,
      }),
    );
    if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
      throw new Failure('pagerduty-unreachable', `PagerDuty answered ${answer.status} to ${method} ${path}.`);
    }
    if (answer.status < 200 || answer.status > 299) {
      const told = `PagerDuty answered ${answer.status} to ${method} ${path}: ${reasonsIn(answer.data)}`;
      throw new Failure('pagerduty-refused', told);
    }
    const { success, data: known } = shape.safeParse(answer.data);
    if (success) return known;
    throw new Failure('pagerduty-refused', `PagerDuty answered ${method} ${path} with something unknown.`);
  };

  return {
    incidentsOf: async (dedupKey) => {
      const query = { incident_key: dedupKey, date_range: 'all', limit: '100', sort_by: 'created_at:desc' };
      const { incidents } = await call({ method: 'get', path: '/incidents', query }, Incidents);
      return incidents.map((one) => ({
        id: one.id,
        status: one.status,
        createdAt: Date.parse(one.created_at),
        assignees: one.assignments.slice(0, 20).map(({ assignee }) => name(assignee)),
        acknowledgers: one.acknowledgements.slice(0, 20).map(({ acknowledger }) => name(acknowledger)),
      }));
    },
    keysOf: async (incident) => {
      const path = `/incidents/${encodeURIComponent(incident)}/alerts`;
      const { alerts } = await call({ method: 'get', path, query: { limit: '100' } }, Alerts);
      return alerts.flatMap(({ alert_key: key }) => (typeof key === 'string' ? [key] : []));
    },
    acknowledge: async (incident, email) => {
      // https://developer.pagerduty.com/api-reference/, "Update an incident": whoever From names is who did it.
      const path = `/incidents/${encodeURIComponent(incident)}`;
      const data = { incident: { type: 'incident_reference', status: 'acknowledged' } };
      await call({ method: 'put', path, from: email, data }, z.unknown());
    },
    callAgain: async (incident, email) => {
      // A status `triggered` cannot be set; an incident that is put back to the first level of its policy is triggered again
      // (https://community.pagerduty.com/forum/t/rest-api-status-is-not-changed-from-acknowledge-to-trigger/4086).
      const path = `/incidents/${encodeURIComponent(incident)}`;
      const data = { incident: { type: 'incident_reference', escalation_level: 1 } };
      await call({ method: 'put', path, ...(email !== undefined && { from: email }), data }, z.unknown());
    },
    turns: async (schedule, from, to) => {
      const query = {
        'schedule_ids[]': schedule,
        'include[]': 'users',
        since: new Date(from).toISOString(),
        until: new Date(to).toISOString(),
        limit: '100',
      };
      const { oncalls } = await call({ method: 'get', path: '/oncalls', query }, OnCalls);
      return oncalls.map(({ user, start, end }) => ({
        name: name(user),
        ...(typeof user.email === 'string' ? { email: user.email } : {}),
        from: start ? Date.parse(start) : from,
        to: end ? Date.parse(end) : to,
      }));
    },
  };
}

interface RestCall {
  readonly method: 'get' | 'put';
  readonly path: string;
  readonly query?: Record<string, string>;
  /** E-mail address. */
  readonly from?: string;
  readonly data?: object;
}

interface Answer {
  readonly status: number;
  readonly data: unknown;
}

/** Gives up at the limit even while the client pauses between two tries, where it does not heed the signal. */
async function within(limit: number, send: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const signal = AbortSignal.timeout(limit);
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    const { status, data } = await Promise.race([send(signal), over]);
    return { status, data };
  } catch (error) {
    // An answer whose body is no JSON comes as an error.
    if (
      typeof error === 'object' &&
      error !== null &&
      'status' in error &&
      typeof error.status === 'number'
    ) {
      return { status: error.status, data: undefined };
    }
    const because = signal.aborted ? `no answer within ${limit / 1_000} s` : reasonOf(error);
    throw new Failure('pagerduty-unreachable', `PagerDuty's REST API does not answer (${because}).`, {
      cause: error,
    });
  }
}

function reasonsIn(body: unknown): string {
  const { success, data } = Refusal.safeParse(body);
  if (!success) return 'no reason given';
  return oneLine([data.error.message, ...data.error.errors].join('; '), 300);
}
