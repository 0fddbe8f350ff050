import { describe, expect, test } from 'vitest';
import { allOf, merged, pieces, shownSpan, spanOf } from '../../../src/steps/host/firewall-addresses.ts';
import { everybody, findingsOf, type Opening } from '../../../src/steps/host/firewall-exposure.ts';
import { listeningIn } from '../../../src/steps/host/firewall-look.ts';
import { rulesetOf } from '../../../src/steps/host/firewall-rules.ts';
import { isOpenTo, tableOf } from '../../../src/steps/host/firewall-table.ts';
import { exposureDoubts, exposureFaults } from '../../../src/steps/host/firewall-words.ts';

type Rule = readonly object[];

const port = (right: unknown) => ({
  match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right },
});
const from = (right: unknown, protocol = 'ip') => ({
  match: { op: '==', left: { payload: { protocol, field: 'saddr' } }, right },
});
const accept = { accept: null };
const drop = { drop: null };
const net = (addr: string, len: number) => ({ prefix: { addr, len } });
const listening = new Map([
  [22, 'sshd'],
  [5432, 'postgres'],
]);

function found(rules: readonly Rule[], wanted: readonly Opening[], policy = 'drop', family = 'inet') {
  const chain = { family, table: 't', name: 'input', type: 'filter', hook: 'input', prio: 0, policy };
  const said = rules.map((expr, at) => ({ rule: { family, table: 't', chain: 'input', handle: at, expr } }));
  const ruleset = rulesetOf({ nftables: [{ chain }, ...said] });
  const findings =
    findingsOf({ ruleset, interfaces: ['eth0'], own: [], families: [4, 6], listening }, wanted) ?? [];
  return [...exposureFaults(findings, listening), ...exposureDoubts(findings, listening)];
}

const all = (...ports: number[]) => ports.map((one) => ({ port: one, sources: [...everybody] }));

describe('what is open and what is wanted', () => {
  test('are the same', () => {
    expect(found([[port({ set: [22, 80, 443] }), accept]], all(22, 80, 443))).toEqual([]);
  });

  test('differ by a port that is open to everybody, with and without somebody who listens', () => {
    const rules = [[port({ set: [22, 80, 5432, { range: [8000, 8009] }] }), accept]];

    expect(found(rules, all(22, 80))).toEqual([
      '5432 (postgres) is open to everybody, wanted is closed',
      '10 ports at which nothing listens (8000-8009) are open to everybody, wanted is closed',
    ]);
  });

  test('differ by everything where there is no firewall', () => {
    expect(found([], all(22, 80, 443), 'accept')).toEqual([
      '5432 (postgres) is open to everybody, wanted is closed',
      '65531 ports at which nothing listens are open to everybody, wanted is closed',
    ]);
  });

  test('differ by a family that was forgotten', () => {
    const rules = [
      [port(22), from(net('10.0.0.0', 8)), accept],
      [port(22), from(net('fd00::', 8), 'ip6'), accept],
    ];

    expect(found(rules, [{ port: 22, sources: ['10.0.0.0/8'] }])).toEqual([
      '22 (sshd) is open to fd00::/8, wanted is closed',
    ]);
    expect(found([[drop]], all(22), 'accept', 'ip').slice(0, 2)).toEqual([
      '5432 (postgres) is open to every IPv6 address, wanted is closed',
      expect.stringMatching(
        /^65533 ports at which nothing listens .*are open to every IPv6 address, wanted is closed$/,
      ),
    ]);
  });

  test('differ by addresses, more and fewer than wanted', () => {
    const rules = [[port(5432), from(net('10.0.0.0', 8)), accept]];

    expect(found(rules, [{ port: 5432, sources: ['10.1.0.0/16', '192.0.2.9'] }])).toEqual([
      '5432 (postgres) is open to 10.0.0.0/16, 10.2.0.0-10.255.255.255, wanted is closed',
      '5432 (postgres) is closed to 192.0.2.9 by the policy of inet t input, wanted is open',
    ]);
  });

  test('do not differ by a few addresses that are banned', () => {
    const banned = [from({ set: ['192.0.2.1', net('198.51.100.0', 24)] }), drop];

    expect(found([banned, [port(22), accept]], all(22))).toEqual([]);
    expect(
      found(
        [
          [from(net('0.0.0.0', 1)), drop],
          [from(net('128.0.0.0', 2)), drop],
          [port(22), accept],
        ],
        all(22),
      ),
    ).toEqual(['22 (sshd) is closed to 0.0.0.0-191.255.255.255 by rule 0 of inet t input, wanted is open']);
  });

  test('are compared at once also where a thousand addresses are banned', () => {
    const banned = Array.from({ length: 1_000 }, (_, at) => `60.${at >> 8}.${at & 255}.1`);
    const ports = Array.from({ length: 60 }, (_, at) => [port(2_000 + 7 * at), accept]);
    const began = performance.now();

    const faults = found([[from({ set: banned }), drop], [port(22), accept], ...ports], all(22));
    const took = performance.now() - began;

    expect(faults).toEqual([
      expect.stringMatching(
        /^60 ports at which nothing listens are open to .* and 99\d more, wanted is closed$/,
      ),
    ]);
    expect(took).toBeLessThan(10_000);
  });

  test('cannot be compared where a rule is not understood, and only there', () => {
    const rules = [
      [port(5432), { xt: { type: 'match', name: 'recent' } }, accept],
      [port(22), accept],
    ];

    expect(found(rules, all(22))).toEqual([
      'whether 5432 (postgres) is open to everybody cannot be told, since rule 0 of inet t input has the iptables match recent',
    ]);
  });
});

describe('addresses', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80::/10', 'fe80::/10'],
    ['1:2:3:4:5:6:7:8/127', '1:2:3:4:5:6:7:8/127'],
  ])('%s is %s', (text, expected) => {
    const span = spanOf(text);

    expect(span && shownSpan(span)).toBe(expected);
  });

  test.each([
    '',
    '10.1.2',
    '10.1.2.256',
    '10.1.2.3/33',
    '::/129',
    '1::2::3',
    '1:2:3',
    'host',
    '10.0.0.0/8/8',
    '1.2.3.4/',
    ':::',
    '12345::',
  ])('%j is none', (text) => {
    expect(spanOf(text)).toBeUndefined();
  });

  test('in a row that no prefix covers are written as a range', () => {
    const [first, last] = [spanOf('10.0.0.1'), spanOf('10.0.0.2')].flatMap((one) => one ?? []);

    const [row] = merged([first, last].flatMap((one) => one ?? []));

    expect(row && shownSpan(row)).toBe('10.0.0.1-10.0.0.2');
  });

  test('are cut where the answer may change, and the pieces make up the whole', () => {
    const cut = pieces(
      4,
      [spanOf('10.0.0.0/8'), spanOf('10.1.0.0/16'), spanOf('::1')].flatMap((one) => one ?? []),
    );

    expect(cut.map(shownSpan)).toEqual([
      '0.0.0.0-9.255.255.255',
      '10.0.0.0/16',
      '10.1.0.0/16',
      '10.2.0.0-10.255.255.255',
      '11.0.0.0-255.255.255.255',
    ]);
    expect(merged(cut)).toEqual([allOf(4)]);
  });
});

test('what listens is read with its program, and loopback is nobody else’s', () => {
  const lines = [
    'LISTEN 0      128    0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=46,fd=3))',
    'LISTEN 0      128       [::]:22    [::]:* users:(("sshd",pid=46,fd=4))',
    'LISTEN 0      200  127.0.0.1:5432 0.0.0.0:* users:(("postgres",pid=9,fd=3))',
    'LISTEN 0      200  [::1]:5432 [::]:* users:(("postgres",pid=9,fd=3))',
    'LISTEN 0      511  [::ffff:127.0.0.1]:9300 *:* users:(("java",pid=9,fd=3))',
    'LISTEN 0      511          *:9200 *:* users:(("java",pid=10,fd=3))',
    'LISTEN 0      511  10.0.0.5%eth0:80 0.0.0.0:*',
  ].join('\n');

  expect([...listeningIn(lines)]).toEqual([
    [22, 'sshd'],
    [9200, 'java'],
    [80, ''],
  ]);
});

test('the own table names each family and each network', () => {
  const openings = [...all(443), { port: 22, sources: ['203.0.113.0/24', '2001:db8::/32'] }];
  const text = tableOf(openings);

  expect(text).toContain(
    'meta nfproto ipv4 tcp dport 443 accept\n\t\tmeta nfproto ipv6 tcp dport 443 accept',
  );
  expect(text).toContain(
    'ip saddr 203.0.113.0/24 tcp dport 22 accept\n\t\tip6 saddr 2001:db8::/32 tcp dport 22 accept',
  );
  expect(isOpenTo(openings, 22, '203.0.113.9')).toBe(true);
  expect(isOpenTo(openings, 22, '203.0.114.9')).toBe(false);
  expect(isOpenTo(openings, 443, '::1')).toBe(true);
});
