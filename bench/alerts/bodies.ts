/** How many webhooks each group gets: each tells of one alert more than the one before. */
const deliveriesPerGroup = 10;

/** The body of the webhook number `index` of a sender: every one brings an alert that was not known. */
export function bodyOf(sender: number, index: number): string {
  const group = `${sender}-${Math.floor(index / deliveriesPerGroup)}`;
  const count = (index % deliveriesPerGroup) + 1;
  const groupLabels = { alertname: 'HighLatency', service: group };
  const alerts = Array.from({ length: count }, (_, number) => ({
    status: 'firing',
    labels: { ...groupLabels, instance: `host-${number}:9100`, job: 'node', severity: 'warning' },
    annotations: { summary: `Latency of ${group} is above 500 ms`, value: `${500 + number}` },
    startsAt: '2026-11-22T03:04:05.678Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.bench:9090/graph?g0.expr=latency&g0.tab=1',
    fingerprint: number.toString(16).padStart(16, '0'),
  }));
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{alertname="HighLatency", service="${group}"}`,
    truncatedAlerts: 0,
    receiver: 'slipway',
    status: 'firing',
    groupLabels,
    commonLabels: { ...groupLabels, job: 'node', severity: 'warning' },
    commonAnnotations: {},
    externalURL: 'http://alertmanager.bench:9093',
    alerts,
  });
}
