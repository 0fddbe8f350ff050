import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { alertBody, webhookBody } from '../support/webhooks.ts';

/** A body that somebody might send, and whether Alertmanager itself might have. */
export interface HostileBody {
  readonly what: string;
  readonly bytes: string | Uint8Array<ArrayBuffer>;
  readonly isWebhook: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

const fragments = [
  ...[
    '<!channel>',
    '<!here|x>',
    '<@U0ALICE>',
    '<http://x|y>',
    '&lt;',
    '*bold*',
    '`code`',
    ':bomb:',
    '@everyone',
  ],
  ...[
    '\u0000',
    '\u0001',
    '\u0007',
    '\u001b[2J',
    '\u007f',
    '\u0085',
    '\r\n',
    '\t',
    '\u2028',
    '\ufeff',
    '\ufffe',
  ],
  ...['\u200f', '\u202e', '\u2066', '\u2069', '\u061c', '\u200d', '\u0301'.repeat(9), '🙂', '👩‍👩‍👧', '𝔘'],
  ...['\ud800', '\udc00', '\ud83d', '\udfff\ud800', '__proto__', 'constructor', 'toString', '', ' ', '0'],
  ...[
    "'; drop table alerts; --",
    '{{ .Labels }}',
    '$' + '{HOME}',
    '%s%n',
    '\\u0000',
    '\\',
    '"',
    '../../etc/passwd',
  ],
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: 'binary', maxLength: 20 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

const label = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('severity', 'job', 'alertname', '__proto__', 'constructor', 'hasOwnProperty'),
  },
  { weight: 1, arbitrary: text },
);

const labels = fc
  .array(fc.tuple(label, text), { maxLength: 5 })
  // Not by assignment, which would set the prototype.
  .map((entries) => Object.fromEntries(entries));

const two = (most: number) =>
  fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, '0'));

const time = fc
  .tuple(
    fc.constantFrom('0001', '0002', '1970', '2026', '2026', '2026', '9998', '9999'),
    fc.constantFrom('01-01', '02-28', '12-31', '11-22'),
    fc.tuple(two(23), two(59), two(59)).map((parts) => parts.join(':')),
    fc.constantFrom('', '.1', '.123456789', '.999999999', '.000000001'),
    fc.constantFrom('Z', '+00:00', '+14:00', '-12:00', '+05:45'),
  )
  .map(([year, day, clock, fraction, offset]) => `${year}-${day}T${clock}${fraction}${offset}`);

const alert = fc
  .record({
    number: fc.integer({ min: 0, max: 12 }),
    status: fc.constantFrom('firing', 'resolved'),
    labels,
    annotations: fc.oneof(labels, fc.constant(null)),
    startsAt: time,
    endsAt: fc.oneof(time, fc.constant('0001-01-01T00:00:00Z')),
    generatorURL: text,
  })
  .map(({ number, ...about }) => alertBody(number, about));

const key = fc.integer({ min: 0, max: 400 }).map((number) => `{}:{alertname="${number}"}`);

const webhook = fc
  .record({
    groupKey: fc.oneof(
      { weight: 9, arbitrary: key },
      { weight: 1, arbitrary: text.map((one) => `{}:${one}`) },
    ),
    receiver: text.map((name) => `r${name}`),
    status: fc.constantFrom('firing', 'resolved'),
    truncatedAlerts: fc.oneof(fc.constant(0), fc.nat()),
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: labels,
    externalURL: text,
    alerts: fc.array(alert, { maxLength: 3 }),
    novelty: fc.jsonValue(),
  })
  .map((about) => webhookBody(about));

const sent = (what: string, isWebhook: boolean, bytes: HostileBody['bytes']): HostileBody => ({
  what,
  isWebhook,
  bytes,
});

const wellFormed = webhook.map((body) => sent('a webhook', true, JSON.stringify(body)));

const packed = webhook.map((body) => ({
  ...sent('a packed webhook', true, new Uint8Array(gzipSync(JSON.stringify(body)))),
  headers: { 'content-encoding': 'gzip' },
}));

const twins = fc
  .array(alert, { minLength: 2, maxLength: 12 })
  .map((alerts) => alerts.map((one) => ({ ...one, fingerprint: '00000000000000ff' })))
  .map((alerts) => sent('one alert many times', true, JSON.stringify(webhookBody({ alerts }))));

const giant = fc
  .tuple(text, fc.integer({ min: 2_000, max: 30_000 }), fc.integer({ min: 1, max: 200 }))
  .map(([one, length, count]) => {
    const value = (one || 'x').repeat(Math.ceil(length / (one.length || 1)));
    const many = Array.from({ length: count }, (_, index) => [
      `${one.slice(0, 40)}${index}`,
      one.slice(0, 40),
    ]);
    const given = Object.fromEntries([...many, ['giant', value], [value.slice(0, 9_000), '']]);
    const about = { groupKey: value, receiver: value, commonLabels: given, commonAnnotations: given };
    return sent(
      'giant labels',
      true,
      JSON.stringify(webhookBody({ ...about, alerts: [alertBody(1, { labels: given })] })),
    );
  });

const broken = fc
  .tuple(webhook, fc.nat(), fc.constantFrom('cut', 'flipped', 'doubled', 'inserted'), fc.nat({ max: 255 }))
  .map(([body, at, how, byte]) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const place = at % bytes.length;
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
    if (how === 'cut') return sent('half a body', false, new Uint8Array(before));
    if (how === 'doubled') return sent('a body twice', false, new Uint8Array(Buffer.concat([bytes, after])));
    const rest = how === 'flipped' ? after.subarray(1) : after;
    return sent('a byte changed', false, new Uint8Array(Buffer.concat([before, Buffer.from([byte]), rest])));
  });

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    '',
    'x',
    [],
    {},
    [[]],
    [null],
    { a: null },
    undefined,
  ),
  fc.jsonValue({ maxDepth: 6 }),
);

const top = Object.keys(webhookBody());
const inner = Object.keys(alertBody(1));

const wrong = fc
  .tuple(fc.constantFrom(...top), fc.constantFrom('', ...inner), strange)
  .map(([member, within, value]) => {
    const about =
      within === '' ? { [member]: value } : { alerts: [alertBody(1), alertBody(2, { [within]: value })] };
    return sent('wrong types', false, JSON.stringify(webhookBody(about)));
  });

const deep = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom('[', '{"a":', '{"alerts":['), fc.boolean())
  .map(([depth, opening, isClosed]) => {
    const closing = opening === '[' ? ']' : opening === '{"a":' ? '}' : ']}';
    return sent('deep nesting', false, `${opening.repeat(depth)}1${isClosed ? closing.repeat(depth) : ''}`);
  });

const noise = fc.oneof(
  fc.json().map((json) => sent('any JSON', false, json)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => sent('any bytes', false, new Uint8Array(bytes))),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => ({
    ...sent('any bytes said to be packed', false, new Uint8Array(bytes)),
    headers: { 'content-encoding': bytes.length % 2 === 0 ? 'gzip' : 'br' },
  })),
);

/** Bodies of all kinds; the same for the same seed. */
export function hostileBodies(count: number, seed: number): readonly HostileBody[] {
  const any = fc.oneof(
    { weight: 30, arbitrary: wellFormed },
    { weight: 4, arbitrary: packed },
    { weight: 4, arbitrary: twins },
    { weight: 1, arbitrary: giant },
    { weight: 25, arbitrary: broken },
    { weight: 25, arbitrary: wrong },
    { weight: 4, arbitrary: deep },
    { weight: 10, arbitrary: noise },
  );
  return fc.sample(any, { numRuns: count, seed });
}
