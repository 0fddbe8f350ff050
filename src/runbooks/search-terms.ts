/** Words that say nothing of what is wrong. */
const empty = new Set(
  'a an the is are was it its in on of to for at by and or i we my our do does did not with what how when why can cannot be from after get'.split(
    ' ',
  ),
);

/** Words that operators use for the same thing; each row is one meaning. */
const meanings: readonly (readonly string[])[] = [
  ['postgres', 'postgresql', 'pg', 'psql', 'database', 'db'],
  ['elasticsearch', 'elastic', 'es'],
  ['memory', 'mem', 'oom', 'ram'],
  ['slow', 'latency', 'sluggish', 'lag'],
  ['timeout', 'timed'],
  ['down', 'outage', 'unreachable', 'dead', 'offline', 'crashed'],
  ['error', 'exception', '5xx', '500'],
  ['rollback', 'revert', 'undo'],
  ['payment', 'stripe', 'checkout', 'billing', 'pay'],
  ['backup', 'dump', 'restore'],
  ['failover', 'promote', 'standby', 'replica'],
  ['contact', 'phone', 'oncall', 'call'],
  ['postmortem', 'review', 'retrospective'],
  ['redis', 'cache'],
  ['lost', 'loss', 'gone', 'deleted'],
  ['site', 'website', 'api'],
];

const synonyms: ReadonlyMap<string, readonly string[]> = new Map(
  meanings.flatMap((row) => row.map((word) => [word, row.filter((other) => other !== word)] as const)),
);

/** The words of a text in lower case; `HighErrorRate` is also three words, and `roll back` also `rollback`. */
export function wordsOf(text: string): string[] {
  const parts = text
    .normalize('NFKC')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const words = parts.flatMap((part) => {
    const inner = part.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
    return inner.length > 1 ? [part, ...inner] : inner;
  });
  const lower = words.map((word) => word.toLowerCase());
  const joined = lower.flatMap((word, index) => compounds.get(`${word} ${lower[index + 1]}`) ?? []);
  return [...lower, ...joined];
}

const compounds: ReadonlyMap<string, string> = new Map([
  ['roll back', 'rollback'],
  ['rolled back', 'rollback'],
  ['fail over', 'failover'],
  ['on call', 'oncall'],
  ['post mortem', 'postmortem'],
  ['time out', 'timeout'],
  ['times out', 'timeout'],
  ['timed out', 'timeout'],
]);

/** A word as it is looked up: without the ending of a plural; undefined for one that says nothing. */
export function termOf(word: string): string | undefined {
  if (empty.has(word)) return undefined;
  return word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Other words for the same thing, as they are looked up. */
export function synonymsOf(term: string): readonly string[] {
  return (synonyms.get(term) ?? []).flatMap((word) => termOf(word) ?? []);
}
