import type { RunPlan } from '../../deploy/run-plan.ts';
import type { Watch } from '../../deploy/watch.ts';
import { readable } from '../../duration.ts';
import { action, encode } from './action.ts';
import { actions, context, section } from './block.ts';
import { clip, escaped, plain } from './escape.ts';
import { fitBlocks } from './fit.ts';
import { moment } from './moment.ts';
import { sign } from './signs.ts';
import type { Surface } from './surface.ts';
import { shown } from './titles.ts';

/** The message about the days after a deployment: what is wrong now, or that all is well, and how often it was looked. */
export function watchMessage(watch: Watch, plan: RunPlan, canRollBack: boolean): Surface {
  const wrong = watch.last.filter(({ ok }) => !ok);
  const where = `${shown(watch.version)} on *${shown(watch.environment)}*`;
  const titleOf = (id: string) => plan.watch?.steps.find((step) => step.id === id)?.title ?? id;
  const head = headline(watch, wrong.length, where);
  const lines = wrong.map(
    ({ step, because }) => `${sign.failed} *${shown(titleOf(step))}*: ${clip(escaped(because), 400)}`,
  );
  const isBroken = watch.status === 'watching' && wrong.length > 0;
  const value = encode({ run: watch.run });
  const buttons =
    canRollBack && isBroken
      ? [{ text: 'Roll back', action: action.rollBack, value, style: 'danger' as const }]
      : [];
  return {
    key: 'watch',
    place: 'channel',
    urgent: isBroken,
    text: plain(head.replaceAll('*', '')),
    blocks: fitBlocks([section(head), ...lines.map(section), context(history(watch)), ...actions(buttons)]),
  };
}

function headline(watch: Watch, wrong: number, where: string): string {
  if (watch.status === 'ended')
    return `${sign.done} Watching ${where} has ended: ${shown(watch.endedBecause ?? '')}`;
  if (wrong > 0) return `${sign.failed} ${where}: ${wrong} of ${watch.last.length} watched checks failing`;
  if (watch.looks === 0) return `:eyes: Watching ${where}: first look ${moment(watch.nextAt)}`;
  return `:eyes: Watching ${where}: all is well`;
}

function history({ looks, bad, every, until, run }: Watch): string {
  return `${looks === 1 ? '1 look' : `${looks} looks`}, ${bad} with something wrong · every ${readable(every)} until ${moment(until)} · after ${shown(run)}`;
}
