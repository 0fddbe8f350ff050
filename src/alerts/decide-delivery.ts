import type { Decision } from '../deploy/decision.ts';
import { accept } from '../deploy/decision.ts';
import { severities } from './alert.ts';
import { boundedAddress, boundedKey, boundedLabels, bounds, clipped } from './bounds.ts';
import type { GroupCommand } from './commands.ts';
import type { Settled } from './episode.ts';
import { equalLabels, settleDelivery } from './episode.ts';
import type { UntimedGroupEvent } from './events.ts';
import { flaps } from './flapping.ts';
import type { AlertGroup, Instant } from './group.ts';
import { someOf } from './labels-shown.ts';
import { wantPages } from './pages-of.ts';
import { inForce } from './silences-of.ts';
import { stampOf } from './stamp.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;
type About = Pick<AlertGroup, 'commonLabels' | 'commonAnnotations' | 'externalUrl' | 'truncated'>;

const relatedKept = 10;

/** Rules for what a source tells: alerts fire and end, and with them the group opens and closes. */
export function decideDelivery(
  group: AlertGroup | undefined,
  command: Deliver,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const settled = settleDelivery(group, command);
  if (settled === undefined) return accept();
  const about = aboutOf(group, command, settled);
  const told = { ...about, delivery: command.delivery };
  const counts = { firing: settled.firing, resolved: settled.ended };
  const { fired, resolved } = settled;
  const alone = { ...counts, resolved: counts.resolved - resolved.length };
  const common = about.commonLabels;
  const alerts: readonly UntimedGroupEvent[] = [
    ...(fired.length === 0
      ? []
      : [
          {
            type: 'AlertsFired' as const,
            opens: settled.opens,
            count: fired.length,
            some: someOf(fired, common),
            ...alone,
            firing: (settled.opens ? 0 : (group?.firing ?? 0)) + fired.length,
            ...told,
          },
        ]),
    ...(resolved.length === 0
      ? []
      : [
          {
            type: 'AlertsResolved' as const,
            count: resolved.length,
            some: someOf(resolved, common),
            ...counts,
            ...told,
          },
        ]),
  ];
  if (settled.opens) {
    return accept(...opened(group, command, settled, about, now), ...alerts, ...started(group, command, now));
  }
  if (group === undefined) {
    if (settled.rows.length === 0) return accept();
    const { routing } = command.ruling;
    return accept({ type: 'GroupNoted', routing, ...identityOf(command), ...told });
  }
  const described: readonly UntimedGroupEvent[] =
    alerts.length === 0 && (settled.rows.length > 0 || saysMore(group, about))
      ? [{ type: 'GroupDescribed', ...told }]
      : [];
  return accept(
    ...alerts,
    ...described,
    ...endedSilences(group, command, settled, now),
    ...closed(group, command, settled, now),
  );
}

/** Text that is wrong is cleaned where it comes in; what is kept in the state is bounded here all the same. */
function identityOf({ id, source, receiver, groupKey, groupLabels, ruling }: Deliver) {
  return {
    id,
    source,
    receiver: clipped(receiver, bounds.name),
    groupKey: boundedKey(groupKey),
    groupLabels: boundedLabels(Object.entries(groupLabels)),
    dedupKey: ruling.dedupKey,
  };
}

/** What is said of the whole group counts only when the delivery knows the whole group. */
function aboutOf(group: AlertGroup | undefined, command: Deliver, { opens, isWhole }: Settled): About {
  const externalUrl = boundedAddress(command.externalUrl);
  if (group !== undefined && !opens && !isWhole) {
    const { commonLabels, commonAnnotations, truncated } = group;
    return { commonLabels, commonAnnotations, truncated, externalUrl };
  }
  return {
    commonLabels: boundedLabels(Object.entries(command.commonLabels)),
    commonAnnotations: boundedLabels(Object.entries(command.commonAnnotations)),
    truncated: command.truncated,
    externalUrl,
  };
}

/** Peers have different addresses, which is no news. */
function saysMore(group: AlertGroup, about: About): boolean {
  return (
    group.status === 'firing' &&
    !(
      group.truncated === about.truncated &&
      equalLabels(group.commonLabels, about.commonLabels) &&
      equalLabels(group.commonAnnotations, about.commonAnnotations)
    )
  );
}

function opened(
  group: AlertGroup | undefined,
  command: Deliver,
  { round, fired }: Settled,
  about: About,
  now: Instant,
): readonly UntimedGroupEvent[] {
  const { ruling, delivery } = command;
  return [
    {
      type: 'GroupOpened',
      round,
      routing: ruling.routing,
      since: fired.map(({ startsAt }) => startsAt).toSorted()[0] ?? stampOf(now),
      flapping: flaps(group?.openings ?? [], now, ruling.flapping),
      staysAcknowledged: staysAcknowledged(group, command, now),
      related: ruling.related.slice(0, relatedKept),
      delivery,
      ...about,
      ...identityOf(command),
    },
  ];
}

/** A group that flaps is one trouble: who has it in hand is not called again, unless it became worse. */
function staysAcknowledged(
  group: AlertGroup | undefined,
  { ruling: { flapping, routing } }: Deliver,
  now: Instant,
): boolean {
  if (group?.acknowledged === undefined || !flaps(group.openings, now, flapping)) return false;
  const isWorse = severities.indexOf(routing.severity) < severities.indexOf(group.routing.severity);
  return group.acknowledged.at > now - flapping.within && !isWorse;
}

/** Whoever has to be told of an opening. */
function started(
  group: AlertGroup | undefined,
  command: Deliver,
  now: Instant,
): readonly UntimedGroupEvent[] {
  if (staysAcknowledged(group, command, now)) return [];
  const {
    routing: { policy, page },
    escalateAfter,
    dedupKey,
  } = command.ruling;
  const events: UntimedGroupEvent[] = [];
  if (policy !== undefined && escalateAfter !== undefined) {
    events.push({ type: 'EscalationStarted', policy, step: 0, nextAt: now + escalateAfter });
  }
  if (page !== undefined) {
    events.push({ type: 'PageWanted', page: { key: page, dedupKey, wanted: 'triggered' } });
  }
  return events;
}

function closed(
  group: AlertGroup,
  command: Deliver,
  { firing, resolved, isWhole }: Settled,
  now: Instant,
): readonly UntimedGroupEvent[] {
  if (group.status === 'resolved' || firing > 0 || command.truncated > 0) return [];
  // An old delivery in which nothing fires proves nothing; what ended by this one does, and an empty look at Alertmanager too.
  const isProof = resolved.length > 0 || isWhole || (command.via === 'poll' && command.alerts.length === 0);
  if (!isProof) return [];
  const isEnding = command.ruling.endSilences && !group.flapping;
  const ending = isEnding ? group.silences.filter((silence) => inForce(silence, now)) : [];
  return [
    { type: 'GroupClosed', because: command.via === 'poll' ? 'gone' : 'resolved' },
    ...(group.escalation?.status === 'running' ? [{ type: 'EscalationStopped' as const }] : []),
    ...wantPages(group, 'resolved'),
    ...ending
      .filter(({ scope }) => !endsWith(scope, resolved))
      .map(({ number }) => endOfSilence(number, now)),
  ];
}

/** The silence of one alert ends with that alert. */
function endedSilences(
  group: AlertGroup,
  { ruling: { endSilences } }: Deliver,
  { resolved }: Settled,
  now: Instant,
): readonly UntimedGroupEvent[] {
  if (!endSilences || group.flapping) return [];
  return group.silences
    .filter((silence) => inForce(silence, now) && endsWith(silence.scope, resolved))
    .map(({ number }) => endOfSilence(number, now));
}

function endsWith(scope: string, resolved: Settled['resolved']): boolean {
  return scope !== 'group' && resolved.some(({ fingerprint }) => fingerprint === scope);
}

function endOfSilence(number: number, now: Instant): UntimedGroupEvent {
  return { type: 'SilenceChanged', number, until: now, by: { via: 'slipway', id: 'slipway' } };
}
