import type { Command } from '../deploy/commands.ts';
import { decide } from '../deploy/decide.ts';
import type { Deployment } from '../deploy/deployment.ts';
import type { Event } from '../deploy/events.ts';
import { evolve } from '../deploy/evolve.ts';
import { react } from '../deploy/jobs.ts';
import type { Rules } from '../store/handle.ts';

/** Steps may follow each other within milliseconds, and Slack takes about one edit a second. */
const progressDelay = 1_000;

const progress: ReadonlySet<Event['type']> = new Set([
  'PhaseQueued',
  'PhaseBegun',
  'ApplyBegun',
  'StepSatisfied',
  'StepChanged',
  'StepTried',
  'StepWaiting',
  'PhaseSucceeded',
]);

/** The rules of runs, as streams are kept: one run at a time holds an environment. */
export const runRules: Rules<Deployment, Command, Event> = {
  kind: 'run',
  decide,
  evolve,
  react,
  hasEnded: ({ status }) => status === 'ended',
  holds: (run) =>
    run.status === 'ended' || run.stop?.rollback !== undefined ? null : heldBy(run.environment),
  drawDelay: (events) => (events.every(({ type }) => progress.has(type)) ? progressDelay : 0),
};

/** What a run holds until it ends, so that an environment has one at a time. */
export function heldBy(environment: string): string {
  return `environment:${environment}`;
}
