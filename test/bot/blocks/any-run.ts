import fc from 'fast-check';
import type { About } from '../../../src/bot/blocks/surface.ts';
import type { Deployment, GateState, PhaseState, StepState } from '../../../src/deploy/deployment.ts';
import { Plan } from '../../../src/deploy/plan.ts';
import type { ReasonCode } from '../../../src/errors.ts';
import { reasons } from '../../../src/errors.ts';
import { nasty } from './nasty.ts';

// Any state whatever, also ones that the rules never reach: drawing must not depend on that.
const at = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
const code = fc.constantFrom(...Object.keys(reasons).filter((key): key is ReasonCode => key in reasons));
const person = fc.oneof(fc.constantFrom('UALICE', 'UBOB', 'slipway'), nasty);
const few = { maxLength: 12 };

const step: fc.Arbitrary<StepState> = fc.record(
  {
    status: fc.constantFrom(
      'applying',
      'asking',
      'waiting',
      'in-doubt',
      'trying',
      'satisfied',
      'changed',
      'failed',
      'skipped',
    ),
    firstSeenAt: at,
    tries: fc.nat(20),
    evidence: fc.array(fc.constantFrom('h1', 'h2'), few),
    code,
    because: nasty,
    question: fc.record({
      kind: fc.constantFrom('confirm', 'sign-off'),
      prompt: nasty,
      groups: fc.array(nasty, few),
    }),
    answers: fc.array(fc.record({ by: person, group: nasty, text: nasty, at }), few),
    until: at,
    doubt: fc.constantFrom('open', 'done', 'again'),
    by: person,
    reason: nasty,
    ms: fc.nat(),
    drift: fc.record({ since: nasty, because: nasty }),
  },
  { requiredKeys: ['status', 'firstSeenAt', 'tries', 'evidence', 'answers'] },
);

const gate: fc.Arbitrary<GateState> = fc.record(
  {
    openedAt: at,
    expiresAt: at,
    approvals: fc.array(fc.record({ by: person, groups: fc.array(nasty, few), digest: nasty, at }), few),
    status: fc.constantFrom('open', 'approved', 'rejected', 'expired'),
    voided: fc.array(nasty, few),
  },
  { requiredKeys: ['openedAt', 'expiresAt', 'approvals', 'status'] },
);

const phase: fc.Arbitrary<Omit<PhaseState, 'steps'>> = fc.record(
  {
    status: fc.constantFrom(
      'waiting',
      'gated',
      'queued',
      'running',
      'paused',
      'failed',
      'succeeded',
      'stopped',
    ),
    attempt: fc.nat(3),
    fence: fc.nat(3),
    gate,
    startedAt: at,
    endedAt: at,
  },
  { requiredKeys: ['status', 'attempt', 'fence'] },
);

interface Size {
  readonly phases: number;
  readonly steps: number;
}

const size: fc.Arbitrary<Size> = fc.constantFrom(
  { phases: 0, steps: 0 },
  { phases: 1, steps: 100 },
  { phases: 3, steps: 5 },
  { phases: 20, steps: 5 },
  { phases: 60, steps: 1 },
);

/** Any run of any size with the worst texts in every place, and what is known of it besides. */
export const anyRun: fc.Arbitrary<{ readonly run: Deployment; readonly about: About }> = size.chain((of) =>
  fc
    .record({
      run: fc.record(
        {
          environment: nasty,
          version: nasty,
          digest: fc.constant('d16e57'.repeat(10)),
          requestedBy: person,
          requestedAt: at,
          selfApproval: fc.boolean(),
          kind: fc.constantFrom('deployment', 'rollback'),
          status: fc.constantFrom('preparing', 'running', 'stopping', 'ended'),
          outcome: fc.constantFrom('succeeded', 'partial', 'aborted', 'rejected', 'rolled-back'),
          stop: fc.record({
            outcome: fc.constantFrom('aborted', 'rejected', 'rolled-back'),
            by: person,
            reason: nasty,
            at,
            rollback: nasty,
          }),
          endedAt: at,
          of: nasty,
          severity: fc.constantFrom('critical', 'high', 'medium'),
          reason: nasty,
        },
        {
          requiredKeys: [
            'environment',
            'version',
            'digest',
            'requestedBy',
            'requestedAt',
            'selfApproval',
            'kind',
            'status',
          ],
        },
      ),
      phases: fc.array(phase, { minLength: 3, maxLength: 3 }),
      steps: fc.array(fc.option(step, { nil: undefined }), { minLength: 4, maxLength: 4 }),
      titles: fc.array(nasty, { minLength: 3, maxLength: 3 }),
      groups: fc.array(nasty, { minLength: 1, maxLength: 4 }),
      about: fc.record({
        now: at,
        environmentTitle: nasty,
        estimate: fc.nat(),
        previous: nasty,
        canRollBack: fc.boolean(),
      }),
      answered: nasty,
      cannotUndo: fc.array(nasty, { maxLength: 60 }),
    })
    .map(({ run, phases, steps, titles, groups, about, answered, cannotUndo }) => {
      const ids = (prefix: string, count: number) =>
        Array.from({ length: count }, (_, index) => `${prefix}${index}`);
      const pick = <Item>(items: readonly Item[], index: number) => items[index % items.length] as Item;
      const approvals = Object.fromEntries(groups.map((group, index) => [group, index + 1]));
      const outline = ids('phase-', of.phases).map((id, index) => ({
        id,
        needs: [],
        critical: index % 3 !== 0,
        parallel: index % 2 === 0,
        gate: { approvals, expires: 1 },
        steps: ids('step-', of.steps),
      }));
      const states = outline.map(({ id, steps: own }, index) => {
        const entries = own.flatMap((name, place) => {
          const state = pick(steps, index + place);
          return state === undefined ? [] : [[name, state] as const];
        });
        return [id, { ...pick(phases, index), steps: Object.fromEntries(entries) }] as const;
      });
      const title = (index: number) => pick(titles, index).slice(0, 100) || 'x';
      const plan = Plan.parse({
        name: 'any',
        title: title(0),
        phases: (outline.length === 0 ? [{ id: 'none', steps: ['none'] }] : outline).map((one, index) => ({
          id: one.id,
          title: title(index),
          gate: { approvals: { approvers: 1 } },
          estimate: '3m',
          steps: one.steps.map((name, place) => ({ id: name, title: title(place), uses: 'x/y' })),
        })),
        rollback: { high: { phases: [] } },
      });
      const piece = { asked: answered, of: answered, answered };
      return {
        run: {
          ...run,
          id: 'run-42',
          plan: 'any',
          planHash: '',
          fingerprints: {},
          outline,
          phases: Object.fromEntries(states),
        },
        about: { ...about, plan, cannotUndo, evidence: { h1: [piece], h2: [] } },
      };
    }),
);
