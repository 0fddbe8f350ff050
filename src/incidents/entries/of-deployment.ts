import { z } from 'zod';
import { because, Line, named, Person, Short, type Teller, type Telling, teller, titled } from './tell.ts';

const By = z.object({ by: Person });
const OfPhase = z.object({ phase: z.string() });
const Reasoned = By.extend({ reason: Line });

const ends: Readonly<Record<string, string>> = {
  succeeded: 'succeeded',
  partial: 'succeeded in part',
  aborted: 'was aborted',
  rejected: 'was rejected',
  'rolled-back': 'is rolled back',
};

/** How each event of a run is told; of phases that changed nothing only that they failed. */
export const deploymentTellers: Readonly<Record<string, Teller>> = {
  RunRequested: teller(
    By.extend({ kind: z.string(), reason: Line.optional() }),
    ({ by, kind, reason }, { happening }) => ({
      by,
      what: `${kind === 'rollback' ? 'Rollback' : 'Deployment'} ${named(happening)} requested${because(reason)}`,
    }),
  ),
  Approved: teller(By.extend(OfPhase.shape), ({ by, phase }, { happening }) => ({
    by,
    what: `${named(happening)}: phase ${titled(happening, phase)} approved`,
  })),
  Rejected: teller(Reasoned.extend(OfPhase.shape), ({ by, phase, reason }, { happening }) => ({
    by,
    what: `${named(happening)}: phase ${titled(happening, phase)} rejected${because(reason)}`,
  })),
  PhaseBegun: teller(OfPhase, ({ phase }, telling) =>
    hasChanged(phase, telling)
      ? { what: `${named(telling.happening)}: phase ${titled(telling.happening, phase)} began` }
      : undefined,
  ),
  PhaseSucceeded: teller(OfPhase, ({ phase }, telling) =>
    hasChanged(phase, telling)
      ? { what: `${named(telling.happening)}: phase ${titled(telling.happening, phase)} ended` }
      : undefined,
  ),
  PhaseFailed: teller(OfPhase, ({ phase }, { happening }) => ({
    what: `${named(happening)}: phase ${titled(happening, phase)} failed`,
  })),
  StepFailed: teller(
    OfPhase.extend({ step: z.string(), because: Line.optional() }),
    ({ phase, step, because: why }, { happening }) => ({
      what: `${named(happening)}: step ${titled(happening, step)} of ${titled(happening, phase)} failed${because(why)}`,
    }),
  ),
  RunHeld: teller(z.object({ name: Short }), ({ name }, { happening }) => ({
    what: `${named(happening)}: no further phase begins, since ${name} fired`,
  })),
  RunContinued: teller(Reasoned, ({ by, reason }, { happening }) => ({
    by,
    what: `${named(happening)}: continued${because(reason)}`,
  })),
  StopRequested: teller(
    Reasoned.extend({ outcome: z.string() }),
    ({ by, outcome, reason }, { happening }) => ({
      by,
      what: `${named(happening)}: ${outcome === 'rolled-back' ? 'rollback asked for' : 'stopped'}${because(reason)}`,
    }),
  ),
  RunEnded: teller(z.object({ outcome: z.string() }), ({ outcome }, { happening }) =>
    Object.hasOwn(ends, outcome) ? { what: `${named(happening)} ${ends[outcome]}` } : undefined,
  ),
};

/** Whether anything was changed in the phase, as far as the record goes. */
function hasChanged(phase: string, { story }: Telling): boolean {
  return story.some(
    ({ type, data }) => (type === 'StepChanged' || type === 'ApplyBegun') && data.phase === phase,
  );
}
