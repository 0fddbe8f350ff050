import { z } from 'zod';
import { Duration } from '../duration.ts';

const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40 characters');

const Covers = z
  .string()
  .regex(
    /^[A-Z0-9]+-\d+(\.\.[A-Z0-9]+-\d+)?$/,
    'a checklist id such as P01-02, or a range such as ENV-01..ENV-62',
  );

/** How often a failed step is tried again (`attempts` counts the first one) and how long to wait before the second; each wait doubles. */
const Retry = z.strictObject({ attempts: z.int().min(1).max(10), backoff: Duration.prefault('2s') });

/** One item of work: which implementation, with which parameters, and which checklist items it proves. */
export const PlanStep = z.strictObject({
  id: Id,
  title: z.string().min(1).max(150).optional(),
  uses: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'the name of a step such as postgres/database'),
  with: z.record(z.string(), z.unknown()).default({}),
  timeout: Duration.optional(),
  retry: Retry.optional(),
  covers: z.array(Covers).default([]),
});

/** Who must approve before a phase starts: a count for each group (distinct people), and how long approvals may take and last. */
export const PlanGate = z.strictObject({
  approvals: z.record(z.string(), z.int().min(1).max(10)).refine((groups) => Object.keys(groups).length > 0, {
    message: 'at least one group with a count',
  }),
  expires: Duration.prefault('24h'),
});

/** A group of steps that is one job; it starts when its needs are done and its gate is open. */
export const PlanPhase = z.strictObject({
  id: Id,
  title: z.string().min(1).max(100),
  needs: z.array(Id).default([]),
  critical: z.boolean().default(true),
  estimate: Duration.optional(),
  gate: PlanGate.optional(),
  parallel: z.boolean().default(false),
  steps: z.array(PlanStep).min(1),
});

/** How bad it is, in the checklist's words. */
export const Severity = z.enum(['critical', 'high', 'medium']);

const RollbackPlan = z.strictObject({ phases: z.array(PlanPhase).default([]) });

/** What is looked at again after success: for how long, how often, and which checks. */
const Watch = z.strictObject({
  for: Duration,
  every: Duration,
  steps: z.array(PlanStep).min(1),
});

/** A deployment checklist as its YAML file says it; spans are milliseconds once parsed. */
export const Plan = z.strictObject({
  name: Id,
  title: z.string().min(1).max(100),
  phases: z.array(PlanPhase).min(1),
  rollback: z.partialRecord(Severity, RollbackPlan).default({}),
  watch: Watch.optional(),
  pauseOnCriticalAlerts: z.boolean().optional().meta({
    description:
      'once a critical alert of this environment opens, no further phase begins until somebody continues the run',
  }),
});

export type PlanStep = z.output<typeof PlanStep>;
export type PlanGate = z.output<typeof PlanGate>;
export type PlanPhase = z.output<typeof PlanPhase>;
export type Severity = z.output<typeof Severity>;
export type Plan = z.output<typeof Plan>;
