/** What was typed after `/incident`, taken apart. */
export interface IncidentWords {
  /** Its first word, in lower case. */
  readonly word: string;
  /** The digits of `#12`, when an incident is named before or after the word. */
  readonly number?: string;
  /** The Slack user ids of those who are named. */
  readonly people: readonly string[];
  /** What is left, as it was typed. */
  readonly rest: string;
}

/**
 * Takes apart what Slack sends of a command whose text it escapes: people and channels as `<@U012AB3CD|bob>`, and `&amp;`,
 * `&lt;` and `&gt;`. Source: https://docs.slack.dev/interactivity/implementing-slash-commands#escaping
 */
export function readIncidentWords(text: string): IncidentWords {
  const tokens = text.trim().split(/\s+/);
  const named = tokens.slice(0, 2).findIndex((token) => /^#\d{1,15}$/.test(token));
  const number = named < 0 ? undefined : tokens[named]?.slice(1);
  const [word = '', ...others] = tokens.filter((_, index) => index !== named);
  const people = [...others.join(' ').matchAll(/<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>/g)].map(
    ([, id = '']) => id,
  );
  return {
    word: word.toLowerCase(),
    ...(number !== undefined && { number }),
    people,
    rest: written(others.join(' ')),
  };
}

function written(text: string): string {
  return text
    .replace(/<([@#])[A-Z0-9]+\|([^<>]+)>/g, '$1$2')
    .replace(/<(https?:[^<>|]+)(?:\|[^<>]*)?>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
