import type { Deployment, StepState, StepStatus } from '../../deploy/deployment.ts';
import { readable } from '../../duration.ts';
import { lines, section } from './block.ts';
import { clip, escaped, mention } from './escape.ts';
import { fitBlocks, foldLines } from './fit.ts';
import { outcomeSign, sign, stepSign } from './signs.ts';
import type { About, Surface } from './surface.ts';
import { phaseTitle, placeOf, shown, stepTitle, whatOf } from './titles.ts';

/** The closing message in the thread once a run has ended: how, how long it took, and what became of its steps. */
export function endMessage(run: Deployment, about: About): Surface[] {
  if (run.status !== 'ended') return [];
  const [mark, word] = outcomeSign(run.kind, run.outcome);
  const took = run.endedAt === undefined ? '' : ` after ${readable(run.endedAt - run.requestedAt)}`;
  const head = `${whatOf(run)} on ${placeOf(run, about.environmentTitle)}`;
  const blocks = fitBlocks([
    section(`${mark} *${word}*${took} · ${head}${stopped(run)}`),
    section(counted(run)),
    ...lines(notDone(run, about)),
    ...lines(run.kind === 'rollback' ? undone(run, about) : []),
  ]);
  return [{ key: 'end', place: 'thread', urgent: false, text: `${mark} ${head}: ${word}${took}`, blocks }];
}

function stopped({ stop }: Deployment): string {
  return stop === undefined ? '' : `\nBy ${mention(stop.by)}: ${clip(escaped(stop.reason), 500)}`;
}

function counted(run: Deployment): string {
  const steps = allSteps(run);
  const count = (status: StepStatus) => steps.filter(({ state }) => state?.status === status).length;
  const settled = count('satisfied') + count('changed') + count('skipped') + count('failed');
  const parts = [
    `${count('satisfied')} already as wanted`,
    `${count('changed')} changed`,
    `${count('skipped')} skipped`,
    `${count('failed')} failed`,
  ];
  if (settled < steps.length) parts.push(`${steps.length - settled} not run`);
  return `${steps.length} steps: ${parts.join(' · ')}`;
}

function notDone(run: Deployment, about: About): string[] {
  const told = allSteps(run).flatMap(({ phase, step, state }) => {
    if (state?.status !== 'skipped' && state?.status !== 'failed') return [];
    const name = `${phaseTitle(run, about.plan, phase)} · ${stepTitle(run, about.plan, phase, step)}`;
    const why = state.status === 'skipped' ? state.reason : state.because;
    const who = state.status === 'skipped' ? ` · ${mention(state.by ?? 'somebody')}` : '';
    return [`${stepSign(state)} ${name}${who}${why === undefined ? '' : `: ${shown(why)}`}`];
  });
  return foldLines(told, 12);
}

function undone(run: Deployment, about: About): string[] {
  const undoing = new Set(
    about.plan.phases.flatMap(({ id, steps }) =>
      steps.filter(({ undoes }) => undoes !== undefined).map((step) => `${id}/${step.id}`),
    ),
  );
  // What the plan's own rollback phases changed was not there before, so it is not taken back.
  const done = allSteps(run)
    .filter(({ phase, step, state }) => state?.status === 'changed' && undoing.has(`${phase}/${step}`))
    .map(({ phase, step }) => `${sign.back} ${stepTitle(run, about.plan, phase, step)}`);
  const left = (about.cannotUndo ?? []).map((one) => `${sign.warning} ${shown(one)}`);
  return [
    ...(done.length > 0 ? ['*Taken back*', ...foldLines(done, 15)] : []),
    ...(left.length > 0 ? ['*No undo of its own*', ...foldLines(left, 15)] : []),
  ];
}

function allSteps(run: Deployment): { phase: string; step: string; state: StepState | undefined }[] {
  return run.outline.flatMap(({ id, steps }) =>
    steps.map((step) => ({ phase: id, step, state: run.phases[id]?.steps[step] })),
  );
}
