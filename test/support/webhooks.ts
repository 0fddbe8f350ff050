/** An alert as Alertmanager's webhook sends it: firing since a moment, with a fingerprint of its number. */
export function alertBody(number: number, about: Readonly<Record<string, unknown>> = {}) {
  return {
    status: 'firing',
    labels: { alertname: 'Slow', instance: `host-${number}` },
    annotations: { summary: 'It is slow' },
    startsAt: '2026-11-22T03:04:05.678Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.test/graph',
    fingerprint: number.toString(16).padStart(16, '0'),
    ...about,
  };
}

/** The body of Alertmanager's webhook with one firing alert, unless it is said otherwise. */
export function webhookBody(about: Readonly<Record<string, unknown>> = {}) {
  return {
    version: '4',
    groupKey: '{}:{alertname="Slow"}',
    truncatedAlerts: 0,
    receiver: 'slipway',
    status: 'firing',
    groupLabels: { alertname: 'Slow' },
    commonLabels: { alertname: 'Slow' },
    commonAnnotations: { summary: 'It is slow' },
    externalURL: 'http://alertmanager-1.test:9093',
    alerts: [alertBody(1)],
    ...about,
  };
}
