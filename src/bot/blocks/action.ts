import { z } from 'zod';
import { Severity } from '../../deploy/plan.ts';
import { limits } from './limits.ts';

/** The action ids of all buttons; in one row a repeated one carries `:1`, `:2` …, which `listensTo` allows for. */
export const action = {
  approve: 'gate.approve',
  reject: 'gate.reject',
  reopen: 'gate.reopen',
  retry: 'phase.retry',
  phaseDetails: 'phase.details',
  skip: 'step.skip',
  answer: 'step.answer',
  settle: 'step.settle',
  stepDetails: 'step.details',
  detailsPage: 'details.page',
  detailsFile: 'details.file',
  goOn: 'run.continue',
  abort: 'run.abort',
  rollBack: 'run.roll-back',
  plan: 'run.plan',
  acknowledge: 'alert.acknowledge',
  unacknowledge: 'alert.unacknowledge',
  silence: 'alert.silence',
  silenceChoice: 'alert.silence-choice',
  extendSilence: 'alert.extend-silence',
  endSilence: 'alert.end-silence',
  escalate: 'alert.escalate',
  resolve: 'alert.resolve',
  alertsFile: 'alert.file',
  link: 'link',
  runbook: 'alert.runbook',
  declare: 'alert.declare',
  openRunbook: 'runbook.open',
  walkMore: 'walk.more',
  tick: 'walk.tick',
  untick: 'walk.untick',
  finding: 'walk.finding',
  remark: 'walk.remark',
  runStep: 'walk.run',
  approveStep: 'walk.approve-step',
  declineStep: 'walk.decline-step',
  stepEvidence: 'walk.evidence',
  incidentUpdate: 'incident.update',
  incidentRole: 'incident.role',
  incidentResolve: 'incident.resolve',
  incidentReopen: 'incident.reopen',
  incidentTimeline: 'incident.timeline',
  incidentNotice: 'incident.notice',
  approveNotice: 'incident.approve-notice',
  declineNotice: 'incident.decline-notice',
  addAction: 'incident.add-action',
  actionDone: 'incident.action-done',
  reviewFile: 'incident.review-file',
  reviewDone: 'incident.review-done',
} as const;

/** The callback ids of all modals. */
export const modal = {
  reject: 'modal.reject',
  skip: 'modal.skip',
  answer: 'modal.answer',
  settle: 'modal.settle',
  goOn: 'modal.continue',
  abort: 'modal.abort',
  rollBack: 'modal.roll-back',
  details: 'modal.details',
  unlock: 'modal.unlock',
  silence: 'modal.silence',
  finding: 'modal.finding',
  remark: 'modal.remark',
  stepEvidence: 'modal.step-evidence',
  declare: 'modal.declare',
  incidentUpdate: 'modal.incident-update',
  incidentRole: 'modal.incident-role',
  incidentResolve: 'modal.incident-resolve',
  incidentReopen: 'modal.incident-reopen',
  incidentNotice: 'modal.incident-notice',
  addAction: 'modal.add-action',
  reviewDone: 'modal.review-done',
} as const;

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,149}$/);

const about = {
  phase: Name.optional(),
  step: Name.optional(),
  /** What the message showed as about to run; an approval holds for nothing else. */
  digest: Name.optional(),
  verdict: z.enum(['done', 'again']).optional(),
  severity: Severity.optional(),
  page: z.int().min(1).max(10_000).optional(),
};

/** What a button is about, as its value carries it. */
export const Reference = z.strictObject({ run: Name, ...about });

/** What a modal is about, as its private_metadata carries it; `channel` and `message` are where its button stood. */
export const Metadata = z.strictObject({
  run: Name.optional(),
  environment: Name.optional(),
  channel: Name.optional(),
  message: Name.optional(),
  ...about,
});

export type Reference = z.output<typeof Reference>;
export type Metadata = z.output<typeof Metadata>;

/** A button's value of at most 2000 characters; throws a ZodError for a name that no run, phase or step can have. */
export function encode(reference: Reference): string {
  return carry(Reference.parse(reference), limits.buttonValue);
}

/** What a button's value says, or undefined when `encode` cannot have written it. */
export function parse(value: unknown): Reference | undefined {
  return Reference.safeParse(carried(value)).data;
}

/** A modal's private_metadata of at most 3000 characters; throws a ZodError for a name that nothing can have. */
export function encodeMetadata(metadata: Metadata): string {
  return carry(Metadata.parse(metadata), limits.metadata);
}

/** What a modal's private_metadata says, or undefined when `encodeMetadata` cannot have written it. */
export function parseMetadata(text: unknown): Metadata | undefined {
  return Metadata.safeParse(carried(text)).data;
}

/** The pattern under which a listener finds all buttons of an action. */
export function listensTo(id: string): RegExp {
  return new RegExp(`^${id.replaceAll('.', '\\.')}(:\\d+)?$`);
}

/** A value as a button or modal carries it; throws a RangeError for more than `limit` characters, which cannot be cut. */
export function carry(value: unknown, limit: number): string {
  const text = JSON.stringify(value);
  if (text.length > limit) throw new RangeError(`${text.length} characters do not fit into ${limit}`);
  return text;
}

/** What was carried, still to be checked, or undefined for what `carry` cannot have written. */
export function carried(text: unknown): unknown {
  if (typeof text !== 'string' || text.length > limits.metadata) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
