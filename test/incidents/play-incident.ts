import type { Decision } from '../../src/deploy/decision.ts';
import type { IncidentCommand, IncidentPerson, IncidentRuling } from '../../src/incidents/commands.ts';
import { decideIncident } from '../../src/incidents/decide.ts';
import type { IncidentEvent } from '../../src/incidents/events.ts';
import { evolveIncident } from '../../src/incidents/evolve.ts';
import type { Incident, IncidentSeverity } from '../../src/incidents/incident.ts';

/** 12:00 UTC on a Sunday. */
export const noon = Date.UTC(2026, 10, 22, 12);

export const minute = 60_000;
export const hour = 60 * minute;

/** Carol and Bob respond, Bob and Dan publish, Alice only declares, Eve may nothing. */
export const carol: IncidentPerson = { id: 'U0CAROL', may: ['declare', 'respond'] };
export const bob: IncidentPerson = { id: 'U0BOB', may: ['declare', 'respond', 'publish'] };
export const dan: IncidentPerson = { id: 'U0DAN', may: ['publish'] };
export const alice: IncidentPerson = { id: 'U0ALICE', may: ['declare'] };
export const eve: IncidentPerson = { id: 'U0EVE', may: [] };

export const ruling: IncidentRuling = {
  updateEvery: { critical: 30 * minute, high: hour, medium: 4 * hour },
  reviewWithin: { critical: 24 * hour, high: 24 * hour, medium: 120 * hour, low: 240 * hour },
  remindEvery: 12 * hour,
};

type Declare = Extract<IncidentCommand, { type: 'Declare' }>;

/** Alice declares what an alert and a run are about, with Carol as commander. */
export const declaring: Declare = {
  type: 'Declare',
  id: 'incident-0123456789abcdef',
  number: 12,
  title: 'Payments fail',
  severity: 'high',
  commander: 'U0CAROL',
  roomName: 'inc-12-payments-fail',
  invite: ['U0ONCALL', 'U0CAROL'],
  from: { channel: 'C0ALERTS', thread: '1.2' },
  groups: [{ group: 'group-0123456789abcdef', round: 1 }],
  runs: ['deployment-1'],
  by: alice,
  ruling,
};

/** A command with the minutes after noon at which it comes; a minute after the one before it when there are none. */
export type Played = IncidentCommand | readonly [IncidentCommand, number];

/** What a command does to an incident a number of minutes after noon. */
export function decided(
  before: Incident | undefined,
  command: IncidentCommand,
  minutes = 0,
): Decision<IncidentEvent> {
  return decideIncident(before, command, noon + minutes * minute);
}

/** The incident after it was declared at noon and these commands came; throws when one is refused. */
export function incidentAfter(...commands: readonly Played[]): Incident {
  let state = applied(undefined, decided(undefined, declaring));
  let minutes = 0;
  for (const played of commands) {
    const [command, when] = 'type' in played ? [played, minutes + 1] : played;
    minutes = when;
    const decision = decided(state, command, minutes);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code} ${decision.refusal.detail}`);
    state = applied(state, decision);
  }
  if (state === undefined) throw new Error('it was not declared');
  return state;
}

/** The state after a decision. */
export function applied(
  before: Incident | undefined,
  decision: Decision<IncidentEvent>,
): Incident | undefined {
  return decision.ok ? decision.events.reduce<Incident | undefined>(evolveIncident, before) : before;
}

/** A decision as a table can show it: `refused: code`, or the types of its events. */
export function told(decision: Decision<IncidentEvent>): string | readonly string[] {
  return decision.ok ? decision.events.map(({ type }) => type) : `refused: ${decision.refusal.code}`;
}

/** What a refusal says; empty when there is none. */
export function detailOf(decision: Decision<IncidentEvent>): string {
  return decision.ok ? '' : decision.refusal.detail;
}

export const update = (
  text: string,
  status?: Extract<IncidentCommand, { type: 'Update' }>['status'],
  by = carol,
): IncidentCommand => ({ type: 'Update', text, by, ruling, ...(status !== undefined && { status }) });
export const severity = (to: IncidentSeverity, by = carol): IncidentCommand => ({
  type: 'ChangeSeverity',
  severity: to,
  by,
  ruling,
});
export const resolve = (text = 'Rolled back.', by = carol): IncidentCommand => ({
  type: 'Resolve',
  text,
  by,
  ruling,
});
export const reopen = (text = 'It is back.', by = carol): IncidentCommand => ({
  type: 'Reopen',
  text,
  by,
  ruling,
});
export const propose = (text = 'Payments fail.', by = carol): IncidentCommand => ({
  type: 'ProposeNotice',
  text,
  by,
});
export const approve = (number = 1, by = bob): IncidentCommand => ({ type: 'ApproveNotice', number, by });
export const decline = (number = 1, by = bob): IncidentCommand => ({ type: 'DeclineNotice', number, by });
export const noticeSent = (number = 1, turn = 1, page = 'p-1'): IncidentCommand => ({
  type: 'NoticeSent',
  number,
  turn,
  page,
});
export const noticeFailed = (number = 1, turn = 1): IncidentCommand => ({
  type: 'NoticeFailed',
  number,
  turn,
  because: 'no',
});
export const roomMade = (turn = 1, channel = 'C0INC12'): IncidentCommand => ({
  type: 'RoomMade',
  turn,
  channel,
  name: 'inc-12-payments-fail',
});
export const roomSettled = (
  turn = 1,
  invited: readonly string[] = [],
  because?: string,
): IncidentCommand => ({
  type: 'RoomSettled',
  turn,
  invited,
  ...(because !== undefined && { because }),
});
export const roomFailed = (turn = 1): IncidentCommand => ({
  type: 'RoomFailed',
  turn,
  because: 'name_taken',
});
export const invite = (people: readonly string[], by = carol): IncidentCommand => ({
  type: 'Invite',
  people,
  by,
});
export const addAction = (
  more: Partial<Extract<IncidentCommand, { type: 'AddAction' }>> = {},
): IncidentCommand => ({
  type: 'AddAction',
  title: 'Alert before the pool is full',
  owner: 'U0DAN',
  due: '2026-11-29',
  by: carol,
  ...more,
});
export const completeAction = (number = 1, by = carol): IncidentCommand => ({
  type: 'CompleteAction',
  number,
  by,
});
export const completeReview = (by = carol, where?: string): IncidentCommand => ({
  type: 'CompleteReview',
  by,
  ...(where !== undefined && { where }),
});
export const remindUpdate = (dueAt: number): IncidentCommand => ({ type: 'RemindUpdate', dueAt, ruling });
export const remindReview = (remindAt: number): IncidentCommand => ({
  type: 'RemindReview',
  remindAt,
  ruling,
});
export const pin = (ts: string, text = 'The pool is full.'): IncidentCommand => ({
  type: 'Pin',
  ts,
  author: 'U0BOB',
  text,
  by: 'U0EVE',
});
