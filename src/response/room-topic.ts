import type { Incident } from '../incidents/incident.ts';

/** https://docs.slack.dev/reference/methods/conversations.setTopic, "too_long". */
const longest = 250;

/** A link that is longer would leave too little of the title. */
const longestLink = 120;

/** The topic of an incident's channel, at most 250 characters with its escapes; `link` leads to where it was declared. */
export function roomTopic(
  { number, severity, status, title }: Pick<Incident, 'number' | 'severity' | 'status' | 'title'>,
  link?: string,
): string {
  const before = `#${number} · ${severity} · ${status} · `;
  const whole = link === undefined ? '' : ` · ${[...link].map(shown).join('')}`;
  const after = whole.length <= longestLink ? whole : '';
  return `${before}${cut(title, longest - before.length - after.length)}${after}`;
}

function cut(title: string, limit: number): string {
  let text = '';
  for (const character of title) {
    if (text.length + shown(character).length > limit - 1) return `${text.trimEnd()}…`;
    text += shown(character);
  }
  return text;
}

/** Slack reads `&`, `<` and `>` as its own (https://docs.slack.dev/messaging/formatting-message-text#escaping). */
function shown(character: string): string {
  return entities[character] ?? character;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
