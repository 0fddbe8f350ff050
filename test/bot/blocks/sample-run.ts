import type { About } from '../../../src/bot/blocks/surface.ts';
import type { Command } from '../../../src/deploy/commands.ts';
import { decide } from '../../../src/deploy/decide.ts';
import type { Deployment, OutlinePhase, Person } from '../../../src/deploy/deployment.ts';
import { evolve } from '../../../src/deploy/evolve.ts';
import { Plan } from '../../../src/deploy/plan.ts';

/** When the sample run is asked for. */
export const start = Date.UTC(2026, 10, 22, 2, 50);

export const alice: Person = { id: 'UALICE', groups: ['deployers'], may: ['deploy', 'rollback', 'lock'] };
export const bob: Person = { id: 'UBOB', groups: ['approvers'], may: ['rollback'] };
export const carol: Person = { id: 'UCAROL', groups: ['approvers', 'on-call'], may: ['rollback'] };

/** A plan of three phases: one with a gate, one that asks people, one that may fail. */
export const plan = Plan.parse({
  name: 'shop',
  title: 'The shop',
  phases: [
    {
      id: 'database',
      title: 'Database setup',
      gate: { approvals: { approvers: 2 }, expires: '1h' },
      steps: [
        { id: 'server', title: 'PostgreSQL answers', uses: 'postgres/server' },
        { id: 'role', title: 'The role exists', uses: 'postgres/role' },
      ],
    },
    {
      id: 'people',
      title: 'Manual checks',
      needs: ['database'],
      steps: [{ id: 'look', title: 'Someone looks', uses: 'people/confirm' }],
    },
    {
      id: 'smoke',
      title: 'Smoke tests',
      needs: ['database'],
      critical: false,
      steps: [{ id: 'home', title: 'The home page loads', uses: 'http/request' }],
    },
  ],
  rollback: {
    high: { phases: [{ id: 'back', title: 'Old version', steps: [{ id: 'old', uses: 'http/request' }] }] },
  },
});

/** What a run of a plan looks like to the rules. */
export function outlineOf(of: Plan): OutlinePhase[] {
  return of.phases.map(({ id, needs, critical, parallel, gate, steps }) => ({
    id,
    needs,
    critical,
    parallel,
    steps: steps.map((step) => step.id),
    ...(gate === undefined ? {} : { gate }),
  }));
}

/** What runs of the sample plan. */
export const what = {
  version: 'v2.4.1',
  planHash: 'p'.repeat(64),
  outline: outlineOf(plan),
  digest: 'd16e57'.repeat(10),
  fingerprints: {},
};

/** A run that carries out commands through the real rules; throws for a refusal. */
export function runThrough(
  ...commands: readonly (readonly [minutes: number, command: Command])[]
): Deployment {
  const request: Command = {
    type: 'Request',
    by: alice,
    members: { approvers: ['UBOB', 'UCAROL'] },
    id: 'run-42',
    environment: 'production',
    plan: 'shop',
    selfApproval: false,
    ...what,
  };
  let run: Deployment | undefined;
  for (const [minutes, command] of [[0, request] as const, ...commands]) {
    const decision = decide(run, command, start + minutes * 60_000);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code} ${decision.refusal.detail}`);
    for (const event of decision.events) run = evolve(run, event);
  }
  if (run === undefined) throw new Error('nothing happened');
  return run;
}

/** What is known besides the state, so many minutes after the start. */
export function aboutAt(minutes: number, more: Partial<About> = {}): About {
  return { plan, now: start + minutes * 60_000, environmentTitle: 'Production', estimate: 600_000, ...more };
}

const on = { phase: 'database', fence: 1 } as const;

/** Commands that bring the sample run to a failed first phase. */
export const untilFailed = [
  [1, { type: 'Approve', phase: 'database', digest: what.digest, by: bob }],
  [2, { type: 'Approve', phase: 'database', digest: what.digest, by: carol }],
  [3, { type: 'Begin', phase: 'database', attempt: 1, worker: 'w1' }],
  [3, { type: 'Satisfied', ...on, step: 'server', evidence: 'h1', ms: 140 }],
  [
    4,
    {
      type: 'Failed',
      ...on,
      step: 'role',
      evidence: 'h2',
      ms: 2_100,
      code: 'permission-denied',
      because: 'Role app lacks CREATEROLE on db.internal:5432. <!channel>',
      again: false,
    },
  ],
  [4, { type: 'End', phase: 'database', fence: 1 }],
] as const satisfies readonly (readonly [number, Command])[];

const again = { phase: 'database', fence: 2 } as const;

/** Commands that go on after the failure until the other two phases are queued. */
export const untilRetried = [
  ...untilFailed,
  [6, { type: 'Retry', phase: 'database', by: alice }],
  [6, { type: 'Begin', phase: 'database', attempt: 2, worker: 'w1' }],
  [6, { type: 'Changed', ...again, step: 'role', evidence: 'h3', ms: 900 }],
  [6, { type: 'End', ...again }],
] as const satisfies readonly (readonly [number, Command])[];

/** Commands that go on until a person is asked and the smoke test has failed. */
export const untilAsked = [
  ...untilRetried,
  [7, { type: 'Begin', phase: 'people', attempt: 1, worker: 'w1' }],
  [
    7,
    {
      type: 'Ask',
      phase: 'people',
      fence: 1,
      step: 'look',
      question: {
        kind: 'confirm',
        prompt: 'Does the shop look right?\nSee the *cart* too.',
        groups: ['on-call'],
      },
    },
  ],
  [7, { type: 'End', phase: 'people', fence: 1 }],
  [8, { type: 'Begin', phase: 'smoke', attempt: 1, worker: 'w2' }],
  [
    8,
    {
      type: 'Failed',
      phase: 'smoke',
      fence: 1,
      step: 'home',
      evidence: 'h4',
      ms: 300,
      code: 'not-satisfied',
      because: 'Status 503, wanted 200.',
      again: false,
    },
  ],
  [8, { type: 'End', phase: 'smoke', fence: 1 }],
] as const satisfies readonly (readonly [number, Command])[];
