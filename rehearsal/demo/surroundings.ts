import type { World } from '../world/world.ts';

/** The values of the plan's `${NAME}` that are known only when the world stands. */
export function variablesOf({
  appUrl,
  n8nUrl,
  nameServer,
  repository,
  site,
}: World): Readonly<Record<string, string>> {
  return {
    API_URL: appUrl,
    N8N_URL: n8nUrl,
    ...(repository === undefined ? {} : { REPOSITORY: repository }),
    DOMAIN: site.domain,
    DNS_RESOLVER: nameServer,
    HTTP_PORT: String(site.httpPort),
    HTTPS_PORT: String(site.httpsPort),
  };
}

/** The environment variables that hold the secrets of slipway.yaml. */
export function secretsOf(
  { elasticsearch, redis, secretKey, site, ssh }: World,
  postgresUrl: string,
): Readonly<Record<string, string>> {
  return {
    DEMO_POSTGRES_URL: postgresUrl,
    DEMO_APP_PASSWORD: 'only-for-the-rehearsal',
    DEMO_ELASTICSEARCH_URL: elasticsearch.url,
    DEMO_SECRET_KEY: secretKey,
    DEMO_SSH_KEY: ssh.host.privateKey.reveal(),
    ...(redis && { DEMO_REDIS_URL: redis.url }),
    ...(site.own && {
      DEMO_TLS_CERTIFICATE: site.own.certificate,
      DEMO_TLS_KEY: site.own.key,
      DEMO_TLS_CA: site.own.authority,
    }),
  };
}
