import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isPlaceholder } from '../../../src/steps/code/dotenv-rule.ts';
import { dotenvFaults, softfactoryRules } from '../../../src/steps/code/dotenv-rules.ts';
import { productionValues } from './production-values.ts';

const keys = Object.keys(softfactoryRules);

test('there is a rule for each of the 62 keys of the checklist, in its order', () => {
  const lines = readFileSync(new URL('../../../runbooks/checklist.tsv', import.meta.url), 'utf8').split('\n');

  const listed = lines.filter((line) => line.startsWith('ENV-')).map((line) => line.split('\t')[2]);

  expect(listed).toHaveLength(62);
  expect(keys).toEqual(listed);
});

test('values as production has them are without fault', () => {
  expect(dotenvFaults(productionValues, keys, softfactoryRules)).toEqual([]);
});

const wrong: readonly (readonly [key: string, value: string, fault: string])[] = [
  ['FLASK_ENV', 'development', 'must be production'],
  ['DEBUG', 'True', 'must be False'],
  ['DEBUG', 'false', 'must be False with this spelling; put it in quotes where it is set'],
  ['SECRET_KEY', 'short', 'must have at least 32 characters, it has 5'],
  ['SECRET_KEY', '', 'is empty'],
  ['SECRET_KEY', 'a'.repeat(64), 'repeats a few characters; generate it anew'],
  [
    'SECRET_KEY',
    '<generate: python -c "import secrets; print(secrets.token_hex(32))">',
    'is still a placeholder',
  ],
  ['SECRET_KEY', 'changeme-changeme-changeme-changeme', 'is still a placeholder'],
  [
    'SQLALCHEMY_DATABASE_URI',
    'postgres://app:s3cretPass@db:5432/app',
    'must be an address that begins with postgresql:// or postgresql+psycopg2:// or postgresql+psycopg://',
  ],
  ['SQLALCHEMY_DATABASE_URI', 'postgresql://app@db/app', 'must carry a password'],
  [
    'SQLALCHEMY_DATABASE_URI',
    'postgresql://app:password@db/app',
    'still has a placeholder as its user or password',
  ],
  ['SQLALCHEMY_DATABASE_URI', 'postgresql://app:s3cretPass@db', 'must have something after the host'],
  [
    'SQLALCHEMY_DATABASE_URI',
    'sqlite:///app.db',
    'must be an address that begins with postgresql:// or postgresql+psycopg2:// or postgresql+psycopg://',
  ],
  ['SQLALCHEMY_ECHO', 'True', 'must be False'],
  ['SQLALCHEMY_POOL_SIZE', '0', 'must be an integer from 1 to 200'],
  ['SQLALCHEMY_POOL_SIZE', '20.5', 'must be an integer from 1 to 200'],
  ['SQLALCHEMY_POOL_RECYCLE', '1h', 'must be an integer from 30 to 86400'],
  ['JWT_SECRET_KEY', productionValues.SECRET_KEY ?? '', 'must differ from SECRET_KEY'],
  ['JWT_ALGORITHM', 'none', 'must be one of HS256, HS384, HS512'],
  ['REDIS_URL', 'redis://10.0.0.6:6379/0', 'must carry a password'],
  ['REDIS_URL', 'http://:r3d1s@10.0.0.6/0', 'must be an address that begins with redis:// or rediss://'],
  ['DATABASE_URL', 'postgresql://other:s3cretPass@db/app', 'must be the same as SQLALCHEMY_DATABASE_URI'],
  ['AWS_ACCESS_KEY_ID', 'AKIA...', 'is still a placeholder'],
  [
    'AWS_ACCESS_KEY_ID',
    'ASIAQWERTY1234ASDFGH',
    'must be a long-term access key, AKIA and 16 capital letters and digits',
  ],
  ['AWS_SECRET_ACCESS_KEY', 'abc def', 'must have at least 40 characters, it has 7'],
  ['AWS_S3_BUCKET', 'Not_A_Bucket', 'must be the name of a bucket'],
  ['AWS_S3_REGION', 'virginia1', 'must be a region such as us-east-1'],
  ['CLOUDFRONT_DOMAIN', 'https://d1.cloudfront.net', 'must be a name such as d1234.cloudfront.net'],
  ['STRIPE_PUBLIC_KEY', ['pk', 'test', '51HabcDEFghiJKLmnoPQR'].join('_'), 'must begin with pk_live_'],
  ['STRIPE_SECRET_KEY', ['sk', 'test', '51HabcDEFghiJKLmnoPQR'].join('_'), 'must begin with sk_live_'],
  ['STRIPE_SECRET_KEY', 'sk_live_...', 'is still a placeholder'],
  ['STRIPE_SECRET_KEY', 'sk_live_xxxxxxxxxxxxxxxxxxxxxxxx', 'is still a placeholder'],
  ['STRIPE_WEBHOOK_SECRET', 'abcDEFghiJKLmnoPQR0123456', 'must begin with whsec_'],
  ['GOOGLE_CLIENT_ID', 'xxx.apps.googleusercontent.com', 'is still a placeholder'],
  [
    'GOOGLE_CLIENT_ID',
    '123-abc.apps.google.com',
    'must be a client id that ends with .apps.googleusercontent.com',
  ],
  ['FACEBOOK_APP_ID', 'softfactory', 'must be a number of 5 to 20 digits'],
  ['FACEBOOK_APP_SECRET', 'g'.repeat(32), 'must be 32 hexadecimal digits'],
  ['FIREBASE_PRIVATE_KEY', '-----BEGIN PRIVATE KEY-----...', 'is still a placeholder'],
  [
    'FIREBASE_PRIVATE_KEY',
    '-----BEGIN PRIVATE KEY-----\nMIIE',
    'must be a whole private key in PEM form with its BEGIN and END lines',
  ],
  ['FIREBASE_CLIENT_EMAIL', 'somebody@gmail.com', 'must be an e-mail address at .iam.gserviceaccount.com'],
  ['ELASTICSEARCH_HOST', 'https://es:9200', 'must be a host name without scheme, port and path'],
  ['ELASTICSEARCH_PORT', '70000', 'must be a port, 1 to 65535'],
  [
    'ELASTICSEARCH_PROTOCOL',
    'HTTPS',
    'must be one of https, http with this spelling; put it in quotes where it is set',
  ],
  ['MAIL_PASSWORD', 'SG.xxx...', 'is still a placeholder'],
  ['MAIL_PASSWORD', 'hunter2-hunter2-hunter2-hunter2-', 'must begin with SG.'],
  ['DEFAULT_MAIL_SENDER', 'noreply', 'must be an e-mail address'],
  ['DEFAULT_MAIL_SENDER', 'noreply@yourdomain.com', 'is still a placeholder'],
  ['HOSTNAME', 'https://softfactory.example/', 'must be a host name without scheme, port and path'],
  ['WORKERS', '4  (for Gunicorn)', 'must be an integer from 1 to 64'],
  ['CORS_ALLOWED_ORIGINS', '*', 'is still a placeholder'],
  [
    'CORS_ALLOWED_ORIGINS',
    'https://*.softfactory.example',
    "must be a list of https origins such as https://example.org,https://www.example.org, without '*', spaces and paths",
  ],
  [
    'CORS_ALLOWED_ORIGINS',
    'https://a.example,http://b.example',
    "must be a list of https origins such as https://example.org,https://www.example.org, without '*', spaces and paths",
  ],
  ['LOG_LEVEL', 'DEBUG', 'must be one of WARNING, INFO, ERROR'],
  ['ENABLE_OAUTH_MOCK_MODE', 'True', 'must be False'],
  ['ENABLE_2FA', 'yes', 'must be True or False'],
  ['SENTRY_DSN', 'https://xxx@sentry.io/xxx', 'is still a placeholder'],
  ['SENTRY_DSN', 'https://o1.ingest.sentry.io/7', 'must name a user'],
  ['SENTRY_TRACES_SAMPLE_RATE', '10', 'must be a number from 0 to 1'],
  ['N8N_BASIC_AUTH_PASSWORD', '<strong password>', 'is still a placeholder'],
  ['WEBHOOK_TUNNEL_URL', 'http://n8n.softfactory.example/', 'must be an address that begins with https://'],
];

test.each(wrong)('%s is refused as %j', (key, value, fault) => {
  // What must be the same as the database's address changes with it.
  const also = key === 'SQLALCHEMY_DATABASE_URI' ? { DATABASE_URL: value } : {};

  const faults = dotenvFaults({ ...productionValues, [key]: value, ...also }, keys, softfactoryRules);

  expect(faults).toContain(`${key} ${fault}`);
});

describe('the faults of a file', () => {
  test('are told all at once', () => {
    const { PORT, WORKERS, ...rest } = productionValues;

    const faults = dotenvFaults({ ...rest, DEBUG: 'True', FLASK_DEBUG: '0' }, keys, softfactoryRules);

    expect([PORT, WORKERS]).toEqual(['8000', '4']);
    expect(faults).toEqual([
      'PORT is missing',
      'WORKERS is missing',
      'DEBUG must be False',
      'FLASK_DEBUG is not known; require it or give it a rule',
    ]);
  });

  test('never hold any of a value', () => {
    const secrets = Object.fromEntries(keys.map((key) => [key, `hunter2 ${key}`]));

    const faults = dotenvFaults(secrets, keys, softfactoryRules);

    expect(faults.length).toBeGreaterThan(50);
    expect(faults.join('\n')).not.toContain('hunter2');
  });
});

test.each([
  'xxx',
  'changeme',
  'change-me-please',
  '<secret>',
  '...',
  'YOUR_API_KEY',
  'your-key-here',
  'sk_test_xxxx',
  '***',
])('%s is a placeholder', (value) => expect(isPlaceholder(value)).toBe(true));

test.each(Object.entries(productionValues))('the value of %s is no placeholder', (_key, value) =>
  expect(isPlaceholder(value)).toBe(false),
);
