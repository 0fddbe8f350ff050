import { z } from 'zod';
import { because, Count, earlier, Line, named, Person, type Teller, teller, titled } from './tell.ts';

const By = z.object({ by: Person });
const OfStep = z.object({ step: z.string(), number: Count });
const AskedStep = OfStep.extend({ by: Person });

const outcomes: Readonly<Record<string, string>> = {
  satisfied: 'looked, and found it as it should be',
  changed: 'changed it',
  failed: 'failed',
  'in-doubt': 'was cut off, and may have changed something',
};

/** How each event of an opened runbook is told. */
export const walkthroughTellers: Readonly<Record<string, Teller>> = {
  RunbookOpened: teller(By, ({ by }, { happening }) => ({ by, what: `Runbook ${named(happening)} opened` })),
  Ticked: teller(
    By.extend({ task: z.string(), finding: Line.optional() }),
    ({ by, task, finding }, { happening }) => ({
      by,
      what: `Runbook ${named(happening)}: done: ${titled(happening, task)}${finding === undefined ? '' : `; found: ${finding}`}`,
    }),
  ),
  Unticked: teller(By.extend({ task: z.string() }), ({ by, task }, { happening }) => ({
    by,
    what: `Runbook ${named(happening)}: no longer done: ${titled(happening, task)}`,
  })),
  StepAsked: teller(AskedStep.extend({ waits: z.literal(true) }), ({ by, step }, { happening }) => ({
    by,
    what: `Runbook ${named(happening)}: step ${titled(happening, step)} asked for`,
  })),
  StepApproved: teller(AskedStep, ({ by, step }, { happening }) => ({
    by,
    what: `Runbook ${named(happening)}: step ${titled(happening, step)} approved`,
  })),
  StepDeclined: teller(AskedStep, ({ by, step }, { happening }) => ({
    by,
    what: `Runbook ${named(happening)}: step ${titled(happening, step)} declined`,
  })),
  StepReported: teller(
    OfStep.extend({ outcome: z.string(), because: Line.optional() }),
    ({ step, number, outcome, because: why }, telling) => {
      const { happening } = telling;
      const said = Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined;
      if (said === undefined) return undefined;
      const asked = earlier(
        telling,
        'StepAsked',
        AskedStep,
        (one) => one.step === step && one.number === number,
      );
      return {
        ...(asked !== undefined && { by: asked.by }),
        what: `Runbook ${named(happening)}: step ${titled(happening, step)} ${said}${because(why)}`,
      };
    },
  ),
  Remarked: teller(
    By.extend({ part: z.string().optional(), text: Line }),
    ({ by, part, text }, { happening }) => ({
      by,
      what: `Runbook ${named(happening)}: said to be wrong${part === undefined ? '' : ` at ${titled(happening, part)}`}: ${text}`,
    }),
  ),
};
