import { z } from 'zod';
import type { Account, PagerDutyIncident, PagerDutyTurn } from './account.ts';
import { userReference } from './webhooks.ts';

/** A request to the REST API, its body parsed. */
export interface RestRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
  /** The From header, an e-mail address. */
  readonly from: string | undefined;
  readonly body: unknown;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Parts {
  readonly account: Account;
  readonly token: string;
  readonly schedules: ReadonlyMap<string, readonly PagerDutyTurn[]>;
}

const Update = z.object({
  id: z.string(),
  type: z.enum(['incident', 'incident_reference']),
  status: z.enum(['acknowledged', 'resolved']).optional(),
  escalation_level: z.int().min(1).optional(),
});

/** Answers the part of the REST API that Slipway uses (https://developer.pagerduty.com/api-reference/). */
export function answerRest({ account, token, schedules }: Parts, request: RestRequest): RestAnswer {
  const { method, url } = request;
  // https://developer.pagerduty.com/docs/rest-api-authentication
  if (request.authorization !== `Token token=${token}`)
    return fault(401, 2006, 'Invalid authentication token');
  // https://developer.pagerduty.com/docs/rest-api-versioning
  if (!(request.accept ?? '').includes('application/vnd.pagerduty+json;version=2')) {
    return fault(406, 2002, 'Not acceptable');
  }
  const [first = '', id, more] = url.pathname.split('/').slice(1);
  const route = `${method} /${first}${id === undefined ? '' : '/{id}'}${more === undefined ? '' : `/${more}`}`;
  switch (route) {
    case 'GET /oncalls':
      return onCalls(account, schedules, url.searchParams);
    case 'GET /schedules/{id}': {
      const schedule = schedules.get(id ?? '');
      if (schedule === undefined) return fault(404, 2100, 'Not Found');
      return { status: 200, body: { schedule: { id, type: 'schedule', name: id, time_zone: 'UTC' } } };
    }
    case 'GET /users': {
      const query = url.searchParams.get('query') ?? '';
      const found = account.users.filter(({ name, email }) => name.includes(query) || email.includes(query));
      return listed(
        'users',
        found.map((user) => ({ ...user, type: 'user' })),
        url.searchParams,
      );
    }
    case 'GET /incidents':
      return incidents(account, url.searchParams);
    case 'GET /incidents/{id}': {
      const incident = account.incidents().find((one) => one.id === id);
      return incident === undefined
        ? notFound
        : { status: 200, body: { incident: shown(account, incident) } };
    }
    case 'GET /incidents/{id}/alerts': {
      const incident = account.incidents().find((one) => one.id === id);
      if (incident === undefined) return notFound;
      const alert = {
        id: `${incident.id}A`,
        type: 'alert',
        status: incident.status,
        alert_key: incident.dedupKey,
      };
      return listed('alerts', [alert], url.searchParams);
    }
    case 'PUT /incidents': {
      const body = z.object({ incidents: z.array(Update).max(250) }).safeParse(request.body);
      return update(account, request.from, body.success ? body.data.incidents : undefined);
    }
    case 'PUT /incidents/{id}': {
      const body = z.object({ incident: Update.omit({ id: true }) }).safeParse(request.body);
      return update(
        account,
        request.from,
        body.success ? [{ id: id ?? '', ...body.data.incident }] : undefined,
      );
    }
    default:
      return notFound;
  }
}

const notFound = fault(404, 2100, 'Not Found');

/** https://developer.pagerduty.com/docs/errors, "Error Response" and "PagerDuty Error Codes". */
function fault(status: number, code: number, message: string, errors: readonly string[] = []): RestAnswer {
  return { status, body: { error: { message, code, errors } } };
}

/** https://developer.pagerduty.com/docs/pagination, "Classic Pagination": 25 unless asked, 100 at most. */
function listed(name: string, all: readonly unknown[], query: URLSearchParams): RestAnswer {
  const limit = Math.min(Number(query.get('limit') ?? 25), 100);
  const offset = Number(query.get('offset') ?? 0);
  const page = all.slice(offset, offset + limit);
  const more = offset + limit < all.length;
  return { status: 200, body: { [name]: page, limit, offset, more, total: null } };
}

/** https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls */
function onCalls(
  { users }: Account,
  schedules: ReadonlyMap<string, readonly PagerDutyTurn[]>,
  query: URLSearchParams,
): RestAnswer {
  const since = Date.parse(query.get('since') ?? new Date().toISOString());
  const until = Date.parse(query.get('until') ?? query.get('since') ?? new Date().toISOString());
  if (Number.isNaN(since) || Number.isNaN(until) || until < since) {
    return fault(400, 2004, "Invalid time values in 'since' and/or 'until' parameters");
  }
  const asked = query.getAll('schedule_ids[]');
  const isWhole = query.getAll('include[]').includes('users');
  const found = [...schedules]
    .filter(([id]) => asked.length === 0 || asked.includes(id))
    .flatMap(([id, turns]) =>
      turns
        .filter(({ start, end }) => start <= until && end > since)
        .map(({ email, start, end }) => ({
          escalation_policy: { id: 'PPOLICY', type: 'escalation_policy_reference', summary: 'Default' },
          escalation_level: 1,
          schedule: { id, type: 'schedule_reference', summary: id },
          // "include[]" makes a whole user of what is else a reference, which names no e-mail address.
          user: isWhole
            ? {
                ...users.find((user) => user.email === email),
                ...userReference(email, users),
                type: 'user',
                email,
              }
            : userReference(email, users),
          start: new Date(start).toISOString(),
          end: new Date(end).toISOString(),
        })),
    );
  return listed('oncalls', found, query);
}

/** https://developer.pagerduty.com/api-reference/, "List incidents": 30 days unless asked, by the key of an alert too. */
function incidents(account: Account, query: URLSearchParams): RestAnswer {
  const statuses = query.getAll('statuses[]');
  const key = query.get('incident_key');
  const since = Date.parse(query.get('since') ?? '') || Date.now() - 30 * 86_400_000;
  const isAll = query.get('date_range') === 'all';
  const found = account
    .incidents()
    .filter((one) => key === null || one.dedupKey === key)
    .filter((one) => statuses.length === 0 || statuses.includes(one.status))
    .filter((one) => isAll || Date.parse(one.createdAt) >= since)
    .map((one) => shown(account, one));
  return listed('incidents', found, query);
}

function shown({ users }: Account, incident: PagerDutyIncident) {
  return {
    id: incident.id,
    type: 'incident',
    summary: `[#${incident.number}] ${incident.title}`,
    incident_number: incident.number,
    title: incident.title,
    created_at: incident.createdAt,
    status: incident.status,
    incident_key: incident.dedupKey,
    service: { id: incident.service, type: 'service_reference', summary: incident.service },
    assignments: incident.assignees.map((email) => ({
      at: incident.createdAt,
      assignee: userReference(email, users),
    })),
    acknowledgements: incident.acknowledgers.map((email) => ({
      at: incident.createdAt,
      acknowledger: userReference(email, users),
    })),
  };
}

/** https://developer.pagerduty.com/api-reference/, "Manage incidents": whoever is named in From did it. */
function update(
  account: Account,
  from: string | undefined,
  updates: readonly z.infer<typeof Update>[] | undefined,
): RestAnswer {
  if (updates === undefined) return fault(400, 2001, 'Invalid Input Provided', ['Incidents are not valid']);
  if (from === undefined) return fault(400, 2011, 'You must specify a requester_id to perform this action');
  const user = account.users.find(({ email }) => email === from);
  if (user === undefined) return fault(400, 1008, 'Requester User Not Found');
  const found = updates.map(({ id }) => account.incidents().find((one) => one.id === id));
  if (found.includes(undefined)) return notFound;
  if (found.some((one) => one?.status === 'resolved')) return fault(400, 1001, 'Incident Already Resolved');
  for (const { id, status, escalation_level: level } of updates) {
    if (status === 'acknowledged') account.acknowledge(id, { email: user.email });
    if (status === 'resolved') account.resolve(id, { email: user.email });
    // What is put to a level of its policy is triggered again, and calls whoever is on call there
    // (https://community.pagerduty.com/forum/t/rest-api-status-is-not-changed-from-acknowledge-to-trigger/4086).
    if (level !== undefined) account.unacknowledge(id, { email: user.email });
  }
  const changed = account.incidents().filter(({ id }) => updates.some((one) => one.id === id));
  const all = changed.map((one) => shown(account, one));
  return { status: 200, body: { incidents: all, incident: all[0] } };
}
