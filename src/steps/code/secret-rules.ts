import { isPlaceholder } from './dotenv-rule.ts';

interface SecretRule {
  /** What kind of secret it is, as people are told it. */
  readonly name: string;
  /** Small letters, one of which stands in every line that this rule can find something in. */
  readonly anchors: readonly string[];
  readonly pattern: RegExp;
  /** Looks at the parts of a match where its form alone does not tell. */
  readonly isReal?: (parts: Readonly<Record<string, string>>) => boolean;
}

const names = [
  'secret',
  'passwd',
  'password',
  'passphrase',
  'pwd',
  'token',
  'apikey',
  'api_key',
  'api-key',
  'accesskey',
  'privatekey',
  '_key',
  '-key',
  'credential',
] as const;

/**
 * Every repetition has an upper limit and begins at something fixed, so that the megabyte line of a minified file takes no longer
 * than its length. Forms: AWS https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, Stripe
 * https://docs.stripe.com/keys, GitHub https://docs.github.com/en/authentication/keeping-your-account-and-data-secure, Slack
 * https://docs.slack.dev/authentication/tokens, JWT RFC 7519, PEM RFC 7468.
 */
const rules: readonly SecretRule[] = [
  {
    name: 'AWS access key',
    anchors: ['akia', 'asia'],
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)(?<value>[A-Z0-9]{16})(?![A-Za-z0-9])/g,
  },
  {
    name: 'Stripe key',
    anchors: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'],
    pattern: /(?<![A-Za-z0-9])(?:sk|rk)_(?:live|test)_(?<value>[A-Za-z0-9]{16,250})/g,
  },
  {
    name: 'Stripe webhook secret',
    anchors: ['whsec_'],
    pattern: /(?<![A-Za-z0-9])whsec_(?<value>[A-Za-z0-9+/]{16,250})/g,
  },
  {
    name: 'Google API key',
    anchors: ['aiza'],
    pattern: /(?<![A-Za-z0-9])AIza(?<value>[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/g,
  },
  {
    name: 'Google client secret',
    anchors: ['gocspx-'],
    pattern: /(?<![A-Za-z0-9])GOCSPX-(?<value>[A-Za-z0-9_-]{16,60})/g,
  },
  {
    name: 'Slack token',
    anchors: ['xox', 'xapp-'],
    pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-(?<value>\d[A-Za-z0-9-]{15,250})/g,
  },
  {
    name: 'Slack webhook address',
    anchors: ['hooks.slack.com'],
    pattern: /hooks\.slack\.com\/services\/T[A-Z0-9]{6,14}\/B[A-Z0-9]{6,14}\/(?<value>[A-Za-z0-9]{20,40})/g,
  },
  {
    name: 'GitHub token',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_)(?<value>[A-Za-z0-9_]{30,250})/g,
  },
  {
    name: 'GitLab token',
    anchors: ['glpat-'],
    pattern: /(?<![A-Za-z0-9])glpat-(?<value>[A-Za-z0-9_-]{20,60})/g,
  },
  {
    name: 'npm token',
    anchors: ['npm_'],
    pattern: /(?<![A-Za-z0-9])npm_(?<value>[A-Za-z0-9]{36})(?![A-Za-z0-9])/g,
  },
  {
    name: 'SendGrid key',
    anchors: ['sg.'],
    pattern: /(?<![A-Za-z0-9])SG\.(?<value>[A-Za-z0-9_-]{16,30}\.[A-Za-z0-9_-]{30,60})/g,
  },
  {
    name: 'private key',
    anchors: ['private key'],
    // The line may end after the header, or the key may follow in the same text with \n in it.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\s{0,4}$|(?:\\r)?\\n\s?[A-Za-z0-9+/]{16}|\s?[A-Za-z0-9+/]{32})/g,
  },
  {
    name: 'JSON web token',
    anchors: ['eyj'],
    pattern:
      /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ(?<value>[A-Za-z0-9_-]{10,4000})\.[A-Za-z0-9_-]{20,1000}/g,
  },
  {
    name: 'password in an address',
    anchors: ['://'],
    pattern:
      /[a-z][a-z0-9+.-]{1,20}:\/\/(?<user>[^\s:@/"'`<>]{0,100}):(?<value>[^\s@/"'`]{3,200})@(?<host>[A-Za-z0-9._-]{1,253})/gi,
    isReal: ({ user = '', value = '', host = '' }) =>
      !isReference(value) && value !== user && !isDummy(value) && !(isLocal(host) && !isRandom(value)),
  },
  {
    name: 'random value under a telling name',
    anchors: names,
    pattern:
      /(?:secret|passwd|password|passphrase|pwd|token|api[_-]?key|accesskey|privatekey|[_-]key|credential)[A-Za-z0-9_-]{0,40}(?:["'`]\]?\s{0,8}(?::|=>|=|,)|\s{0,8}(?::=|:|=>|=))\s{0,8}(?:[brfu]{0,2}(?<quote>["'`]))?(?<value>[A-Za-z0-9+/=_.~!@#$%^&*:-]{16,512})(?<after>.?)/gi,
    isReal: ({ quote = '', value = '', after = '' }) => {
      if (quote !== '' && after !== quote) return false;
      if (quote === '' && /[A-Za-z0-9_([{<]/.test(after)) return false;
      return !isReference(value) && isRandom(value);
    },
  },
];

/**
 * What is looked for on the host, whatever the case of its letters: every line that a rule can find something in holds one of these.
 * They are joined into a regular expression, in which only the dot means more than itself.
 */
export const secretAnchors: readonly string[] = [...new Set(rules.flatMap(({ anchors }) => anchors))];

/** The kinds of secrets in one line of text, each once; placeholders, references to variables and words are none. */
export function secretKinds(line: string): readonly string[] {
  return rules
    .filter(({ pattern, isReal }) =>
      [...line.matchAll(pattern)].some(({ groups = {} }) =>
        isReal ? isReal(groups) : groups.value === undefined || !isDummy(groups.value),
      ),
    )
    .map(({ name }) => name);
}

/** A value that stands for another one: a variable, a call, a field, a template. */
function isReference(value: string): boolean {
  return (
    /^[$%{<&*]|\$\{|\{\{|^%\(/.test(value) ||
    /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(value) ||
    /^(?:[./~]|[A-Za-z]:\\|[a-z+]{2,20}:\/\/)/.test(value)
  );
}

/** A value that nobody would take for a real one. */
function isDummy(value: string): boolean {
  return (
    isPlaceholder(value) ||
    /example|sample|dummy|fake|placeholder|change_?me|redacted|x{4,}|\*{3,}/i.test(value) ||
    /^(?:user|pass|pw|pwd|passwd|password|secret|postgres|root|admin|test|token)\d{0,3}$/i.test(value) ||
    /^(?:0123456789|1234567890|abcdefgh)/i.test(value) ||
    new Set(value).size < 6
  );
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|db|postgres|redis|.*\.(?:example|test|invalid|localhost)|(?:.*\.)?example\.(?:com|org|net))$/i.test(
    host,
  );
}

/** In bits a character: hexadecimal digits can have 4 at most, letters and digits 6, English words about 3. */
const entropyOfHex = 3;
const entropyOfText = 3.5;

function isRandom(value: string): boolean {
  if (isDummy(value) || isWords(value)) return false;
  if (/^[0-9a-f]+$/i.test(value)) return value.length >= 32 && entropy(value) >= entropyOfHex;
  return /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) >= entropyOfText;
}

/** Names such as `oauth2AccessToken` or `jwt-refresh-token-v2`: their pieces are words, those of a random text are short. */
function isWords(value: string): boolean {
  const pieces = value.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  const letters = pieces.filter((piece) => !/^\d/.test(piece));
  return letters.length > 0 && letters.join('').length / letters.length >= 3.5;
}

/** Shannon's entropy of the characters of a text. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  return -[...counts.values()].reduce((sum, n) => sum + (n / text.length) * Math.log2(n / text.length), 0);
}
