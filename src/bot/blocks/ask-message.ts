import { isAnswered } from '../../deploy/decide-work.ts';
import type { Deployment, PhaseState, StepState } from '../../deploy/deployment.ts';
import { isDone } from '../../deploy/deployment.ts';
import { action, encode } from './action.ts';
import type { Press } from './block.ts';
import { actions, lines, section } from './block.ts';
import { clip, escaped, mention, quote } from './escape.ts';
import { fitBlocks } from './fit.ts';
import { moment } from './moment.ts';
import { skipButtons } from './phase-message.ts';
import { sign } from './signs.ts';
import { canSkip, isOpenDoubt } from './standing.ts';
import type { About, Surface } from './surface.ts';
import { phaseTitle, shown, stepTitle } from './titles.ts';

/** The message of a question to people in the thread: what is asked of whom, who has answered, and what was decided. */
export function askMessage(run: Deployment, phaseId: string, step: string, about: About): Surface[] {
  const phase = run.phases[phaseId];
  const state = phase?.steps[step];
  if (phase === undefined || state?.question === undefined) return [];
  const { kind, groups, prompt } = state.question;
  const isOpen = run.status === 'running' && state.status === 'asking' && !isAnswered(state);
  const title = `${stepTitle(run, about.plan, phaseId, step)}`;
  const head = askHead(run, state, isOpen);
  const who = groups.map(shown).join(kind === 'confirm' ? ' or ' : ', ');
  const blocks = fitBlocks([
    section(`${head} · *${title}*\n${clip(quote(prompt, 15), 2_400)}`),
    ...lines(isOpen ? [`${kind === 'confirm' ? 'One answer from' : 'A signature from each of'} ${who}`] : []),
    ...lines(answerLines(state)),
    ...actions(isOpen ? askButtons(run, phaseId, phase, step, state) : []),
  ]);
  const text = `${head.replaceAll('*', '')}: ${title} of ${phaseTitle(run, about.plan, phaseId)}`;
  return [{ key: `ask.${phaseId}.${step}`, place: 'thread', urgent: true, text, blocks }];
}

/** The message in the thread about a step of which nobody knows whether it was applied, and about how that was settled. */
export function doubtMessage(run: Deployment, phaseId: string, step: string, about: About): Surface[] {
  const phase = run.phases[phaseId];
  const state = phase?.steps[step];
  if (phase === undefined || state === undefined || !isDoubtful(phase, state)) return [];
  const title = stepTitle(run, about.plan, phaseId, step);
  const isOpen = run.status === 'running' && isOpenDoubt(state);
  const head = doubtHead(state, isOpen);
  const because = state.because === undefined ? '' : `\n${clip(escaped(state.because), 1_000)}`;
  const what =
    'The worker was lost while it was being applied, and the check cannot tell whether that happened.';
  const blocks = fitBlocks([
    section(`${head} · *${title}*${isOpen ? `\n${what}${because}` : ''}`),
    ...lines(state.by === undefined || state.reason === undefined ? [] : [quote(state.reason)]),
    ...actions(isOpen ? doubtButtons(run, phaseId, phase, step, state) : []),
  ]);
  const text = `${head.replaceAll('*', '')}: ${title} of ${phaseTitle(run, about.plan, phaseId)}`;
  return [{ key: `doubt.${phaseId}.${step}`, place: 'thread', urgent: true, text, blocks }];
}

function askHead(run: Deployment, state: StepState, isOpen: boolean): string {
  if (state.status === 'skipped') return `${sign.skipped} *Skipped* by ${mention(state.by ?? 'somebody')}`;
  if (isAnswered(state)) return `${sign.done} *Answered*`;
  if (isDone(state)) return `${sign.done} *Done*`;
  if (isOpen) return `${sign.person} *${state.question?.kind === 'sign-off' ? 'Sign-off' : 'Answer'} needed*`;
  return run.status === 'running' ? `${sign.moving} *Being checked*` : `${sign.stopped} *No longer asked*`;
}

function answerLines({ answers, question, status, reason }: StepState): string[] {
  const given = answers.map(
    ({ by, group, text, at }) =>
      `${sign.done} ${mention(by)} · ${shown(group)} · ${moment(at)}: ${clip(escaped(text), 300)}`,
  );
  if (status === 'skipped' && reason !== undefined) given.push(`Reason: ${clip(escaped(reason), 300)}`);
  if (question?.kind !== 'sign-off' || status !== 'asking') return given;
  const open = question.groups.filter((group) => !answers.some((answer) => answer.group === group));
  return [...given, ...open.map((group) => `${sign.idle} ${shown(group)}`)];
}

function askButtons(
  run: Deployment,
  phaseId: string,
  phase: PhaseState,
  step: string,
  state: StepState,
): Press[] {
  const text = state.question?.kind === 'sign-off' ? 'Sign off' : 'Confirm';
  const value = encode({ run: run.id, phase: phaseId, step });
  const answer: Press = { text, action: action.answer, value, style: 'primary' };
  return [answer, ...skipWhenStanding(run, phaseId, phase, step, state)];
}

// A worker that has just taken over looks by itself first; until it has looked, nobody is asked.
function isDoubtful(phase: PhaseState, state: StepState): boolean {
  if (isOpenDoubt(state))
    return phase.status === 'paused' || phase.status === 'failed' || state.because !== undefined;
  return state.doubt !== undefined || (state.by !== undefined && state.status !== 'skipped');
}

function doubtHead(state: StepState, isOpen: boolean): string {
  if (isOpen) return `${sign.person} *Was it applied?*`;
  const who = state.by === undefined ? '' : ` by ${mention(state.by)}`;
  if (state.status === 'skipped') return `${sign.skipped} *Skipped*${who}`;
  if (state.doubt === 'done') return `${sign.done} *It was done*, settled${who}`;
  if (state.doubt === 'again') return `${sign.moving} *Run again*, settled${who}`;
  return state.by === undefined ? `${sign.stopped} *Never settled*` : `${sign.done} *Settled*${who}`;
}

function doubtButtons(
  run: Deployment,
  phaseId: string,
  phase: PhaseState,
  step: string,
  state: StepState,
): Press[] {
  const value = (verdict: 'done' | 'again') => encode({ run: run.id, phase: phaseId, step, verdict });
  return [
    { text: 'It was done', action: action.settle, value: value('done') },
    { text: 'Run it again', action: action.settle, value: value('again') },
    ...skipWhenStanding(run, phaseId, phase, step, state),
    { text: 'Details', action: action.stepDetails, value: encode({ run: run.id, phase: phaseId, step }) },
  ];
}

function skipWhenStanding(
  run: Deployment,
  phaseId: string,
  phase: PhaseState,
  step: string,
  state: StepState,
): Press[] {
  return canSkip(run, phase, state) ? skipButtons(run, phaseId, [step], () => step) : [];
}
