const units: Readonly<Record<string, number>> = {
  b: 1,
  k: 1_000,
  kb: 1_024,
  m: 1_000_000,
  mb: 1_024 ** 2,
  g: 1_000_000_000,
  gb: 1_024 ** 3,
};

/**
 * Whether two ways of writing a setting mean the same: `512mb` and its bytes, `YES` and `yes`, the points of `save` in any order.
 * The units are those of redis.conf, https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/
 */
export function sameSetting(name: string, one: string, other: string): boolean {
  const [first, second] = [one, other].map((value) => wordsOf(name, value));
  return first?.length === second?.length && (first ?? []).every((word, index) => word === second?.[index]);
}

function wordsOf(name: string, value: string): readonly string[] {
  const unquoted = value.trim() === '""' ? '' : value.trim();
  const words = unquoted.split(/\s+/).map(plain);
  if (name !== 'save') return words;
  const points = words.flatMap((seconds, index) =>
    index % 2 === 0 ? [`${seconds} ${words[index + 1]}`] : [],
  );
  return points.sort();
}

function plain(word: string): string {
  const [, amount, unit] = /^(\d+)([kmg]?b|[kmg])$/i.exec(word) ?? [];
  const factor = units[unit?.toLowerCase() ?? ''];
  if (amount !== undefined && factor !== undefined) return String(Number(amount) * factor);
  return /^(yes|no)$/i.test(word) ? word.toLowerCase() : word;
}
