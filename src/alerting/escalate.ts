import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { AlertGroup, Escalation, Instant } from '../alerts/group.ts';
import type { AlertSettings, PolicyStep, Recipient } from '../alerts/settings.ts';
import { reasonOf } from '../reason-of.ts';
import type { Alerts } from './alerts.ts';
import type { OnCall } from './on-call.ts';

/** What escalating needs of the rest. */
export interface EscalateParts {
  readonly alerts: Pick<Alerts, 'find' | 'handle'>;
  readonly policies: AlertSettings['policies'];
  /** The names of PagerDuty's routing keys that are configured. */
  readonly keys: readonly string[];
  readonly onCall: Pick<OnCall, 'who'>;
  /** The Slack user ids of everybody in a group of the configuration. */
  readonly members: (group: string) => Promise<readonly string[]>;
  readonly now: () => Instant;
}

const EscalateJob = z.object({ group: z.string(), round: z.number(), step: z.number() });

/** The clock of the queue may be this far ahead of ours, in milliseconds; a timer that is earlier is that of an older wait. */
const clockSkew = 5_000;

/** For how long it is tried to find out whom a step tells before the step counts as one that found nobody, in milliseconds. */
const patience = 60_000;

/**
 * Works on a job `escalate` of the queue `timers`: takes the step of the policy that is due, which finds whom to tell and records
 * it; telling follows from the state. A timer that is stale does nothing. Throws what trying again may help.
 */
export function escalateWork(parts: EscalateParts): (data: unknown) => Promise<void> {
  return async (data) => {
    const { group: id, round, step } = EscalateJob.parse(data);
    const isAt = (group: AlertGroup | undefined): group is EscalatingGroup =>
      isEscalating(group) && group.round === round && group.escalation.step === step;
    const before = await parts.alerts.find(id);
    if (!isAt(before)) return;
    const early = before.escalation.nextAt - parts.now();
    if (early > clockSkew) return;
    if (early > 0) await delay(early);
    const group = early > 0 ? await parts.alerts.find(id) : before;
    if (isAt(group)) await takeStep(parts, group);
  };
}

/** A group whose escalation runs. */
export type EscalatingGroup = AlertGroup & { readonly escalation: Escalation };

export function isEscalating(group: AlertGroup | undefined): group is EscalatingGroup {
  return group?.status === 'firing' && group.escalation?.status === 'running';
}

/** Takes the next step of a group's escalation; the rules ignore it when it is no longer due. */
export async function takeStep(parts: EscalateParts, group: EscalatingGroup): Promise<void> {
  const { policy, step, nextAt } = group.escalation;
  const steps = Object.hasOwn(parts.policies, policy) ? parts.policies[policy] : undefined;
  const took = steps?.[step] ?? gone(policy);
  const found = steps?.[step] === undefined ? noStep(policy, step) : await find(parts, took, nextAt);
  const after = steps?.[step + 1];
  // Who waits for nobody waits in vain.
  const isEmpty = found.people.length === 0 && found.isPaged !== true;
  const because =
    isEmpty && after !== undefined ? `${found.because}; the next step is taken at once` : found.because;
  await parts.alerts.handle(group.id, {
    type: 'Escalate',
    round: group.round,
    step,
    took,
    people: found.people,
    dedupKey: group.dedupKey,
    ...(because === undefined ? {} : { because }),
    ...(after === undefined ? {} : { next: isEmpty ? 0 : after.wait }),
  });
}

interface Found {
  readonly people: readonly string[];
  readonly isPaged?: boolean;
  /** What could not be done, or how sure it is. */
  readonly because?: string;
}

/** A policy that is no longer configured has nobody to tell; the record keeps its name. */
function gone(policy: string): PolicyStep {
  return { wait: 0, tell: { group: policy } };
}

function noStep(policy: string, step: number): Found {
  return { people: [], because: `the policy ${policy} of slipway.yaml has no step ${step + 1}` };
}

async function find(parts: EscalateParts, { tell }: PolicyStep, nextAt: Instant): Promise<Found> {
  const found = await ask(parts, tell).catch((error: unknown): Found => {
    if (parts.now() < nextAt + patience) throw error;
    return { people: [], because: reasonOf(error) };
  });
  if (found.people.length > 0 || found.isPaged === true) return found;
  const nobody = nobodyIn(tell);
  return { ...found, because: found.because === undefined ? nobody : `${nobody} (${found.because})` };
}

async function ask({ onCall, members, keys, now }: EscalateParts, tell: Recipient): Promise<Found> {
  if ('page' in tell) {
    if (keys.includes(tell.page)) return { people: [], isPaged: true };
    return { people: [], because: `there is no routing key ${tell.page}` };
  }
  if ('group' in tell) return { people: await members(tell.group) };
  const { because, ...duty } = await onCall.who(tell.schedule, now());
  const person = duty[tell.who];
  return { people: person === undefined ? [] : [person], ...(because === undefined ? {} : { because }) };
}

function nobodyIn(tell: Recipient): string {
  if ('page' in tell) return `PagerDuty cannot be told through ${tell.page}`;
  if ('group' in tell) return `nobody is in the group ${tell.group}`;
  return tell.who === 'now'
    ? `nobody is on call in ${tell.schedule}`
    : `nobody is next on call in ${tell.schedule}`;
}
