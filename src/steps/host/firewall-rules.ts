import { z } from 'zod';
import {
  type Condition,
  conditionOf,
  type Match,
  mappedOf,
  type Packet,
  type SetNamed,
} from './firewall-match.ts';
import { type Named, namedIn } from './firewall-named.ts';

/** What a rule does to a packet to which it applies, apart from counting and logging. */
export type Verdict =
  | { readonly is: 'accept' | 'drop' | 'return' | 'continue' | 'redirect' }
  | { readonly is: 'jump' | 'goto'; readonly target: string }
  | { readonly is: 'unclear'; readonly what: string };

/** One part of a rule, in the order in which they are looked at. */
export type Part =
  | { readonly is: 'condition'; readonly applies: Condition }
  | { readonly is: 'verdict'; readonly verdict: Verdict }
  | {
      readonly is: 'map';
      readonly find: (packet: Packet) => { readonly match: Match; readonly verdict?: Verdict };
    };

export interface Rule {
  readonly name: string;
  readonly parts: readonly Part[];
}

/** A chain that packets come into by a hook, or, without one, by jumps. */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly type?: string;
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  /** The interfaces to which it is bound; empty for all. */
  readonly devices: readonly string[];
  readonly rules: readonly Rule[];
}

/** What is loaded in a kernel, with every address and every port at which its answer may change. */
export interface Ruleset extends Named {
  readonly chains: readonly Chain[];
}

const Place = { family: z.string(), table: z.string() };
const SetName = z.object({ family: z.string(), table: z.string(), name: z.string() });
const Listed = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const ChainSaid = z.object({
  ...Place,
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  prio: z.int().default(0),
  policy: z.enum(['accept', 'drop']).default('accept'),
  dev: z.union([z.string(), z.array(z.string())]).optional(),
});
const RuleSaid = z.object({
  ...Place,
  chain: z.string(),
  handle: z.int(),
  expr: z.array(z.unknown()),
  comment: z.string().optional(),
});
const SetSaid = SetName.extend({
  type: z.unknown().optional(),
  map: z.unknown().optional(),
  elem: z.array(z.unknown()).default([]),
});
const MatchSaid = z.object({ op: z.string(), left: z.unknown(), right: z.unknown() });
const MapSaid = z.object({ key: z.unknown(), data: z.unknown() });
const Target = z.object({ target: z.string() });
const ExtensionSaid = z.object({ type: z.string().optional(), name: z.string() });
const SetChange = z.object({ stmt: z.array(z.unknown()).default([]) });
const Rate = z.object({ inv: z.boolean().default(false) });

/** The comment of a rule that stands for one of iptables that could not be translated. */
export const untranslated = 'slipway: not translated';

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)); the tables of a second listing take the place of those of the same name.
 * Throws a ZodError when it is none.
 */
export function rulesetOf(listed: unknown, instead?: unknown): Ruleset {
  const nftables = replaced(Listed.parse(listed).nftables, Listed.safeParse(instead).data?.nftables ?? []);
  const said = (kind: string) => nftables.flatMap((one) => (kind in one ? [one[kind]] : []));
  const sets = [...said('set'), ...said('map')].map((one) => SetSaid.parse(one));
  const rules = said('rule').map((one) => RuleSaid.parse(one));
  const chains = said('chain').map((one): Chain => {
    const { family, table, name, type, hook, prio, policy, dev } = ChainSaid.parse(one);
    const isHere = (other: { family: string; table: string }) =>
      other.family === family && other.table === table;
    const setNamed: SetNamed = (wanted) => sets.find((set) => isHere(set) && set.name === wanted)?.elem;
    const own = rules.filter((rule) => isHere(rule) && rule.chain === name);
    return {
      family,
      table,
      name,
      priority: prio,
      policy,
      ...(hook === undefined ? {} : { hook }),
      ...(type === undefined ? {} : { type }),
      devices: dev === undefined ? [] : [dev].flat(),
      rules: own.map(({ handle, expr, comment }) => ({
        name: `rule ${handle} of ${family} ${table} ${name}`,
        parts:
          comment === untranslated
            ? [
                {
                  is: 'verdict',
                  verdict: { is: 'unclear', what: 'something that only iptables understands' },
                },
              ]
            : expr.flatMap((statement) => partsOf(statement, setNamed)),
      })),
    };
  });
  const exprs = rules.map(({ expr }) => expr);
  return { chains, ...namedIn(exprs, sets) };
}

type Entry = Readonly<Record<string, unknown>>;

function replaced(all: readonly Entry[], instead: readonly Entry[]): readonly Entry[] {
  const tables = new Set(instead.map((entry) => tableName(entry)));
  return [...all.filter((entry) => !tables.has(tableName(entry)) || 'metainfo' in entry), ...instead];
}

/** The family and the table to which an entry of a listing belongs. */
function tableName(entry: Entry): string {
  const [body] = Object.values(entry);
  const said = z.object({ family: z.string(), table: z.string().optional(), name: z.string().optional() });
  const { family, table, name } = said.safeParse(body).data ?? {};
  return `${family} ${'table' in entry ? name : table}`;
}

/** Statements that let a packet go on as it is. */
const harmless = [
  'counter',
  'log',
  'comment',
  'mangle',
  'notrack',
  'last',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'flow',
  'secmark',
];

/** Targets of iptables that let a packet go on. */
const harmlessTargets = ['LOG', 'NFLOG', 'MARK', 'CONNMARK', 'CT', 'NOTRACK', 'SET', 'TCPMSS', 'TRACE'];

function partsOf(statement: unknown, setNamed: SetNamed): readonly Part[] {
  const [[kind = '', body] = []] = Object.entries(z.record(z.string(), z.unknown()).parse(statement));
  if (harmless.includes(kind)) return [];
  if (kind === 'match') {
    const { op, left, right } = MatchSaid.parse(body);
    return [{ is: 'condition', applies: conditionOf(op, left, right, setNamed) }];
  }
  if (kind === 'limit' || kind === 'ct count') return [rated(body)];
  if (kind === 'set') {
    return SetChange.parse(body).stmt.flatMap((inner) => partsOf(inner, setNamed));
  }
  if (kind === 'vmap') {
    const { key, data } = MapSaid.parse(body);
    const find = mappedOf(key, data, setNamed);
    return [
      {
        is: 'map',
        find: (packet) => {
          const { match, verdict } = find(packet);
          return match === false ? { match } : { match, verdict: verdictOf(verdict) };
        },
      },
    ];
  }
  if (kind === 'xt') return extension(body);
  return [{ is: 'verdict', verdict: verdictOf(statement) }];
}

/** Whoever connects now and then stays below a limit. */
function rated(body: unknown): Part {
  const { inv } = Rate.parse(body);
  return { is: 'condition', applies: () => !inv };
}

/** What only the programs of iptables can show: nft tells no more of it than a name. */
function extension(body: unknown): readonly Part[] {
  const parsed = ExtensionSaid.safeParse(body);
  const name = parsed.success ? parsed.data.name : 'of an unknown kind';
  if (parsed.success && parsed.data.type === 'target') {
    if (harmlessTargets.includes(name)) return [];
    if (['DNAT', 'REDIRECT', 'TPROXY'].includes(name))
      return [{ is: 'verdict', verdict: { is: 'redirect' } }];
    return [{ is: 'verdict', verdict: { is: 'unclear', what: `the iptables target ${name}` } }];
  }
  return [{ is: 'condition', applies: () => ({ unclear: `the iptables match ${name}` }) }];
}

function verdictOf(statement: unknown): Verdict {
  const parsed = z.record(z.string(), z.unknown()).safeParse(statement);
  const [[kind = '', body] = []] = Object.entries(parsed.data ?? {});
  if (kind === 'accept' || kind === 'drop' || kind === 'return' || kind === 'continue') return { is: kind };
  if (kind === 'reject') return { is: 'drop' };
  if (kind === 'dnat' || kind === 'redirect' || kind === 'tproxy') return { is: 'redirect' };
  if (kind === 'jump' || kind === 'goto') return { is: kind, target: Target.parse(body).target };
  return { is: 'unclear', what: kind === '' ? 'a statement of an unknown form' : `the statement ${kind}` };
}
