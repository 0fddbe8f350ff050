import { isAnswered } from '../../../deploy/decide-work.ts';
import type { OutlinePhase, StepState } from '../../../deploy/deployment.ts';
import { filled } from '../../../deploy/gate.ts';
import { action, encode } from '../action.ts';
import { link, mention } from '../escape.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import { approvalsLeft, failedBecause, isOpenDoubt } from '../standing.ts';
import { phaseTitle, shown, stepTitle, whatOf } from '../titles.ts';
import type { HomeFacts, HomePerson } from './home-facts.ts';
import type { Waiting } from './waiting.ts';

type OneRun = HomeFacts['runs'][number];

/** What runs wait for from this person: approvals, answers, and what went wrong in what they asked for. */
export function waitingOnRuns(person: HomePerson, { runs }: Pick<HomeFacts, 'runs'>): readonly Waiting[] {
  return runs
    .filter(({ run }) => run.status === 'running')
    .flatMap((one) =>
      one.run.outline.flatMap((outline) => [
        ...approval(person, one, outline),
        ...answers(person, one, outline),
        ...troubles(person, one, outline),
      ]),
    );
}

/** A run as a line calls it, with a link to its card. */
export function nameOf({ run, link: address }: OneRun): string {
  const words = `${whatOf(run)} on ${shown(run.environment)}`;
  return address === undefined ? words : `${words} (${link(address, 'card')})`;
}

function approval(person: HomePerson, one: OneRun, outline: OutlinePhase): Waiting[] {
  const { run, plan } = one;
  const { gate, id } = outline;
  const phase = run.phases[id];
  const state = phase?.gate;
  if (gate === undefined || phase?.status !== 'gated' || state?.status !== 'open') return [];
  const isOwn = person.id === run.requestedBy && !run.selfApproval;
  if (isOwn || state.approvals.some(({ by }) => by === person.id)) return [];
  // Whoever would fill no seat is not waited for.
  const people = [...state.approvals, { by: person.id, groups: person.groups }];
  if (filled(gate, people) <= filled(gate, state.approvals)) return [];
  const value = encode({ run: run.id, phase: id, digest: run.digest });
  const facts = `${mention(run.requestedBy)} asked · expires ${moment(state.expiresAt)}`;
  return [
    {
      line: `${sign.person} *${phaseTitle(run, plan, id)}* of ${nameOf(one)} waits for ${approvalsLeft(outline, phase)} · ${facts}`,
      press: [
        { text: 'Approve', action: action.approve, value, style: 'primary' },
        { text: 'Reject', action: action.reject, value, style: 'danger' },
      ],
    },
  ];
}

function answers(person: HomePerson, one: OneRun, { id, steps }: OutlinePhase): Waiting[] {
  const { run, plan } = one;
  return steps.flatMap((step): Waiting[] => {
    const state = run.phases[id]?.steps[step];
    if (state?.status !== 'asking' || isAnswered(state) || !isAsked(person, state)) return [];
    const text = state.question?.kind === 'sign-off' ? 'Sign off' : 'Confirm';
    const value = encode({ run: run.id, phase: id, step });
    return [
      {
        line: `${sign.person} *${stepTitle(run, plan, id, step)}* of ${nameOf(one)} waits for your answer`,
        press: [{ text, action: action.answer, value, style: 'primary' }],
      },
    ];
  });
}

function isAsked({ id, groups }: HomePerson, { question, answers: given }: StepState): boolean {
  if (given.some(({ by }) => by === id)) return false;
  const open = question?.groups.filter((group) => !given.some((answer) => answer.group === group)) ?? [];
  return open.some((group) => groups.includes(group));
}

function troubles({ id: person }: HomePerson, one: OneRun, { id, steps }: OutlinePhase): Waiting[] {
  const { run, plan } = one;
  const phase = run.phases[id];
  if (phase === undefined || run.requestedBy !== person) return [];
  return steps.flatMap((step): Waiting[] => {
    const state = phase.steps[step];
    if (state === undefined) return [];
    const title = `*${stepTitle(run, plan, id, step)}* of ${nameOf(one)}`;
    if (isOpenDoubt(state) && phase.status !== 'queued') {
      return [{ line: `${sign.person} ${title}: was it applied? Nobody knows yet`, press: [] }];
    }
    if (state.status !== 'failed' || phase.status !== 'failed') return [];
    const value = encode({ run: run.id, phase: id });
    return [
      {
        line: `${sign.failed} ${title} failed: ${failedBecause(state)}`,
        press: [{ text: 'Retry', action: action.retry, value }],
      },
    ];
  });
}
