import { z } from 'zod';

/** The name of an environment variable. */
export const DotenvKey = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, 'a key of capital letters, digits and underscores');

const Length = z.int().min(1).max(10_000);

/** What a value of an environment file must be. Every kind but the fixed ones also refuses an empty value and a placeholder. */
export const DotenvRule = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('equal'), to: z.string() }),
  z.strictObject({ is: z.literal('oneOf'), values: z.array(z.string()).min(1) }),
  z.strictObject({ is: z.literal('sameAs'), key: DotenvKey }),
  z.strictObject({ is: z.literal('boolean') }),
  z.strictObject({ is: z.literal('integer'), min: z.int(), max: z.int() }),
  z.strictObject({ is: z.literal('number'), min: z.number(), max: z.number() }),
  z.strictObject({ is: z.literal('port') }),
  z.strictObject({ is: z.literal('hostName') }),
  z.strictObject({ is: z.literal('eMail'), domain: z.string().optional() }),
  z.strictObject({
    is: z.literal('text'),
    matches: z.string().optional().meta({ description: 'a regular expression for the whole value' }),
    form: z.string().optional().meta({ description: 'the same in words, as people are told it' }),
    min: Length.default(1),
  }),
  z.strictObject({
    is: z.literal('secret'),
    min: Length.default(16),
    begins: z.string().optional().meta({ description: 'what it begins with, such as sk_live_' }),
    differsFrom: z.array(DotenvKey).default([]),
  }),
  z.strictObject({
    is: z.literal('url'),
    schemes: z.array(z.string()).min(1),
    user: z.boolean().default(false).meta({ description: 'whether it must name a user' }),
    password: z.boolean().default(false).meta({ description: 'whether it must carry a password' }),
    path: z.boolean().default(false).meta({ description: 'whether something must follow the host' }),
  }),
  z.strictObject({ is: z.literal('origins') }),
  z.strictObject({ is: z.literal('pemKey') }),
]);
export type DotenvRule = z.output<typeof DotenvRule>;

type Kind<Is extends DotenvRule['is']> = Extract<DotenvRule, { is: Is }>;

/**
 * What is wrong with a value, as words that follow the key's name, such as `must be a port`; undefined when nothing is. `otherValue`
 * gives the value of another key. The words never hold any of the value.
 */
export function faultOf(
  rule: DotenvRule,
  value: string,
  otherValue: (key: string) => string | undefined,
): string | undefined {
  switch (rule.is) {
    case 'equal':
      return value === rule.to ? undefined : `must be ${rule.to}${caseNote(value, [rule.to])}`;
    case 'oneOf':
      return rule.values.includes(value)
        ? undefined
        : `must be one of ${rule.values.join(', ')}${caseNote(value, rule.values)}`;
    case 'boolean':
      return value === 'True' || value === 'False'
        ? undefined
        : `must be True or False${caseNote(value, ['True', 'False'])}`;
    case 'sameAs':
      return value === otherValue(rule.key) ? undefined : `must be the same as ${rule.key}`;
    default:
      if (value === '') return 'is empty';
      if (isPlaceholder(value)) return 'is still a placeholder';
      return faultOfForm(rule, value, otherValue);
  }
}

function faultOfForm(
  rule: Exclude<DotenvRule, Kind<'equal' | 'oneOf' | 'boolean' | 'sameAs'>>,
  value: string,
  otherValue: (key: string) => string | undefined,
): string | undefined {
  switch (rule.is) {
    case 'integer': {
      const isIn = /^(0|[1-9]\d{0,14})$/.test(value) && within(Number(value), rule);
      return isIn ? undefined : `must be an integer from ${rule.min} to ${rule.max}`;
    }
    case 'number': {
      const isIn = /^\d{1,15}(\.\d{1,15})?$/.test(value) && within(Number(value), rule);
      return isIn ? undefined : `must be a number from ${rule.min} to ${rule.max}`;
    }
    case 'port':
      return /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535
        ? undefined
        : 'must be a port, 1 to 65535';
    case 'hostName':
      return isHostName(value) ? undefined : 'must be a host name without scheme, port and path';
    case 'eMail':
      return faultOfEMail(rule, value);
    case 'text':
      return faultOfText(rule, value);
    case 'secret':
      return faultOfSecret(rule, value, otherValue);
    case 'url':
      return faultOfUrl(rule, value);
    case 'origins':
      return value.split(',').every(isHttpsOrigin)
        ? undefined
        : "must be a list of https origins such as https://example.org,https://www.example.org, without '*', spaces and paths";
    case 'pemKey':
      return isPemKey(value)
        ? undefined
        : 'must be a whole private key in PEM form with its BEGIN and END lines';
  }
}

/** YAML reads `False` without quotes as a boolean, which becomes `false`; that is worth a hint. */
function caseNote(value: string, wanted: readonly string[]): string {
  const isNear = wanted.some((one) => one !== value && one.toLowerCase() === value.toLowerCase());
  return isNear ? ' with this spelling; put it in quotes where it is set' : '';
}

function within(value: number, { min, max }: { min: number; max: number }): boolean {
  return value >= min && value <= max;
}

function faultOfEMail({ domain }: Kind<'eMail'>, value: string): string | undefined {
  const [local = '', host = '', ...more] = value.split('@');
  const isAddress = more.length === 0 && /^[A-Za-z0-9._%+-]{1,64}$/.test(local) && isHostName(host);
  if (!isAddress) return 'must be an e-mail address';
  return domain === undefined || host.endsWith(domain) ? undefined : `must be an e-mail address at ${domain}`;
}

function faultOfText({ matches, form, min }: Kind<'text'>, value: string): string | undefined {
  if (value.length < min) return tooShort(value, min);
  if (matches === undefined || new RegExp(`^(?:${matches})$`).test(value)) return undefined;
  return `must be ${form ?? `a match of ${matches}`}`;
}

function faultOfSecret(
  { min, begins, differsFrom }: Kind<'secret'>,
  value: string,
  otherValue: (key: string) => string | undefined,
): string | undefined {
  if (begins !== undefined && !value.startsWith(begins)) return `must begin with ${begins}`;
  const own = value.slice(begins?.length ?? 0);
  if (value.length < min) return tooShort(value, min);
  if (/\s/.test(value)) return 'must have no spaces and line breaks';
  // A key that was typed by holding one down is as long as wanted and worth nothing.
  if (new Set(own).size < Math.min(8, min / 2)) return 'repeats a few characters; generate it anew';
  const same = differsFrom.find((key) => otherValue(key) === value);
  return same === undefined ? undefined : `must differ from ${same}`;
}

function tooShort(value: string, min: number): string {
  return `must have at least ${min} characters, it has ${value.length}`;
}

function faultOfUrl({ schemes, user, password, path }: Kind<'url'>, value: string): string | undefined {
  const listed = schemes.map((scheme) => `${scheme}://`).join(' or ');
  if (!URL.canParse(value) || /\s/.test(value)) return `must be an address that begins with ${listed}`;
  const url = new URL(value);
  if (!schemes.includes(url.protocol.slice(0, -1))) return `must be an address that begins with ${listed}`;
  if (url.hostname === '') return 'must name a host';
  if (user && url.username === '') return 'must name a user';
  if (password && url.password === '') return 'must carry a password';
  if ([url.password, url.username].some(isPlaceholder) || isPlaceholder(decoded(url.password))) {
    return 'still has a placeholder as its user or password';
  }
  return path && url.pathname.replace(/^\//, '') === '' ? 'must have something after the host' : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isHostName(value: string): boolean {
  return (
    value.length <= 253 &&
    /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      value,
    )
  );
}

function isHttpsOrigin(value: string): boolean {
  return (
    URL.canParse(value) &&
    new URL(value).origin === value &&
    value.startsWith('https://') &&
    !value.includes('*')
  );
}

/** Between the lines may be real line breaks or the two characters \n, as Google's JSON files have them. */
function isPemKey(value: string): boolean {
  const text = value.replaceAll('\\n', '\n').trim();
  const [, kind = '', body = '', end] =
    /^-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY)-----\n([A-Za-z0-9+/=\n]+)\n-----END ([A-Z0-9 ]+)-----$/.exec(
      text,
    ) ?? [];
  return kind !== '' && kind === end && body.length >= 40;
}

const placeholders: readonly RegExp[] = [
  /^<.*>$/s,
  /\.\.\.|…/,
  /^[xX*?-]+$/,
  /^(?:[A-Za-z]{1,6}[_.-])*(?:live_|test_)?x{3,}$/i,
  /(?:^|[^A-Za-z])x{4,}(?:[^A-Za-z]|$)|(?:^|\/\/|@)xxx(?:[.@/]|$)/,
  /change[-_ ]?(?:me|this|it)/i,
  /^(?:password|passwort|passwd|secret|todo|tbd|none|null|undefined|dummy|example|placeholder|generate|strong password)$/i,
  /(?:^|[-_ ./])(?:your|insert|placeholder|dummy|replace)[-_ ]/i,
  /yourdomain|_here$/i,
];

/** Whether a value is one of those that templates are filled with, such as `changeme`, `<generate …>`, `xxx` or `sk_live_...`. */
export function isPlaceholder(value: string): boolean {
  return placeholders.some((pattern) => pattern.test(value));
}
