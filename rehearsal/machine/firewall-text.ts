/** A table of the firewall as it is written for nft(8), one rule a line. */
export interface Table {
  readonly family: string;
  readonly name: string;
  readonly chains: readonly Chain[];
}

interface Chain {
  readonly name: string;
  readonly type: string;
  readonly hook: string;
  readonly priority: number;
  readonly policy: string;
  readonly rules: readonly string[];
}

/** Thrown where nft would refuse the text; the message is its first line. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The tables after a text has been read: it may empty everything, make and delete tables, and give one its chains. Throws Refused. */
export function tablesAfter(before: readonly Table[], text: string): readonly Table[] {
  let tables = before;
  const lines = text.split('\n').map((line) => line.trim());
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, deleting, family = '', name = '', brace] =
      /^(delete )?table (inet|ip|ip6) ([a-z][a-z0-9_-]*)( \{)?$/.exec(line) ?? [];
    const isIt = (one: Table) => one.family === family && one.name === name;
    if (line === '' || line.startsWith('#')) continue;
    if (line === 'flush ruleset') tables = [];
    else if (family === '') throw new Refused(`Error: syntax error, unexpected ${line.split(' ')[0]}`);
    else if (deleting) tables = tables.filter((one) => !isIt(one));
    else {
      const chains = tables.find(isIt)?.chains ?? [];
      const [own, end] = brace ? chainsFrom(lines, at + 1) : [[], at];
      tables = [...tables.filter((one) => !isIt(one)), { family, name, chains: [...chains, ...own] }];
      at = end;
    }
  }
  for (const { chains } of tables)
    for (const { rules } of chains) for (const rule of rules) statementsOf(rule);
  return tables;
}

function chainsFrom(lines: readonly string[], from: number): readonly [readonly Chain[], number] {
  const chains: Chain[] = [];
  let at = from;
  for (; lines[at] !== '}'; at += 1) {
    const [, name] = /^chain ([a-z][a-z0-9_-]*) \{$/.exec(lines[at] ?? '') ?? [];
    const base = /^type (filter) hook (input) priority (filter|-?\d+); policy (accept|drop);$/.exec(
      lines[at + 1] ?? '',
    );
    if (name === undefined || !base)
      throw new Refused(`Error: syntax error, unexpected ${lines[at] ?? 'end of file'}`);
    const end = lines.indexOf('}', at);
    if (end < 0) throw new Refused('Error: syntax error, unexpected end of file');
    const [, type = '', hook = '', priority = '', policy = ''] = base;
    const rules = lines.slice(at + 2, end).filter((line) => line !== '');
    chains.push({ name, type, hook, priority: priority === 'filter' ? 0 : Number(priority), policy, rules });
    at = end;
  }
  return [chains, at];
}

/** A table as `nft list table` writes it. */
export function writtenTable({ family, name, chains }: Table): string {
  const inside = chains.flatMap((chain) => [
    `\tchain ${chain.name} {`,
    `\t\ttype ${chain.type} hook ${chain.hook} priority ${chain.priority || 'filter'}; policy ${chain.policy};`,
    ...chain.rules.map((rule) => `\t\t${rule}`),
    '\t}',
  ]);
  return `${[`table ${family} ${name} {`, ...inside, '}'].join('\n')}\n`;
}

/** The whole ruleset as `nft -j list ruleset` prints it (libnftables-json(5)). */
export function rulesetAsJson(tables: readonly Table[]): unknown {
  const entries = tables.flatMap(({ family, name: table, chains }) => [
    { table: { family, name: table, handle: 1 } },
    ...chains.flatMap(({ name, type, hook, priority, policy, rules }) => [
      { chain: { family, table, name, handle: 1, type, hook, prio: priority, policy } },
      ...rules.map((rule, at) => ({
        rule: { family, table, chain: name, handle: at + 2, expr: statementsOf(rule) },
      })),
    ]),
  ]);
  return { nftables: [{ metainfo: { version: '1.0.6', json_schema_version: 1 } }, ...entries] };
}

/** The fields that a rule may look at, each with how it is said in JSON. */
const fields: Readonly<Record<string, unknown>> = {
  'ct state': { ct: { key: 'state' } },
  'meta l4proto': { meta: { key: 'l4proto' } },
  'meta nfproto': { meta: { key: 'nfproto' } },
  'tcp dport': { payload: { protocol: 'tcp', field: 'dport' } },
  'udp sport': { payload: { protocol: 'udp', field: 'sport' } },
  'udp dport': { payload: { protocol: 'udp', field: 'dport' } },
  'ip saddr': { payload: { protocol: 'ip', field: 'saddr' } },
  'ip6 saddr': { payload: { protocol: 'ip6', field: 'saddr' } },
};

function statementsOf(rule: string): readonly unknown[] {
  const words = rule
    .replace(/\{ *([^}]*?) *\}/g, (_, inside: string) => inside.replaceAll(' ', ''))
    .split(' ');
  const statements: unknown[] = [];
  for (let at = 0; at < words.length; ) {
    const [one = '', two = '', three = ''] = words.slice(at);
    const field = fields[`${one} ${two}`];
    if (one === 'accept' || one === 'drop') {
      statements.push({ [one]: null });
      at += 1;
    } else if (one === 'iifname') {
      const right = two.replaceAll('"', '');
      statements.push({ match: { op: '==', left: { meta: { key: 'iifname' } }, right } });
      at += 2;
    } else if (field !== undefined && three !== '') {
      const isState = one === 'ct';
      statements.push({ match: { op: isState ? 'in' : '==', left: field, right: rightOf(three, isState) } });
      at += 3;
    } else throw new Refused(`Error: syntax error, unexpected ${one} in "${rule}"`);
  }
  return statements;
}

function rightOf(text: string, isState: boolean): unknown {
  const all = text.split(',').map((word) => {
    const [, address, length] = /^([0-9a-f.:]+)\/(\d+)$/i.exec(word) ?? [];
    if (address !== undefined) return { prefix: { addr: address, len: Number(length) } };
    return /^\d+$/.test(word) ? Number(word) : word;
  });
  if (all.length === 1) return all[0];
  return isState ? all : { set: all };
}
