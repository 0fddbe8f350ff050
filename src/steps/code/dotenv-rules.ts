import { type DotenvRule, faultOf } from './dotenv-rule.ts';

const text = (min: number, matches?: string, form?: string): DotenvRule => ({
  is: 'text',
  min,
  ...(matches === undefined ? {} : { matches }),
  ...(form === undefined ? {} : { form }),
});
const equal = (to: string): DotenvRule => ({ is: 'equal', to });
const integer = (min: number, max: number): DotenvRule => ({ is: 'integer', min, max });
const secret = (min: number, begins?: string, differsFrom: string[] = []): DotenvRule => ({
  is: 'secret',
  min,
  differsFrom,
  ...(begins === undefined ? {} : { begins }),
});
const https: DotenvRule = { is: 'url', schemes: ['https'], user: false, password: false, path: false };

/** A month in seconds, the longest that a token or a cache entry may sensibly live. */
const month = 31 * 86_400;

/**
 * What each of the 62 keys of the checklist must be in production. Vendors' forms: AWS
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, Stripe https://docs.stripe.com/keys, Google
 * https://cloud.google.com/resource-manager/docs/creating-managing-projects, SendGrid
 * https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api. SQLAlchemy 1.4 and later know the
 * scheme postgresql, but not postgres (https://docs.sqlalchemy.org/en/20/changelog/changelog_14.html).
 */
export const softfactoryRules: Readonly<Record<string, DotenvRule>> = {
  FLASK_ENV: equal('production'),
  DEBUG: equal('False'),
  SECRET_KEY: secret(32, undefined, ['JWT_SECRET_KEY']),
  SQLALCHEMY_DATABASE_URI: {
    is: 'url',
    schemes: ['postgresql', 'postgresql+psycopg2', 'postgresql+psycopg'],
    user: true,
    password: true,
    path: true,
  },
  SQLALCHEMY_ECHO: equal('False'),
  SQLALCHEMY_POOL_SIZE: integer(1, 200),
  SQLALCHEMY_POOL_RECYCLE: integer(30, 86_400),
  JWT_SECRET_KEY: secret(32, undefined, ['SECRET_KEY']),
  JWT_ALGORITHM: { is: 'oneOf', values: ['HS256', 'HS384', 'HS512'] },
  JWT_ACCESS_TOKEN_EXPIRES: integer(60, 86_400),
  JWT_REFRESH_TOKEN_EXPIRES: integer(3_600, 12 * month),
  REDIS_URL: { is: 'url', schemes: ['redis', 'rediss'], user: false, password: true, path: false },
  REDIS_CACHE_TTL: integer(1, month),
  REDIS_SESSION_TTL: integer(60, month),
  DATABASE_URL: { is: 'sameAs', key: 'SQLALCHEMY_DATABASE_URI' },
  AWS_ACCESS_KEY_ID: text(
    20,
    'AKIA[A-Z0-9]{16}',
    'a long-term access key, AKIA and 16 capital letters and digits',
  ),
  AWS_SECRET_ACCESS_KEY: text(40, '[A-Za-z0-9/+=]{40}', 'the 40 characters that belong to the access key'),
  AWS_S3_BUCKET: text(3, '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]', 'the name of a bucket'),
  AWS_S3_REGION: text(9, '[a-z]{2}(-[a-z]+){1,3}-\\d', 'a region such as us-east-1'),
  CLOUDFRONT_DOMAIN: text(1, 'd[a-z0-9]+\\.cloudfront\\.net', 'a name such as d1234.cloudfront.net'),
  STRIPE_PUBLIC_KEY: secret(24, 'pk_live_'),
  STRIPE_SECRET_KEY: secret(24, 'sk_live_'),
  STRIPE_WEBHOOK_SECRET: secret(24, 'whsec_'),
  GOOGLE_CLIENT_ID: text(
    1,
    '[a-z0-9-]+\\.apps\\.googleusercontent\\.com',
    'a client id that ends with .apps.googleusercontent.com',
  ),
  GOOGLE_CLIENT_SECRET: secret(16),
  FACEBOOK_APP_ID: text(5, '\\d{5,20}', 'a number of 5 to 20 digits'),
  FACEBOOK_APP_SECRET: text(32, '[0-9a-f]{32}', '32 hexadecimal digits'),
  KAKAO_REST_API_KEY: text(32, '[0-9a-f]{32}', '32 hexadecimal digits'),
  FIREBASE_PROJECT_ID: text(
    6,
    '[a-z][a-z0-9-]{4,28}[a-z0-9]',
    'a project id of small letters, digits and hyphens',
  ),
  FIREBASE_PRIVATE_KEY_ID: text(40, '[0-9a-f]{40}', '40 hexadecimal digits'),
  FIREBASE_PRIVATE_KEY: { is: 'pemKey' },
  FIREBASE_CLIENT_EMAIL: { is: 'eMail', domain: '.iam.gserviceaccount.com' },
  FIREBASE_CLIENT_ID: text(5, '\\d{5,30}', 'a number of 5 to 30 digits'),
  ELASTICSEARCH_HOST: { is: 'hostName' },
  ELASTICSEARCH_PORT: { is: 'port' },
  ELASTICSEARCH_PROTOCOL: { is: 'oneOf', values: ['https', 'http'] },
  ELASTICSEARCH_USERNAME: text(1),
  ELASTICSEARCH_PASSWORD: secret(12),
  MAIL_SERVER: { is: 'hostName' },
  MAIL_PORT: { is: 'port' },
  MAIL_USERNAME: text(1),
  MAIL_PASSWORD: secret(32, 'SG.'),
  DEFAULT_MAIL_SENDER: { is: 'eMail' },
  ENVIRONMENT: equal('production'),
  HOSTNAME: { is: 'hostName' },
  PORT: { is: 'port' },
  WORKERS: integer(1, 64),
  CORS_ALLOWED_ORIGINS: { is: 'origins' },
  LOG_LEVEL: { is: 'oneOf', values: ['WARNING', 'INFO', 'ERROR'] },
  ENABLE_OAUTH_MOCK_MODE: equal('False'),
  ENABLE_2FA: { is: 'boolean' },
  ENABLE_PWA: { is: 'boolean' },
  ENABLE_WEBSOCKET: { is: 'boolean' },
  ENABLE_ELASTICSEARCH: { is: 'boolean' },
  SENTRY_DSN: { is: 'url', schemes: ['https'], user: true, password: false, path: true },
  SENTRY_ENVIRONMENT: equal('production'),
  SENTRY_TRACES_SAMPLE_RATE: { is: 'number', min: 0, max: 1 },
  N8N_HOST: { is: 'hostName' },
  N8N_PROTOCOL: equal('https'),
  N8N_BASIC_AUTH_USER: text(1),
  N8N_BASIC_AUTH_PASSWORD: secret(12),
  WEBHOOK_TUNNEL_URL: https,
};

/**
 * Everything that is wrong with the values of an environment file, each as words that begin with the key: missing keys, keys that
 * nobody asked for, and values against their rules. No words hold any of a value.
 */
export function dotenvFaults(
  values: Readonly<Record<string, string>>,
  required: readonly string[],
  rules: Readonly<Record<string, DotenvRule>>,
): readonly string[] {
  const otherValue = (key: string) => (Object.hasOwn(values, key) ? values[key] : undefined);
  const missing = required.filter((key) => otherValue(key) === undefined).map((key) => `${key} is missing`);
  const wrong = Object.entries(values).flatMap(([key, value]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined && !required.includes(key))
      return [`${key} is not known; require it or give it a rule`];
    const fault = faultOf(rule ?? { is: 'text', min: 1 }, value, otherValue);
    return fault === undefined ? [] : [`${key} ${fault}`];
  });
  return [...missing, ...wrong];
}
