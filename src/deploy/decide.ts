import { advance } from './advance.ts';
import type { Command } from './commands.ts';
import { decideGate } from './decide-gate.ts';
import { decideHelp } from './decide-help.ts';
import { decideHold } from './decide-hold.ts';
import { decideLink } from './decide-link.ts';
import { decideRequest } from './decide-request.ts';
import { decideStop } from './decide-stop.ts';
import { decideWork } from './decide-work.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment, Instant } from './deployment.ts';
import type { Event, Untimed } from './events.ts';
import { evolve } from './evolve.ts';

/** What a command does to a run: the events with all that follows from them, or a refusal; the same for the same input. */
export function decide(run: Deployment | undefined, command: Command, now: Instant): Decision<Event> {
  const decision = answer(run, command, now);
  return decision.ok ? accept(...withConsequences(run, decision.events, now)) : decision;
}

function answer(run: Deployment | undefined, command: Command, now: Instant): Decision<Untimed> {
  if (command.type === 'Request' || command.type === 'RequestRollback') return decideRequest(run, command);
  if (run === undefined) return refuse('run-not-found');
  switch (command.type) {
    case 'Prepare':
    case 'Revise':
      return decideRequest(run, command);
    case 'Approve':
    case 'Reject':
    case 'Expire':
    case 'Reopen':
      return decideGate(run, command, now);
    case 'Answer':
    case 'Settle':
    case 'Wake':
    case 'Retry':
    case 'Skip':
      return decideHelp(run, command, now);
    case 'Hold':
    case 'Continue':
      return decideHold(run, command);
    case 'LinkIncident':
      return decideLink(run, command);
    case 'Abort':
    case 'RollBack':
      return decideStop(run, command);
    default:
      return decideWork(run, command, now);
  }
}

function withConsequences(run: Deployment | undefined, untimed: readonly Untimed[], now: Instant): Event[] {
  const events: Event[] = [];
  let state = run;
  let pending: readonly Untimed[] = untimed;
  while (pending.length > 0) {
    for (const happened of pending) {
      const event: Event = { ...happened, at: now };
      events.push(event);
      state = evolve(state, event);
    }
    pending = state === undefined ? [] : advance(state, now);
  }
  return events;
}
