import { expect, test } from 'vitest';
import { secretAnchors, secretKinds } from '../../../src/steps/code/secret-rules.ts';

// Put together here, so that no scanner takes these for real ones.
const j = (...parts: string[]) => parts.join('');
const hex = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const random = 'q7Rt2Zk9Lm4Xw8Pv3Ns6Bd1Fh5Jc0';

const secrets: readonly (readonly [line: string, kind: string])[] = [
  [j('aws_access_key_id = AK', 'IAQWERTY1234ASDFGH'), 'AWS access key'],
  [j('"AS', 'IAZX9CVB8NM7LKJ6HG",'), 'AWS access key'],
  [
    j('aws_secret_access_key=', 'wJalrXU5nFEM1K7MDENGbPxRf9CYq2ZtUv8Lp3Ks'),
    'random value under a telling name',
  ],
  [j("stripe.api_key = 'sk_", "live_51HabcDEFghiJKLmnoPQR'"), 'Stripe key'],
  [j('STRIPE_SECRET_KEY=sk_', 'test_4eC39HqLyjWDarjtT1zdp7dc'), 'Stripe key'],
  [j('restricted: rk_', 'live_51HabcDEFghiJKLmnoPQR'), 'Stripe key'],
  [j('endpoint_secret = "whs', 'ec_a1B2c3D4e5F6g7H8i9J0k1L2"'), 'Stripe webhook secret'],
  [j("const maps = 'AI", "zaSyD4x7Qw2Er9Ty6Ui3Op0As5Df8Gh1JkLzX'"), 'Google API key'],
  [j('client_secret: GOC', 'SPX-a1B2c3D4e5F6g7H8i9J0k1L2m3N4'), 'Google client secret'],
  [j('SLACK_BOT_TOKEN=xo', 'xb-1234509876-5432109876-a1B2c3D4e5F6g7H8i9J0'), 'Slack token'],
  [j('xa', 'pp-1-A0B1C2D3E4-1234567890123-a1b2c3d4e5f6'), 'Slack token'],
  [
    j('curl https://hooks.sl', 'ack.com/services/T0A1B2C3D/B4E5F6G7H/a1B2c3D4e5F6g7H8i9J0k1L2'),
    'Slack webhook address',
  ],
  [j('token: gh', 'p_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'), 'GitHub token'],
  [j('git', 'hub_pat_11ABCDEFG0a1B2c3D4e5F6_g7H8i9J0k1L2m3N4o5P6q7R8s9T0'), 'GitHub token'],
  [j('GITLAB=gl', 'pat-a1B2c3D4e5F6g7H8i9J0'), 'GitLab token'],
  [j('//registry/:_authToken=np', 'm_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'), 'npm token'],
  [
    j("MAIL_PASSWORD='S", "G.a1B2c3D4e5F6g7H8i9J0k1.L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g'"),
    'SendGrid key',
  ],
  [j('-----BEGIN ', 'PRIVATE KEY-----'), 'private key'],
  [j('key = """-----BEGIN RSA ', 'PRIVATE KEY-----'), 'private key'],
  [j('-----BEGIN OPENSSH ', 'PRIVATE KEY-----'), 'private key'],
  [j('"private_key": "-----BEGIN ', 'PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC"'), 'private key'],
  [
    j(
      'Authorization: Bearer ey',
      'JhbGciOiJIUzI1NiJ9.ey',
      'JzdWIiOiI5ODc2NTQzMjEwIn0.',
      'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    ),
    'JSON web token',
  ],
  ['DATABASE_URL=postgresql://app:Tr4v3l-db@db.internal:5432/app', 'password in an address'],
  ["redis.from_url('redis://:r3d1s-Pa55@10.0.0.6:6379/0')", 'password in an address'],
  ['git clone https://deploy:h7Gt5Re2@git.softfactory.io/app.git', 'password in an address'],
  [`SQL = "mysql://root:${random}@localhost/app"`, 'password in an address'],
  [`SECRET_KEY = '${hex}'`, 'random value under a telling name'],
  [`SECRET_KEY=${hex}`, 'random value under a telling name'],
  [`app.config["JWT_SECRET_KEY"] = "${random}"`, 'random value under a telling name'],
  [`  "secretKey": "${random}",`, 'random value under a telling name'],
  [`  jwt_secret: ${random}`, 'random value under a telling name'],
  [`os.environ.get('SECRET_KEY', '${random}')`, 'random value under a telling name'],
  [`const apiKey = \`${random}\`;`, 'random value under a telling name'],
  [`PASSWORD := "${random}"`, 'random value under a telling name'],
  [`:password => '${random}'`, 'random value under a telling name'],
  [`db_password = b'${random}'`, 'random value under a telling name'],
  [`KAKAO_REST_API_KEY=${hex.slice(0, 32)}`, 'random value under a telling name'],
  [`<input name="csrf_token" data-token="${random}">`, 'random value under a telling name'],
];

const harmless: readonly string[] = [
  'def task_live_update(task_test_1234567890abcdefghij):',
  'risk_live_1234567890abcdefghijkl = compute()',
  'disk_test_results_of_the_last_month',
  'from celery import task_prerun, task_postrun',
  'STRIPE_SECRET_KEY=sk_live_...',
  'STRIPE_SECRET_KEY=sk_live_xxxxxxxxxxxxxxxxxxxxxxxx',
  'STRIPE_PUBLIC_KEY=pk_live_...',
  'STRIPE_WEBHOOK_SECRET=whsec_...',
  'AWS_ACCESS_KEY_ID=AKIA...',
  j('AWS_ACCESS_KEY_ID=AK', 'IAIOSFODNN7EXAMPLE'),
  'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'SECRET_KEY=<generate: python -c "import secrets; print(secrets.token_hex(32))">',
  'SECRET_KEY=changeme-changeme-changeme-1',
  'MAIL_PASSWORD=SG.xxx...',
  'FIREBASE_PRIVATE_KEY=-----BEGIN PRIVATE KEY-----...',
  "if not key.startswith('-----BEGIN PRIVATE KEY-----'):",
  'SQLALCHEMY_DATABASE_URI=postgresql://softfactory_app:password@postgres-host:5432/softfactory',
  'REDIS_URL=redis://:password@redis-host:6379/0',
  'DATABASE_URL=postgresql://postgres:postgres@localhost:5432/test',
  `DATABASE_URL=postgresql://\${DB_USER}:\${DB_PASSWORD}@db:5432/app`,
  "f'postgresql://{user}:{password}@{host}/app'",
  'url = "https://user:pass@example.com/"',
  'SENTRY_DSN=https://xxx@sentry.io/xxx',
  'see https://softfactory.example/docs/tokens@2x.png',
  "SECRET_KEY = os.environ['SECRET_KEY']",
  'secret_key = config.security.signing_key_2024_primary',
  'const token = await createAccessToken2(user, options);',
  `password: \${POSTGRES_PASSWORD_FOR_PRODUCTION_1}`,
  'api_key = "{{ vault_kakao_rest_api_key_2 }}"',
  'TOKEN_HEADER = "x-softfactory-access-token-v2"',
  'cache_key = "users:list:page:1:per_page:20"',
  'primary_key=True, foreign_key="users.organisation_id_2"',
  'JWT_ACCESS_TOKEN_EXPIRES=3600000000000000000',
  'password_hash = generate_password_hash(form.password.data)',
  'tokenizer = "nori_tokenizer_with_user_dictionary_2"',
  'passwordInput.placeholder = "At least 12 characters, one digit"',
  'secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"',
  'key: "0123456789abcdef0123456789abcdef"',
  '"integrity": "sha512-q7Rt2Zk9Lm4Xw8Pv3Ns6Bd1Fh5Jc0q7Rt2Zk9Lm4Xw8Pv3Ns6Bd1Fh5Jc0=="',
  'const secretName = `projects/softfactory/secrets/stripe/versions/12`;',
  'private_key_path = /etc/softfactory/keys/firebase-2024.pem',
  '| SECRET_KEY | 64 hexadecimal digits, `openssl rand -hex 32` |',
];

test.each(secrets)('%s', (line, kind) => {
  expect(secretKinds(line)).toContain(kind);
});

test.each(harmless)('nothing in: %s', (line) => {
  expect(secretKinds(line)).toEqual([]);
});

test('every line that holds a secret holds one of the words that the host looks for', () => {
  const unseen = secrets.filter(
    ([line]) => !secretAnchors.some((anchor) => line.toLowerCase().includes(anchor)),
  );

  expect(unseen).toEqual([]);
  expect(secretAnchors.filter((anchor) => anchor !== anchor.toLowerCase() || anchor === '')).toEqual([]);
});

test('a line of megabytes is judged in good time', () => {
  const lines = ['a', 'eyJ', 'secret', 'x://', 'token=', 'sk_live_', ':'].map((piece) =>
    piece.repeat(2_000_000 / piece.length),
  );

  const began = performance.now();
  for (const line of lines) secretKinds(`${line} password = '${random}'`);

  expect(performance.now() - began).toBeLessThan(20_000);
});
