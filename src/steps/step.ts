import { z } from 'zod';
import type { Answer, Question } from '../deploy/question.ts';
import { Secret } from '../secret.ts';

export type { Answer, Question };

/** What a reviewer would want to see of one question to the world; the runner redacts, bounds, times and hashes it. */
export interface Evidence {
  /** What was asked: a statement, a request line, a command; never with a secret in it. */
  readonly asked: string;
  /** Of whom: host, port and database or path. */
  readonly of: string;
  /** What came back, as text. */
  readonly answered: string;
}

/**
 * What looking at the world found. `unknown` means that looking cannot tell; `asking` and `waiting` end the phase's job
 * until people have answered or the clock has come to `until` (milliseconds since 1970).
 */
export type Check =
  | { readonly is: 'satisfied'; readonly evidence: readonly Evidence[] }
  | { readonly is: 'unsatisfied'; readonly because: string; readonly evidence: readonly Evidence[] }
  | { readonly is: 'unknown'; readonly because: string; readonly evidence: readonly Evidence[] }
  | { readonly is: 'asking'; readonly question: Question }
  | { readonly is: 'waiting'; readonly until: number };

/** What applying did; `remember` is kept with the run and handed to `undo`. */
export interface Applied {
  readonly evidence: readonly Evidence[];
  readonly remember?: unknown;
}

/** A machine that steps may reach over SSH, from the environment's `hosts`. */
export interface Host {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The private key in OpenSSH or PEM form. */
  readonly privateKey: Secret;
  /** The pinned host key's fingerprint as `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly hostKey: string;
}

/** What a step may use besides its own parameters. */
export interface StepContext {
  /** Aborts at the step's timeout and when the run is stopped; every wait must heed it. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** When this step was first looked at in this run, in milliseconds since 1970. */
  readonly firstSeenAt: number;
  readonly answers: readonly Answer[];
  readonly hosts: Readonly<Record<string, Host>>;
  /** Takes output of a running step as it comes, in pieces of any size; people may read along. */
  readonly log: (text: string) => void;
}

/**
 * One implementation of `uses`: `check` is read-only and says whether the world is as wanted, `apply` makes it so and is
 * safe to repeat, `undo` takes back what `apply` of this run did. All throw a `Failure` with a reason code.
 */
export interface Step<With extends z.ZodType = z.ZodType> {
  readonly uses: string;
  readonly summary: string;
  readonly with: With;
  /** The default time limit of one attempt, as a duration such as `30s`. */
  readonly timeout: string;
  check(parameters: z.output<With>, context: StepContext): Promise<Check>;
  /** Whether applying could help where the parameters decide that; without it `apply` always could. */
  canApply?(parameters: z.output<With>): boolean;
  apply?(parameters: z.output<With>, context: StepContext): Promise<Applied>;
  /** Whether undoing is real where the parameters decide that; without it `undo` always is. */
  canUndo?(parameters: z.output<With>): boolean;
  undo?(parameters: z.output<With>, context: StepContext, remembered: unknown): Promise<readonly Evidence[]>;
}

/** Names the parameters' type once for all of a step's functions; returns the step as it is. */
export function defineStep<With extends z.ZodType>(step: Step<With>): Step<With> {
  return step;
}

/** Whether a step with these parameters can make the world as wanted when it is not. */
export function canApply(step: Step, parameters: unknown): boolean {
  return step.apply !== undefined && (step.canApply?.(parameters) ?? true);
}

/** A text parameter that may hold a secret; hand it to a client through `reveal`. */
export const Text = z.union([z.string(), z.instanceof(Secret)]).meta({ type: 'string' });

/** The parameter that names one of the environment's hosts; `slipway check` looks whether it is there. */
export const HostName = z.string().min(1).meta({ description: "a host of the environment's `hosts`" });

/** The world is as wanted. */
export function satisfied(...evidence: Evidence[]): Check {
  return { is: 'satisfied', evidence };
}

/** The world is not as wanted; `because` is one sentence that names what was found and what was expected. */
export function unsatisfied(because: string, ...evidence: Evidence[]): Check {
  return { is: 'unsatisfied', because, evidence };
}
