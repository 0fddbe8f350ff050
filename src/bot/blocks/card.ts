import type { Deployment, OutlinePhase, PhaseState } from '../../deploy/deployment.ts';
import { isDone } from '../../deploy/deployment.ts';
import { shortId } from '../../deploy/digest.ts';
import { readable } from '../../duration.ts';
import { action, encode } from './action.ts';
import { nameOf } from './alerts/group-words.ts';
import type { Press } from './block.ts';
import { actions, context, header, lines, section } from './block.ts';
import { clip, code, escaped, mention } from './escape.ts';
import { fitBlocks, foldLines } from './fit.ts';
import { incidentLine } from './incident-line.ts';
import { encodeDeclare } from './incidents/incident-reference.ts';
import { growing, moment, unformatted } from './moment.ts';
import { phaseSign, runSign, sign } from './signs.ts';
import { standing, waitsFor } from './standing.ts';
import type { About, Surface } from './surface.ts';
import { phaseTitle, placeOf, shown, stepTitle, versionText, whatOf } from './titles.ts';

/** The message in the environment's channel: where the whole run stands, what it waits for, and what can be done about it. */
export function card(run: Deployment, about: About): Surface {
  const [mark, word] = runSign(run);
  const what = run.kind === 'rollback' ? `rollback of ${run.of ?? 'a deployment'}` : versionText(run);
  const head = `${mark} ${about.environmentTitle ?? run.environment} · ${what} · ${word}`;
  const blocks = fitBlocks([
    header(head),
    ...lines([...(run.incident === undefined ? [] : [incidentLine(run.incident)]), ...pressing(run, about)]),
    section(progress(run, about)),
    ...lines(run.outline.flatMap((outline) => phaseLine(run, outline, about))),
    ...lines(alertsNear(run, about)),
    context(origin(run, about).join(' · ')),
    ...actions(cardButtons(run, about)),
  ]);
  return { key: 'card', place: 'channel', urgent: false, text: headline(run, about), blocks };
}

/** The one line of a run that a phone shows at night: what, where, how it stands, and the most pressing reason. */
export function headline(run: Deployment, about: About): string {
  const [mark, word] = runSign(run);
  const first = pressing(run, about)[0];
  const line = `${mark} ${placeOf(run, about.environmentTitle)} · ${whatOf(run)} · ${word}`;
  return clip(first === undefined ? line : `${line} – ${withoutSign(first)}`, 400);
}

/** Whether a run can be taken back: not a rollback, something was begun, the plan knows how, and it was not done already. */
export function canRollBack(run: Deployment, about: About): boolean {
  if (run.kind === 'rollback' || run.status === 'stopping' || run.outcome === 'rolled-back') return false;
  const hasBegun = Object.values(run.phases).some((phase) => phase.fence > 0);
  return hasBegun && (about.canRollBack ?? Object.keys(about.plan.rollback).length > 0);
}

/** A button that opens the rollback of a run; none when that cannot work. */
export function rollBackButton(run: Deployment, about: About): Press[] {
  if (!canRollBack(run, about)) return [];
  return [{ text: 'Roll back', action: action.rollBack, value: encode({ run: run.id }), style: 'danger' }];
}

/** Steps done, all steps, as counts of a run. */
export function stepCounts(run: Deployment): { readonly done: number; readonly all: number } {
  const steps = run.outline.flatMap(({ id, steps }) => steps.map((step) => run.phases[id]?.steps[step]));
  return { done: steps.filter(isDone).length, all: steps.length };
}

function pressing(run: Deployment, about: About): string[] {
  if (run.status === 'preparing') {
    return [
      `${sign.clock} Waits until ${shown(run.of ?? 'the deployment')} has stopped, then starts by itself`,
    ];
  }
  if (run.stop !== undefined) {
    const done = { aborted: 'Aborted', rejected: 'Rejected', 'rolled-back': 'Roll back asked for' };
    const { outcome, by, reason, rollback } = run.stop;
    const next = rollback === undefined ? '' : ` · taken back by ${shown(rollback)}`;
    return [`${sign.stopped} ${done[outcome]} by ${mention(by)}: ${clip(escaped(reason), 400)}${next}`];
  }
  if (run.status === 'ended' && about.takenBack !== undefined) {
    const { id, requestedBy, reason = '' } = about.takenBack;
    return [
      `${sign.back} Taken back by ${mention(requestedBy)} as ${code(id)}: ${clip(escaped(reason), 400)}`,
    ];
  }
  const all = [...holding(run), ...standing(run, about).map(({ line }) => line)];
  return foldLines(all, 5);
}

function holding({ status, hold }: Deployment): string[] {
  if (status !== 'running' || hold === undefined) return [];
  const names = Object.values(hold.groups).map((name) => `*${shown(name)}*`);
  return [
    `${sign.person} No further phase begins: ${names.join(', ')} fired here, ${moment(hold.at)}. Continue once that is understood`,
  ];
}

function alertsNear({ id }: Deployment, { alerts = [] }: About): string[] {
  return alerts.map((group) => {
    const { phase = 'this' } = group.related.find(({ run }) => run === id) ?? {};
    const since = `${moment(group.openedAt)}, after ${shown(phase)}`;
    return group.status === 'firing'
      ? `${sign.warning} *${shown(nameOf(group))}* (${group.routing.severity}) fires here since ${since}`
      : `${sign.done} ${shown(nameOf(group))} (${group.routing.severity}) fired here ${since}; it is over`;
  });
}

function progress(run: Deployment, about: About): string {
  const { done, all } = stepCounts(run);
  const part = all === 0 ? 0 : done / all;
  const full = Math.floor(part * 20);
  const bar = `\`${'█'.repeat(full)}${'░'.repeat(20 - full)}\` ${done}/${all} steps · ${Math.floor(part * 100)}%`;
  const spent = (run.endedAt ?? about.now) - run.requestedAt;
  // While only people are waited for nothing redraws the card, so a span on it would soon be wrong.
  const isStill = run.status === 'running' && !isAtWork(run);
  const time = isStill ? `Since ${moment(run.requestedAt)}` : timeOf(run, spent);
  // A plan without estimates adds up to nothing, which is no estimate.
  if (about.estimate === undefined || about.estimate === 0) return `${bar}\n${time}`;
  const over = spent - about.estimate;
  const late = over >= 60_000 && !isStill ? ` · ${sign.warning} ${growing(over)} over` : '';
  return `${bar}\n${time} · estimate ${readable(about.estimate)}${late}`;
}

function timeOf(run: Deployment, spent: number): string {
  return run.endedAt === undefined ? `Elapsed ${growing(spent)}` : `Took ${readable(spent)}`;
}

function isAtWork({ phases }: Deployment): boolean {
  return Object.values(phases).some(({ status }) => status === 'queued' || status === 'running');
}

function phaseLine(run: Deployment, outline: OutlinePhase, about: About): string[] {
  const phase = run.phases[outline.id];
  if (phase === undefined) return [];
  const title = phaseTitle(run, about.plan, outline.id);
  const parts = [`${phaseSign(outline, phase)} *${title}*`, ...counts(outline, phase), ...span(phase, about)];
  const waiting = run.status === 'running' ? waitsFor(outline, phase) : undefined;
  if (waiting !== undefined) parts.push(`waiting for ${waiting}`);
  const busy = phase.status === 'running' ? workingOn(outline, phase) : [];
  const [first, ...others] = busy;
  if (first !== undefined && waiting === undefined) {
    const name = stepTitle(run, about.plan, outline.id, first);
    parts.push(`now ${name}${others.length > 0 ? ` and ${others.length} more` : ''}`);
  }
  return [parts.join(' · ')];
}

function counts(outline: OutlinePhase, phase: PhaseState): string[] {
  if (phase.status === 'waiting' && phase.attempt === 0) return [];
  const states = outline.steps.map((step) => phase.steps[step]);
  const failed = states.filter((step) => step?.status === 'failed').length;
  const skipped = states.filter((step) => step?.status === 'skipped').length;
  const parts = [`${states.filter(isDone).length}/${states.length}`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return [parts.join(', ')];
}

function span({ status, startedAt, endedAt }: PhaseState, { now }: About): string[] {
  if (startedAt === undefined || status === 'paused') return [];
  const isOver = status === 'succeeded' || status === 'failed' || status === 'stopped';
  return [isOver && endedAt !== undefined ? readable(endedAt - startedAt) : growing(now - startedAt)];
}

function workingOn(outline: OutlinePhase, phase: PhaseState): string[] {
  const isBusy = (step: string) => {
    const status = phase.steps[step]?.status;
    return status === 'trying' || status === 'applying';
  };
  const busy = outline.steps.filter(isBusy);
  if (busy.length > 0 || outline.parallel) return busy;
  return outline.steps.filter((step) => phase.steps[step] === undefined).slice(0, 1);
}

function origin(run: Deployment, about: About): string[] {
  const parts = [`Asked by ${mention(run.requestedBy)}, ${moment(run.requestedAt)}`];
  if (run.kind === 'rollback') {
    parts.push(`Severity ${run.severity ?? 'unknown'}: ${clip(escaped(run.reason ?? ''), 300)}`);
  } else if (about.previous !== undefined) {
    parts.push(`Before: ${code(clip(about.previous, 100))}`);
  }
  if (run.image !== undefined) parts.push(`Image ${code(shortId(run.image))}`);
  parts.push(`${shown(about.plan.title)} · run ${code(run.id)}`);
  return parts;
}

function cardButtons(run: Deployment, about: About): Press[] {
  const value = encode({ run: run.id });
  const plan: Press[] = run.outline.length > 0 ? [{ text: 'Plan', action: action.plan, value }] : [];
  const isActive = run.status === 'running' || run.status === 'preparing';
  const abort: Press[] = isActive ? [{ text: 'Abort', action: action.abort, value }] : [];
  const isHeld = run.status === 'running' && run.hold !== undefined;
  const goOn: Press[] = isHeld ? [{ text: 'Continue', action: action.goOn, value }] : [];
  return [...goOn, ...plan, ...abort, ...declareButton(run, about), ...rollBackButton(run, about)];
}

/** Where something failed, or alerts fired soon after, somebody may declare an incident, unless one is about it already. */
function declareButton(run: Deployment, { canDeclare = false, alerts = [] }: About): Press[] {
  const hasFailed = Object.values(run.phases).some(({ status }) => status === 'failed');
  const isTrouble = hasFailed || alerts.some(({ status }) => status === 'firing');
  if (!canDeclare || !isTrouble || run.incident !== undefined) return [];
  return [{ text: 'Declare incident', action: action.declare, value: encodeDeclare({ run: run.id }) }];
}

function withoutSign(line: string): string {
  return unformatted(line.slice(line.indexOf(' ') + 1));
}
