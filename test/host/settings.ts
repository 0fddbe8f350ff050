import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';

/** What the whole host's environment in slipway.yaml is made of, besides its hosts. */
export interface Settings {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

interface Surroundings {
  /** The host's address, and this machine's as the host sees it. */
  readonly address: string;
  readonly outside: string;
  readonly domain: string;
  readonly nameServer: string;
  readonly repository: string;
  readonly elasticsearch: { readonly host: string; readonly port: number; readonly password: string };
  readonly certificate: { readonly chain: string; readonly key: string; readonly authority: string };
}

/** Everything that the plan for SoftFactory takes, with fresh secrets of the right kinds. */
export function wholeHostSettings(about: Surroundings): Settings {
  const { address, outside, domain, elasticsearch, certificate } = about;
  const [postgres, database, redis, jwt] = [password(), password(), password(), hex(64)];
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return {
    variables: {
      DOMAIN: domain,
      WEB_ADDRESS: address,
      DNS_RESOLVER: about.nameServer,
      SLIPWAY_ADDRESS: outside,
      SSH_SOURCES: `${outside}/32`,
      API_URL: `https://${domain}`,
      N8N_URL: `https://n8n.${domain}`,
      DATABASE_HOST: address,
      REDIS_HOST: address,
      REDIS_MAXMEMORY: '512mb',
      DATABASE_NAME: 'softfactory',
      DATABASE_USER: 'softfactory_app',
      ELASTICSEARCH_HOST: elasticsearch.host,
      ELASTICSEARCH_PORT: String(elasticsearch.port),
      ELASTICSEARCH_PROTOCOL: 'http',
      REPOSITORY: about.repository,
      APP_DIRECTORY: '/opt/softfactory',
      BACKUP_DIRECTORY: '/var/backups/softfactory',
      IMAGE: 'softfactory',
      AWS_S3_BUCKET: 'softfactory-uploads',
      AWS_S3_REGION: 'us-east-1',
      CLOUDFRONT_DOMAIN: 'd1a2b3c4d5e6f7.cloudfront.net',
      STRIPE_PUBLIC_KEY: `pk_live_${hex(48)}`,
      GOOGLE_CLIENT_ID: `${digits(12)}-${hex(32)}.apps.googleusercontent.com`,
      FACEBOOK_APP_ID: digits(15),
      FIREBASE_PROJECT_ID: 'softfactory-live',
      FIREBASE_PRIVATE_KEY_ID: hex(40),
      FIREBASE_CLIENT_EMAIL: 'push@softfactory-live.iam.gserviceaccount.com',
      FIREBASE_CLIENT_ID: digits(21),
    },
    secrets: {
      POSTGRES_PASSWORD: postgres,
      POSTGRES_URL: `postgres://postgres:${postgres}@${address}:5432/postgres`,
      DATABASE_PASSWORD: database,
      APP_DATABASE_URL: `postgresql://softfactory_app:${database}@${address}:5432/softfactory`,
      REDIS_PASSWORD: redis,
      REDIS_URL: `redis://:${redis}@${address}:6379/0`,
      ELASTICSEARCH_PASSWORD: elasticsearch.password,
      ELASTICSEARCH_URL: `http://elastic:${elasticsearch.password}@${elasticsearch.host}:${elasticsearch.port}`,
      TLS_CERTIFICATE: certificate.chain,
      TLS_KEY: certificate.key,
      TLS_CA: certificate.authority,
      SECRET_KEY: hex(64),
      JWT_SECRET_KEY: jwt,
      AWS_ACCESS_KEY_ID: `AKIA${hex(16).toUpperCase()}`,
      AWS_SECRET_ACCESS_KEY: randomBytes(30).toString('base64'),
      STRIPE_SECRET_KEY: `sk_live_${hex(48)}`,
      STRIPE_WEBHOOK_SECRET: `whsec_${hex(48)}`,
      GOOGLE_CLIENT_SECRET: `GOCSPX-${hex(28)}`,
      FACEBOOK_APP_SECRET: hex(32),
      KAKAO_REST_API_KEY: hex(32),
      FIREBASE_PRIVATE_KEY: pem.export({ type: 'pkcs8', format: 'pem' }).toString(),
      MAIL_PASSWORD: `SG.${hex(22)}.${hex(43)}`,
      SENTRY_DSN: `https://${hex(32)}@o1.ingest.sentry.io/42`,
      N8N_BASIC_AUTH_PASSWORD: password(),
      SMOKE_TOKEN: bearerToken('smoke', jwt),
    },
  };
}

/** A token as the application itself issues it, for an hour. */
export function bearerToken(name: string, key: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: name, iat: now, exp: now + 3_600 },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function password(): string {
  return randomBytes(24).toString('base64url');
}

function hex(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}

function digits(length: number): string {
  return Array.from(randomBytes(length), (byte) => (byte % 9) + 1).join('');
}
