import { describe, expect, test } from 'vitest';
import { spanOf } from '../../../src/steps/host/firewall-addresses.ts';
import { passageOf } from '../../../src/steps/host/firewall-evaluator.ts';
import { rulesetOf } from '../../../src/steps/host/firewall-rules.ts';

type Expr = readonly object[];

const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const dport = payload('tcp', 'dport');
const saddr = payload('ip', 'saddr');
const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
const port = (right: unknown, op = '==') => match(dport, right, op);
const meta = (key: string, right: unknown) => match({ meta: { key } }, right);
const accept = { accept: null };
const drop = { drop: null };
const jump = (target: string) => ({ jump: { target } });
const goto = (target: string) => ({ goto: { target } });
const ten = { prefix: { addr: '10.0.0.0', len: 8 } };

/** What nft would list for one table; `input` is the chain that packets come into. */
function listed(
  chains: Readonly<Record<string, readonly Expr[]>>,
  {
    policy = 'accept',
    family = 'inet',
    hook = 'input',
    sets = [] as readonly object[],
    type = 'filter',
    prio = 0,
  } = {},
): readonly object[] {
  const table = `t${prio}`;
  return [
    { table: { family, name: table, handle: 1 } },
    ...sets.map((set) => ({ set: { family, table, name: 's', type: 'ipv4_addr', handle: 2, ...set } })),
    ...Object.keys(chains).map((name) => ({
      chain: { family, table, name, handle: 3, ...(name === 'input' ? { type, hook, prio, policy } : {}) },
    })),
    ...Object.entries(chains).flatMap(([chain, rules]) =>
      rules.map((expr, at) => ({ rule: { family, table, chain, handle: 10 + at, expr } })),
    ),
  ];
}

function passage(nftables: readonly object[], { to = 22, from = '198.51.100.7', by = 'eth0' } = {}) {
  const source = spanOf(from);
  if (!source) throw new Error(`${from} is no address`);
  const ruleset = rulesetOf({ nftables: [{ metainfo: { version: '1.0.6' } }, ...nftables] });
  const own = [spanOf('203.0.113.5'), spanOf('2001:db8::5')].flatMap((span) => span ?? []);
  return passageOf(ruleset, { own, family: source.family, source: source.from, port: to, by });
}

const one = (...rules: readonly Expr[]) => ({ input: rules });
const closing = { policy: 'drop' };

describe('a packet', () => {
  test.each<[string, readonly object[], string]>([
    ['meets no chain at all', [], 'open'],
    ['meets a policy that accepts', listed(one()), 'open'],
    ['meets a policy that drops', listed(one(), closing), 'closed'],
    ['is accepted by its port', listed(one([port(22), accept]), closing), 'open'],
    ['is not the one of another port', listed(one([port(80), accept]), closing), 'closed'],
    ['is rejected', listed(one([port(22), { reject: { type: 'tcp reset' } }])), 'closed'],
    ['is within a range', listed(one([port({ range: [20, 25] }), accept]), closing), 'open'],
    ['is outside of a range', listed(one([port({ range: [23, 25] }), accept]), closing), 'closed'],
    ['is in a set', listed(one([port({ set: [{ range: [1, 5] }, 22] }), accept]), closing), 'open'],
    ['is not in a set', listed(one([port({ set: [{ range: [1, 5] }, 80] }), accept]), closing), 'closed'],
    ['is excepted', listed(one([port(22, '!='), drop])), 'open'],
    ['is compared', listed(one([port(1024, '<'), accept]), closing), 'open'],
    ['is compared the other way', listed(one([port(1024, '>='), accept]), closing), 'closed'],
    ['meets the first rule that applies', listed(one([port(22), drop], [port(22), accept])), 'closed'],
    [
      'is counted and logged on its way',
      listed(one([{ counter: null }, { log: { prefix: 'x' } }], [accept]), closing),
      'open',
    ],
    [
      'is no established one',
      listed(one([match({ ct: { key: 'state' } }, ['established', 'related'], 'in'), accept]), closing),
      'closed',
    ],
    [
      'is a new one',
      listed(one([match({ ct: { key: 'state' } }, { set: ['new', 'related'] }), accept]), closing),
      'open',
    ],
    ['is not from this machine', listed(one([meta('iifname', 'lo'), accept]), closing), 'closed'],
    [
      'comes by an interface that is named',
      listed(one([meta('iifname', { set: ['eth*', 'lo'] }), accept]), closing),
      'open',
    ],
    ['comes by another interface', listed(one([meta('iifname', 'docker0'), accept]), closing), 'closed'],
    [
      'is for the own address',
      listed(one([match(payload('ip', 'daddr'), '203.0.113.5'), accept]), closing),
      'open',
    ],
    [
      'is for nobody on loopback',
      listed(one([match(payload('ip', 'daddr'), '127.0.0.1'), accept]), closing),
      'closed',
    ],
    [
      'has no routing header',
      listed(one([match({ exthdr: { name: 'rt', field: 'type' } }, 0), drop])),
      'open',
    ],
    [
      'is TCP',
      listed(
        one([meta('l4proto', { set: ['tcp', 'udp'] }), match(payload('th', 'dport'), 22), accept]),
        closing,
      ),
      'open',
    ],
    ['is no UDP', listed(one([match(payload('udp', 'dport'), 22, '!='), accept]), closing), 'closed'],
    ['is no ICMP', listed(one([match(payload('icmp', 'type'), 'echo-request'), accept]), closing), 'closed'],
    ['is IPv4', listed(one([meta('nfproto', 'ipv4'), accept]), closing), 'open'],
    [
      'begins a connection',
      listed(
        one([match({ '&': [payload('tcp', 'flags'), ['fin', 'syn', 'rst', 'ack']] }, 'syn'), accept]),
        closing,
      ),
      'open',
    ],
    [
      'is for this machine',
      listed(one([match({ fib: { result: 'type', flags: ['daddr'] } }, 'local'), accept]), closing),
      'open',
    ],
    [
      'has a way back',
      listed(one([match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false), drop])),
      'open',
    ],
    [
      'keeps within a limit',
      listed(one([port(22), { limit: { rate: 5, per: 'minute' } }, accept]), closing),
      'open',
    ],
    [
      'does not exceed a limit',
      listed(one([port(22), { limit: { rate: 5, per: 'minute', inv: true } }, drop])),
      'open',
    ],
    ['is one of few', listed(one([port(22), { 'ct count': { val: 9, inv: true } }, drop])), 'open'],
    [
      'is told by a map',
      listed(
        one([
          {
            vmap: {
              key: dport,
              data: {
                set: [
                  [22, drop],
                  [80, accept],
                ],
              },
            },
          },
        ]),
      ),
      'closed',
    ],
    ['is not in a map', listed(one([{ vmap: { key: dport, data: { set: [[23, drop]] } } }])), 'open'],
    [
      'is sent on by a map',
      listed(
        {
          input: [[{ vmap: { key: dport, data: { set: [[{ range: [20, 30] }, jump('low')]] } } }]],
          low: [[accept]],
        },
        closing,
      ),
      'open',
    ],
    [
      'comes back from a jump',
      listed({ input: [[jump('web')], [port(22), accept]], web: [[port(80), accept]] }, closing),
      'open',
    ],
    [
      'is sent back',
      listed({ input: [[jump('a')], [accept]], a: [[{ return: null }], [drop]] }, closing),
      'open',
    ],
    [
      'does not come back from a goto',
      listed({ input: [[goto('a')], [accept]], a: [[port(80), accept]] }, closing),
      'closed',
    ],
    [
      'goes from a goto to the policy',
      listed({ input: [[goto('a')], [drop]], a: [[port(80), drop]] }),
      'open',
    ],
    [
      'goes on after continue',
      listed(one([{ vmap: { key: dport, data: { set: [[22, { continue: null }]] } } }], [accept]), closing),
      'open',
    ],
    ['must pass two tables', [...listed(one([accept]), { prio: -5 }), ...listed(one(), closing)], 'closed'],
    [
      'is dropped before it comes in',
      listed(one([port(22), drop]), { hook: 'prerouting', prio: -300 }),
      'closed',
    ],
    ['is not concerned by what goes out', listed(one([drop]), { hook: 'output' }), 'open'],
    [
      'is handed on past the rules',
      [
        ...listed(one([port(22), { dnat: { addr: '172.17.0.2', port: 80 } }]), {
          hook: 'prerouting',
          type: 'nat',
          prio: -100,
        }),
        ...listed(one(), closing),
      ],
      'open',
    ],
    ['is IPv4 and not asked by rules for IPv6', listed(one([drop]), { family: 'ip6' }), 'open'],
    [
      'meets what nobody knows',
      listed(one([match({ socket: { key: 'x' } }, 1), accept]), closing),
      'unclear',
    ],
    [
      'meets what nobody knows after what is known',
      listed(one([port(80), match({ socket: { key: 'x' } }, 1), accept]), closing),
      'closed',
    ],
    [
      'meets a doubt that changes nothing',
      listed(one([{ xt: { type: 'match', name: 'recent' } }, drop]), closing),
      'closed',
    ],
    [
      'meets a match of iptables',
      listed(one([{ xt: { type: 'match', name: 'conntrack' } }, accept]), closing),
      'unclear',
    ],
    [
      'meets a harmless target of iptables',
      listed(one([{ xt: { type: 'target', name: 'LOG' } }], [accept]), closing),
      'open',
    ],
    [
      'meets an unknown target of iptables',
      listed(one([{ xt: { type: 'target', name: 'TARPIT' } }], [accept])),
      'unclear',
    ],
    ['is given to a program', listed(one([{ queue: { num: 0 } }])), 'unclear'],
    [
      'may be handed on',
      [
        ...listed(
          one([{ xt: { type: 'match', name: 'addrtype' } }, { xt: { type: 'target', name: 'DNAT' } }]),
          { hook: 'prerouting', type: 'nat', prio: -100 },
        ),
        ...listed(one(), closing),
      ],
      'unclear',
    ],
    ['jumps to a chain that is not there', listed(one([jump('gone')], [accept])), 'unclear'],
    ['runs in a circle', listed({ input: [[jump('a')]], a: [[jump('a')]] }), 'unclear'],
    ['is marked or not', listed(one([meta('mark', 1), accept]), closing), 'unclear'],
    [
      'is not from a network, in a set that is not there',
      listed(one([match(saddr, '@gone'), accept]), closing),
      'unclear',
    ],
  ])('%s', (_, rules, expected) => {
    const found = passage(rules);

    expect(found.is).toBe(expected);
    expect(found.by).not.toBe('');
  });

  test.each([
    ['10.2.3.4', ten, 'open'],
    ['11.2.3.4', ten, 'closed'],
    ['10.2.3.4', '10.2.3.4', 'open'],
    ['10.2.3.5', { range: ['10.2.3.4', '10.2.3.6'] }, 'open'],
    ['10.2.3.7', { range: ['10.2.3.4', '10.2.3.6'] }, 'closed'],
    ['10.2.3.7', { set: ['10.2.3.4', ten] }, 'open'],
    ['10.2.3.7', '@s', 'open'],
    ['192.0.2.1', '@s', 'open'],
    ['192.0.2.2', '@s', 'closed'],
    ['::1', ten, 'closed'],
  ])('from %s is asked for %j: %s', (from, right, expected) => {
    const sets = [{ elem: [ten, { elem: { val: '192.0.2.1', timeout: 60, expires: 5 } }] }];
    const rules = listed(one([match(saddr, right), accept]), { ...closing, sets });

    expect(passage(rules, { from }).is).toBe(expected);
  });

  test.each([
    ['10.2.3.4', 55, 'open'],
    ['10.2.3.4', 56, 'closed'],
    ['1.1.1.1', 5, 'open'],
    ['1.1.1.1', 55, 'closed'],
  ])('from %s to %d is asked for both together: %s', (from, to, expected) => {
    const right = { set: [{ concat: [ten, 55] }, { concat: ['1.1.1.1', { range: [4, 6] }] }] };
    const rules = listed(one([match({ concat: [saddr, dport] }, right), accept]), closing);

    expect(passage(rules, { from, to }).is).toBe(expected);
  });

  test('the rule that decides is named', () => {
    const rules = listed(one([port(80), accept], [port(22), drop]));

    expect(passage(rules).by).toBe('rule 11 of inet t0 input');
    expect(passage(rules, { to: 5 }).by).toBe('the policy of inet t0 input');
    expect(passage(listed(one([{ xt: { type: 'match', name: 'recent' } }, drop]))).by).toBe(
      'rule 10 of inet t0 input has the iptables match recent',
    );
  });
});
