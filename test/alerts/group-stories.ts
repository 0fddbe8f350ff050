import fc from 'fast-check';
import type { Alert } from '../../src/alerts/alert.ts';
import type { Responder, Ruling } from '../../src/alerts/commands.ts';
import type { GroupEvent } from '../../src/alerts/events.ts';
import type { AlertGroup, Instant } from '../../src/alerts/group.ts';
import { groupJobs } from '../../src/alerts/jobs.ts';
import type { Decision } from '../../src/deploy/decision.ts';
import type { Job } from '../../src/deploy/jobs.ts';
import type { Given, Played } from './play-group.ts';
import {
  carol,
  changeSilence,
  dan,
  decided,
  deliver,
  ended,
  escalate,
  escalateLast,
  eve,
  firing,
  hour,
  minute,
  minutes,
  noon,
  nothing,
  pageChanged,
  pageRefused,
  pageTold,
  quiet,
  ruling,
  silence,
  silenceEnded,
  silenceFailed,
  silenceMade,
  taken,
} from './play-group.ts';

/** One command, what was decided, and what was there before and after it. */
export interface Turn {
  readonly given: Given;
  readonly now: Instant;
  readonly decision: Decision<GroupEvent>;
  readonly before: Played;
  readonly after: Played;
}

type Move =
  | { readonly kind: 'deliver'; readonly given: Given }
  | {
      readonly kind: 'honest';
      readonly name: string | undefined;
      /** When it is not the usual one. */
      readonly ruling: Ruling | undefined;
      readonly isLook: boolean;
    }
  | { readonly kind: 'replay'; readonly which: number; readonly isPeer: boolean }
  | { readonly kind: 'click'; readonly what: number; readonly by: Responder; readonly back: number }
  | { readonly kind: 'job'; readonly which: number; readonly answer: number }
  | { readonly kind: 'stale'; readonly which: number; readonly answer: number }
  | { readonly kind: 'pager'; readonly what: number }
  /** The auditor looks, at a group as it was some rounds before if it is slow. */
  | { readonly kind: 'audit'; readonly back: number }
  | { readonly kind: 'incident'; readonly number: number; readonly back: number };

const rulings: readonly Ruling[] = [
  ruling({ flapping: { episodes: 2, within: 3 * hour } }),
  ruling({ endSilences: true, flapping: { episodes: 3, within: 2 * hour } }),
  ruling({ routing: { severity: 'critical', page: 'managers' }, flapping: { episodes: 2, within: hour } }),
  { ...quiet, routing: { ...quiet.routing, page: 'infra' } },
  quiet,
  { ...quiet, routing: { ...quiet.routing, quiet: 'night' } },
  // A policy that nothing starts.
  {
    ...quiet,
    routing: { ...ruling().routing, severity: 'critical' },
    flapping: { episodes: 2, within: hour },
  },
];

const alerts: fc.Arbitrary<Alert> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    since: fc.nat(6),
    lasts: fc.nat(3),
    isFiring: fc.boolean(),
    value: fc.constantFrom('1', '2'),
  })
  .map(({ name, since, lasts, isFiring, value }) =>
    isFiring ? firing(name, since, { value }) : ended(name, since, since + lasts, { value }),
  );

const told = fc
  .record({
    alerts: fc.array(alerts, { minLength: 1, maxLength: 5 }),
    truncated: fc.constantFrom(0, 0, 0, 2),
    via: fc.constantFrom('webhook' as const, 'webhook' as const, 'webhook' as const, 'poll' as const),
    ruling: fc.constantFrom(...rulings),
    summary: fc.constantFrom('x', 'x', 'y'),
  })
  .map(({ alerts, summary, ...more }) =>
    deliver(alerts, {
      ...more,
      commonAnnotations: { summary },
      delivery: JSON.stringify([alerts, summary, more.truncated]),
    }),
  );

const honest: fc.Arbitrary<Move> = fc.record({
  kind: fc.constant('honest' as const),
  name: fc.constantFrom(undefined, undefined, 'a', 'b'),
  ruling: fc.constantFrom(undefined, undefined, undefined, undefined, ...rulings),
  isLook: fc.constantFrom(false, false, false, true),
});

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 9, arbitrary: honest },
  { weight: 5, arbitrary: told.map((given) => ({ kind: 'deliver' as const, given })) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('replay' as const), which: fc.nat(30), isPeer: fc.boolean() }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('click' as const),
      what: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4, 4, 5, 6, 7),
      by: fc.constantFrom(carol, carol, carol, dan, dan, eve),
      back: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('job' as const), which: fc.nat(9), answer: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('stale' as const), which: fc.nat(50), answer: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pager' as const), what: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('audit' as const), back: fc.constantFrom(0, 0, 0, 1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('incident' as const),
      number: fc.nat(3),
      back: fc.constantFrom(0, 0, 1),
    }),
  },
);

/** What may happen to a group: deliveries in any order, clicks, timers, answers; time passes between them. */
export const stories = fc.record({
  /** What the configuration says, unless it changes. */
  usual: fc.constantFrom(...rulings),
  steps: fc.array(
    fc.record({
      move,
      pause: fc.constantFrom(1, minute, minute, 2 * minute, 6 * minute, 15 * minute, hour),
    }),
    { minLength: 5, maxLength: 25, size: 'max' },
  ),
});

export type Story = typeof stories extends fc.Arbitrary<infer One> ? One : never;

/** Plays a story from the first word of the group on. */
export function play({ usual, steps }: Story): readonly Turn[] {
  const turns: Turn[] = [];
  const jobs: Job[] = [];
  let now = noon;
  let before = nothing;
  for (const { move, pause } of steps) {
    now += pause;
    const [said, at] = givenBy(move, before, turns, jobs, now);
    const given =
      said?.type === 'Deliver' && move.kind === 'honest' ? { ...said, ruling: move.ruling ?? usual } : said;
    if (given === undefined) continue;
    now = at;
    const after = taken(before, given, now);
    turns.push({ given, now, decision: decided(before, given, now), before, after });
    if (after.group !== undefined) jobs.push(...groupJobs(after.group));
    before = after;
  }
  return turns;
}

function givenBy(
  move: Move,
  before: Played,
  turns: readonly Turn[],
  jobs: readonly Job[],
  now: Instant,
): readonly [Given | undefined, Instant] {
  const { group } = before;
  switch (move.kind) {
    case 'deliver':
      return [move.given, now];
    case 'honest':
      return [honestly(before, move, now), now];
    case 'replay': {
      const webhooks = webhooksOf(turns);
      const given = webhooks[move.which % Math.max(1, webhooks.length)];
      if (given === undefined || !move.isPeer) return [given, now];
      return [{ ...given, externalUrl: 'http://peer:9093' }, now];
    }
    case 'click':
      return [group === undefined ? undefined : clickOf(group, move, now), now];
    case 'job': {
      const due = group === undefined ? [] : groupJobs(group);
      return takenUp(due[move.which % Math.max(1, due.length)], move.answer, now);
    }
    case 'stale': {
      const [given] = takenUp(jobs[move.which % Math.max(1, jobs.length)], move.answer, now);
      return [given, now];
    }
    case 'pager': {
      const to =
        (['acknowledged', 'unacknowledged', 'resolved', 'reassigned'] as const)[move.what] ?? 'resolved';
      const given = pageChanged(to, { assignees: [`Ann ${now}`], escalateAfter: 5 * minute });
      return [group === undefined ? undefined : given, now];
    }
    case 'audit':
      return [group && { type: 'StartEscalation', round: group.round - move.back }, now];
    case 'incident': {
      const { number, back } = move;
      const about = { incident: `incident-${number}`, number, channel: `C0${number}` };
      return [group && { type: 'LinkIncident', ...about, round: group.round - back }, now];
    }
  }
}

/** What Alertmanager tells when an alert begins to fire now, or when all that fired have ended. */
function honestly(
  { rows }: Played,
  { name, isLook }: Extract<Move, { kind: 'honest' }>,
  now: Instant,
): Given {
  const open = rows.filter(({ status }) => status === 'firing').map(({ round: _, ...alert }) => alert);
  const since = (now - noon) / minute;
  const all: readonly Alert[] =
    name === undefined
      ? open.map((alert) => ({ ...alert, status: 'resolved', endsAt: minutes(since) }))
      : [...open.filter(({ fingerprint }) => fingerprint !== name), firing(name, since)];
  return deliver(all, { via: isLook ? 'poll' : 'webhook' });
}

/** The webhooks of a story so far, as they came. */
export function webhooksOf(turns: readonly Turn[]) {
  return turns.flatMap(({ given }) => (given.type === 'Deliver' && given.via === 'webhook' ? [given] : []));
}

function clickOf(
  { round: newest, silences }: AlertGroup,
  { what, by, back }: Extract<Move, { kind: 'click' }>,
  now: Instant,
): Given {
  const round = newest - back;
  const clicks: readonly Given[] = [
    { type: 'Acknowledge', by, round },
    { type: 'Unacknowledge', by, round, escalateAfter: 5 * minute },
    { type: 'Resolve', by, round },
    { type: 'EscalateNow', by, round },
    silence({ by, round, until: now + hour, scope: back === 0 ? 'group' : 'a' }),
    changeSilence(silences.at(-1)?.number ?? 1, now + 2 * hour, by),
    changeSilence(silences[0]?.number ?? 1, now, by),
    { type: 'Unacknowledge', by, round },
  ];
  return clicks[what] ?? { type: 'Acknowledge', by, round };
}

/** The command that a job becomes when its worker or timer takes it up, and when. */
export function takenUp(
  job: Job | undefined,
  answer: number,
  now: Instant,
): readonly [Given | undefined, Instant] {
  if (job === undefined) return [undefined, now];
  const { name, data, at = now } = job;
  const [round, turn, number, step] = [data.round, data.turn, data.number, data.step].map(Number);
  if (name === 'escalate') return [stepOf(Number(step), Number(round), answer), Math.max(now, at)];
  if (name === 'page') {
    return [
      answer === 0 ? pageRefused(Number(turn), Number(round)) : pageTold(Number(turn), Number(round)),
      now,
    ];
  }
  const answers = [
    silenceFailed(Number(number), Number(turn)),
    silenceEnded(Number(number)),
    silenceMade(Number(number), Number(turn), `id-${turn}`, now + hour),
  ];
  return [answers[answer === 0 ? 0 : answer < 5 ? 1 : 2], now];
}

function stepOf(step: number, round: number, answer: number): Given {
  if (answer < 2) return { ...escalateLast(step), round };
  return answer < 5
    ? escalate(step, { round, took: { wait: 0, tell: { page: 'managers' } } })
    : escalate(step, { round });
}

/** Which alerts fire after some deliveries, by nothing but what each one says and what was last said of it. */
export function firingAfter(turns: readonly Turn[]): ReadonlySet<string> {
  const last = new Map<string, { since: string; until: string | undefined }>();
  const seen: string[] = [];
  for (const { given, before } of turns) {
    if (given.type !== 'Deliver') continue;
    if (given.via === 'webhook' && before.group?.deliveries.includes(given.delivery)) continue;
    seen.push(given.delivery);
    for (const fingerprint of new Set(given.alerts.map((alert) => alert.fingerprint))) {
      const [alert] = given.alerts
        .filter((one) => one.fingerprint === fingerprint)
        .toSorted((one, other) => (other.startsAt + other.status).localeCompare(one.startsAt + one.status));
      if (alert === undefined) continue;
      const { startsAt: since, endsAt = minutes(0) } = alert;
      const known = last.get(fingerprint);
      if (alert.status === 'firing') {
        const isLater = known === undefined || since > known.since;
        const isFree = known?.until === undefined || since > known.until || given.via === 'poll';
        if (isLater && isFree) last.set(fingerprint, { since, until: undefined });
        else if (given.via === 'poll')
          last.set(fingerprint, { since: known?.since ?? since, until: undefined });
      } else if (known === undefined || since > known.since) {
        last.set(fingerprint, { since, until: endsAt });
      } else if (known.until === undefined && (since === known.since || endsAt > known.since)) {
        last.set(fingerprint, { since: known.since, until: endsAt });
      }
    }
  }
  return new Set(
    [...last].filter(([, { until }]) => until === undefined).map(([fingerprint]) => fingerprint),
  );
}
