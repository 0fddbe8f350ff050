import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { GroupEvent } from '../alerts/events.ts';
import type { AlertGroup } from '../alerts/group.ts';

/** What is counted about alerts, for Prometheus; `monitoring/rules/slipway.yaml` names all of it. */
export interface AlertMetrics {
  /** Webhooks by source and outcome: accepted, refused (will not be sent again), unauthorized, unavailable (will be). */
  readonly webhooks: Counter<'source' | 'outcome'>;
  /** Pages by outcome: accepted, refused, unreachable. */
  readonly pages: Counter<'outcome'>;
  /** Escalations that were not kept and had to be carried out by the auditor: late, or asleep. */
  readonly lost: Counter<'found'>;
  /** Alerts that fire in a source's Alertmanager and never reached Slack. */
  readonly drift: Gauge<'source'>;
  /** Seconds from the commit of a group's opening to its first message. */
  readonly toSlack: Histogram<'severity'>;
  /** Counts what happened to a group; to be called once for each change, with the state that it left. */
  readonly observe: (group: AlertGroup, events: readonly GroupEvent[]) => void;
}

const soon = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const later = [30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

/** Registers the metrics of alerts. */
export function createAlertMetrics(registry: Registry): AlertMetrics {
  const registers = [registry];
  const opened = new Counter({
    name: 'slipway_alert_groups_opened_total',
    help: 'How often a group of alerts began to fire.',
    labelNames: ['source', 'severity'],
    registers,
  });
  const toPage = new Histogram({
    name: 'slipway_alert_to_page_seconds',
    help: 'From the opening of a group until PagerDuty accepted it.',
    labelNames: ['severity'],
    buckets: soon,
    registers,
  });
  const toAcknowledge = new Histogram({
    name: 'slipway_alert_acknowledge_seconds',
    help: 'From the opening of a group until somebody acknowledged it (its mean is the MTTA).',
    labelNames: ['severity'],
    buckets: later,
    registers,
  });
  const toResolve = new Histogram({
    name: 'slipway_alert_resolve_seconds',
    help: 'From the opening of a group until nothing of it fired any more (its mean is the MTTR).',
    labelNames: ['severity'],
    buckets: later,
    registers,
  });
  const pages = new Counter({
    name: 'slipway_pages_total',
    help: 'Calls to PagerDuty by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  return {
    webhooks: new Counter({
      name: 'slipway_alert_webhooks_total',
      help: 'Webhooks of Alertmanager by source and outcome.',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    pages,
    lost: new Counter({
      name: 'slipway_alert_escalations_lost_total',
      help: 'Steps of escalations that were not taken in time and had to be carried out by the auditor.',
      labelNames: ['found'],
      registers,
    }),
    drift: new Gauge({
      name: 'slipway_alert_drift',
      help: 'Alerts that fire in a source and never reached Slack.',
      labelNames: ['source'],
      registers,
    }),
    toSlack: new Histogram({
      name: 'slipway_alert_to_slack_seconds',
      help: 'From the opening of a group until its message stood in Slack.',
      labelNames: ['severity'],
      buckets: soon,
      registers,
    }),
    observe: ({ source, openedAt, routing: { severity } }, events) => {
      for (const event of events) {
        const seconds = Math.max(0, event.at - openedAt) / 1_000;
        if (event.type === 'GroupOpened') opened.inc({ source, severity });
        if (event.type === 'Acknowledged') toAcknowledge.observe({ severity }, seconds);
        if (event.type === 'GroupClosed') toResolve.observe({ severity }, seconds);
        if (event.type === 'PageTold') pages.inc({ outcome: 'accepted' });
        if (event.type === 'PageTold' && event.status === 'triggered') toPage.observe({ severity }, seconds);
        if (event.type === 'PageRefused') pages.inc({ outcome: 'refused' });
      }
    },
  };
}
