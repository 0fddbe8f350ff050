import type { Approval, Deployment, Gate, GateState, OutlinePhase } from '../../deploy/deployment.ts';
import { filled, wanted } from '../../deploy/gate.ts';
import { action, encode } from './action.ts';
import type { Press } from './block.ts';
import { actions, context, lines, section } from './block.ts';
import { clip, code, escaped, mention, mentioned, quote } from './escape.ts';
import { fitBlocks, foldLines } from './fit.ts';
import { moment, unformatted } from './moment.ts';
import { sign } from './signs.ts';
import type { About, Surface } from './surface.ts';
import { phaseTitle, placeOf, shown, stepTitle, whatOf } from './titles.ts';

/** The message of a gate in the thread: what it lets through, who must approve, who has, and how it was decided. */
export function gateMessage(run: Deployment, outline: OutlinePhase, about: About): Surface[] {
  const { gate, id } = outline;
  const state = run.phases[id]?.gate;
  if (gate === undefined || state === undefined) return [];
  const title = phaseTitle(run, about.plan, id);
  const where = `${whatOf(run)} on ${placeOf(run, about.environmentTitle)}`;
  const verdict = verdictOf(run, gate, state);
  const isOpen = run.status === 'running' && state.status === 'open';
  const blocks = fitBlocks([
    section(`${verdict}\n*${title}* of ${where}`),
    ...(isOpen ? lines([...voidLines(state), ...whoLines(gate, state)]) : lines(approvers(state, gate))),
    ...(isOpen ? lines(stepTitles(run, outline, about)) : []),
    context(
      `What runs: ${code(run.digest.slice(0, 12)) || 'unknown'}`,
      ...(isOpen ? [`Expires ${moment(state.expiresAt)}`] : []),
      ...(isOpen && !run.selfApproval ? [`${mention(run.requestedBy)} asked and cannot approve`] : []),
    ),
    ...actions(buttons(run, id, state)),
  ]);
  const text = `${unformatted(verdict.split('\n')[0] ?? '')}: ${title} of ${where}`;
  return [{ key: `gate.${id}`, place: 'thread', urgent: true, text, blocks }];
}

function verdictOf(run: Deployment, gate: Gate, state: GateState): string {
  const last = state.approvals.at(-1);
  if (state.status === 'approved') {
    const when = last === undefined ? '' : `, ${moment(last.at)}`;
    return `${sign.done} *Approved* by ${clip(mentioned(state.approvals.map(({ by }) => by)), 400)}${when}`;
  }
  if (state.status === 'rejected') {
    if (run.stop?.outcome !== 'rejected') return `${sign.refused} *Rejected*`;
    const { by, at, reason } = run.stop;
    return `${sign.refused} *Rejected* by ${mention(by)}, ${moment(at)}\n${clip(quote(reason), 1_000)}`;
  }
  if (run.status !== 'running') return `${sign.stopped} *No longer asked*, the run was stopped`;
  if (state.status === 'expired') return `${sign.clock} *Expired* without enough approvals`;
  const count = filled(gate, state.approvals);
  return `${sign.person} *Approval needed* · ${count} of ${wanted(gate)}`;
}

function voidLines({ voided }: GateState): string[] {
  if (voided === undefined || voided.length === 0) return [];
  const because = foldLines(
    voided.map((change) => clip(escaped(change), 120)),
    3,
  ).join('; ');
  return [`${sign.warning} Approvals so far are void: ${because}`];
}

function whoLines(gate: Gate, state: GateState): string[] {
  const groups = Object.entries(gate.approvals);
  const wants = groups.map(([group, count]) => `${count} from ${shown(group)}`).join(', ');
  // A person in two groups is counted where needed, so what is still wanted is what one more of a group would fill.
  const count = filled(gate, state.approvals);
  const open = groups.filter(
    ([group]) => filled(gate, [...state.approvals, { by: '', groups: [group] }]) > count,
  );
  const left = groups.length > 1 ? ` · still wanted: ${open.map(([group]) => shown(group)).join(', ')}` : '';
  return [`Needs ${wants}${left}`, ...approvers(state, gate)];
}

function approvers({ approvals }: GateState, gate: Gate): string[] {
  const groupsOf = ({ groups }: Approval) => groups.filter((group) => group in gate.approvals).map(shown);
  return approvals.map(
    (one) => `${sign.done} ${mention(one.by)} · ${groupsOf(one).join(', ')} · ${moment(one.at)}`,
  );
}

function stepTitles(run: Deployment, outline: OutlinePhase, about: About): string[] {
  const titles = outline.steps.map((step) => `• ${stepTitle(run, about.plan, outline.id, step)}`);
  return [`Will run ${titles.length} ${titles.length === 1 ? 'step' : 'steps'}:`, ...foldLines(titles, 9)];
}

function buttons(run: Deployment, phase: string, state: GateState): Press[] {
  if (run.status !== 'running') return [];
  if (state.status === 'expired') {
    const value = encode({ run: run.id, phase });
    return [{ text: 'Ask again', action: action.reopen, value, style: 'primary' }];
  }
  if (state.status !== 'open') return [];
  const value = encode({ run: run.id, phase, digest: run.digest });
  return [
    { text: 'Approve', action: action.approve, value, style: 'primary' },
    { text: 'Reject', action: action.reject, value, style: 'danger' },
  ];
}
