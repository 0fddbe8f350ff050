/** An alert as Prometheus posts it; times are milliseconds since 1970. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt?: number;
  /** In the past: it has ended. Left out: Alertmanager ends it when nobody repeats it for five minutes. */
  readonly endsAt?: number;
  readonly generatorURL?: string;
}

/** Posts alerts to all peers, as Prometheus does (https://prometheus.io/docs/alerting/latest/alerts_api/); a dead peer is left out. */
export async function sendAlerts(
  urls: string | readonly string[],
  alerts: readonly PostedAlert[],
): Promise<void> {
  const body = JSON.stringify(
    alerts.map(({ startsAt, endsAt, ...alert }) => ({
      ...alert,
      ...(startsAt === undefined ? {} : { startsAt: new Date(startsAt).toISOString() }),
      ...(endsAt === undefined ? {} : { endsAt: new Date(endsAt).toISOString() }),
    })),
  );
  const headers = { 'content-type': 'application/json' };
  await Promise.all(
    [urls].flat().map(async (url) => {
      const sent = fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body });
      const response = await sent.catch(() => undefined);
      const said = await response?.text();
      if (response !== undefined && !response.ok)
        throw new Error(`${url} answered ${response.status}: ${said}`);
    }),
  );
}
