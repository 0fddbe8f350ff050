import { randomUUID } from 'node:crypto';

/** A person in the account. */
export interface PagerDutyUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** One turn of a schedule; `start` and `end` in milliseconds since 1970. */
export interface PagerDutyTurn {
  readonly email: string;
  readonly start: number;
  readonly end: number;
}

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved';

/** An incident with the one alert that it stands for, as a service without alert grouping makes them. */
export interface PagerDutyIncident {
  readonly id: string;
  readonly number: number;
  /** The name of the service, which has one routing key. */
  readonly service: string;
  readonly dedupKey: string;
  readonly title: string;
  readonly status: IncidentStatus;
  readonly createdAt: string;
  /** E-mail addresses. */
  readonly assignees: readonly string[];
  readonly acknowledgers: readonly string[];
  /** How many trigger events it has taken. */
  readonly triggers: number;
  /** The newest trigger event, as it was sent. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** Who or what did something: a person of the account by e-mail address, or the integration that took an event. */
export type Agent = { readonly email: string } | { readonly service: string } | null;

/** Hears of each change of an incident: what v3 webhooks tell. */
export type Heard = (type: string, incident: PagerDutyIncident, agent: Agent) => void;

/** The state of an account; every change is told to `heard` in its order. */
export interface Account {
  readonly users: readonly PagerDutyUser[];
  readonly incidents: () => readonly PagerDutyIncident[];
  /** Takes an event for a service; acknowledging or resolving what is not open is dropped without a word. */
  readonly take: (
    service: string,
    action: 'trigger' | 'acknowledge' | 'resolve',
    dedupKey: string,
    event: Readonly<Record<string, unknown>>,
  ) => void;
  readonly acknowledge: (id: string, agent: Agent) => void;
  readonly unacknowledge: (id: string, agent: Agent) => void;
  readonly resolve: (id: string, agent: Agent) => void;
  readonly reopen: (id: string, agent: Agent) => void;
  readonly assign: (
    id: string,
    emails: readonly string[],
    agent: Agent,
    how: 'reassigned' | 'escalated' | 'delegated',
  ) => void;
}

export function createAccount(people: readonly Omit<PagerDutyUser, 'id'>[], heard: Heard): Account {
  const users = people.map((person): PagerDutyUser => ({ id: newId('PU'), ...person }));
  const incidents: PagerDutyIncident[] = [];

  const find = (id: string): PagerDutyIncident => {
    const incident = incidents.find((one) => one.id === id);
    if (incident === undefined) throw new RangeError(`no incident ${id}`);
    return incident;
  };
  const set = (id: string, change: Partial<PagerDutyIncident>, type: string | undefined, agent: Agent) => {
    const changed = { ...find(id), ...change };
    incidents[incidents.findIndex((one) => one.id === id)] = changed;
    if (type !== undefined) heard(`incident.${type}`, changed, agent);
  };
  const acknowledge = (id: string, agent: Agent): void => {
    const { acknowledgers } = find(id);
    const more = agent !== null && 'email' in agent ? [agent.email] : [];
    const all = [...new Set([...acknowledgers, ...more])];
    set(id, { status: 'acknowledged', acknowledgers: all }, 'acknowledged', agent);
  };
  const resolve = (id: string, agent: Agent): void => {
    // "resolved incidents are not assigned to any user" (GET /incidents, user_ids).
    set(id, { status: 'resolved', assignees: [] }, 'resolved', agent);
  };

  return {
    users,
    incidents: () => incidents,
    // https://developer.pagerduty.com/docs/send-alert-event, "Alert De-Duplication" and "Event Action Behavior".
    take: (service, action, dedupKey, event) => {
      const open = incidents.find(
        (one) => one.service === service && one.dedupKey === dedupKey && one.status !== 'resolved',
      );
      const agent = { service };
      if (action === 'acknowledge') return open && acknowledge(open.id, agent);
      if (action === 'resolve') return open && resolve(open.id, agent);
      if (open !== undefined) return set(open.id, { triggers: open.triggers + 1, event }, undefined, agent);
      const made: PagerDutyIncident = {
        id: newId('Q'),
        number: incidents.length + 1,
        service,
        dedupKey,
        title: titleOf(event),
        status: 'triggered',
        createdAt: new Date().toISOString(),
        assignees: users.slice(0, 1).map(({ email }) => email),
        acknowledgers: [],
        triggers: 1,
        event,
      };
      incidents.push(made);
      heard('incident.triggered', made, agent);
    },
    acknowledge,
    resolve,
    unacknowledge: (id, agent) =>
      set(id, { status: 'triggered', acknowledgers: [] }, 'unacknowledged', agent),
    reopen: (id, agent) => set(id, { status: 'triggered', acknowledgers: [] }, 'reopened', agent),
    assign: (id, assignees, agent, how) => set(id, { assignees }, how, agent),
  };
}

function titleOf({ payload }: Readonly<Record<string, unknown>>): string {
  const summary = typeof payload === 'object' && payload !== null && 'summary' in payload && payload.summary;
  return typeof summary === 'string' ? summary : '';
}

/** Ids of PagerDuty are capital letters and digits. */
export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()}`;
}
