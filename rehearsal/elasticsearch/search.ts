import type { Fields } from './mappings.ts';
import { refuse } from './refusal.ts';
import { isObject } from './schema-faults.ts';
import type { Settings } from './settings.ts';

/** A document as it is searched. */
export interface Found {
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
}

interface Analysis {
  readonly fields: Fields;
  readonly settings: Settings;
}

/** How well a document matches: 0 is not at all. Refuses kinds of query that are not played. */
export function scoreOf(query: unknown, document: Found, analysis: Analysis): number {
  const [kind = 'match_all', given] = Object.entries(isObject(query) ? query : { match_all: {} })[0] ?? [];
  const inner = isObject(given) ? given : {};
  switch (kind) {
    case 'match_all':
      return 1;
    case 'match_none':
      return 0;
    case 'match':
    case 'term': {
      const [field = '', wanted] = Object.entries(inner)[0] ?? [];
      const { query, value = query, operator = 'or' } = isObject(wanted) ? wanted : { value: wanted };
      return inField(field, value, kind === 'match', String(operator), document, analysis);
    }
    case 'multi_match': {
      const fields = [inner.fields ?? Object.keys(analysis.fields)].flat().map(String);
      const scores = fields.map((written) => {
        const [field = '', boost = '1'] = written.split('^');
        return (
          Number(boost) *
          inField(field, inner.query, true, String(inner.operator ?? 'or'), document, analysis)
        );
      });
      return Math.max(0, ...scores);
    }
    case 'ids':
      return [inner.values].flat().map(String).includes(document.id) ? 1 : 0;
    case 'bool': {
      const scores = (name: string) =>
        [inner[name] ?? []].flat().map((one) => scoreOf(one, document, analysis));
      const needed = [...scores('must'), ...scores('filter')];
      const [may, not] = [scores('should'), scores('must_not')];
      if (needed.includes(0) || not.some((score) => score > 0)) return 0;
      if (needed.length === 0 && may.length > 0 && may.every((score) => score === 0)) return 0;
      return 1 + sum(scores('must')) + sum(may);
    }
    default:
      return refuse(501, 'not_played', `the rehearsal's Elasticsearch does not play [${kind}] queries`);
  }
}

function inField(
  name: string,
  value: unknown,
  analyzed: boolean,
  operator: string,
  document: Found,
  { fields, settings }: Analysis,
): number {
  const field = fieldAt(fields, name);
  if (!field) return 0;
  const held = [valueAt(document.source, name)].flat().filter((one) => one !== undefined && one !== null);
  if (field.type !== 'text') return held.some((one) => String(one) === String(value)) ? 1 : 0;
  const isNori = usesNori(String(field.analyzer ?? 'standard'), settings);
  const tokens = new Set(held.flatMap((one) => tokensOf(String(one), isNori)));
  const wanted = analyzed ? tokensOf(String(value), isNori) : [String(value)];
  const hits = wanted.filter((token) => tokens.has(token)).length;
  return operator.toLowerCase() === 'and' && hits < wanted.length ? 0 : hits;
}

/** `title`, `author.name`, or a field's other form such as `title.keyword`. */
function fieldAt(fields: unknown, name: string): Readonly<Record<string, unknown>> | undefined {
  const [first = '', ...rest] = name.split('.');
  const field = isObject(fields) ? fields[first] : undefined;
  if (!isObject(field) || rest.length === 0) return isObject(field) ? field : undefined;
  return fieldAt(field.properties ?? field.fields, rest.join('.'));
}

function valueAt(source: unknown, name: string): unknown {
  const [first = '', ...rest] = name.split('.');
  const value = isObject(source) ? source[first] : undefined;
  return rest.length === 0 || !isObject(value) ? value : valueAt(value, rest.join('.'));
}

function usesNori(analyzer: string, settings: Settings): boolean {
  const own = (part: string) => String(settings.get(`analysis.analyzer.${analyzer}.${part}`) ?? '');
  return analyzer === 'nori' || own('tokenizer').startsWith('nori') || own('type') === 'nori';
}

/** Words in lower case; instead of a dictionary Korean words are cut into all pairs of syllables, which finds stems too. */
function tokensOf(text: string, isNori: boolean): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (!isNori) return words;
  return words.flatMap((word) => {
    if (!/^\p{Script=Hangul}{3,}$/u.test(word)) return [word];
    return Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2));
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
