import type { Incident } from '../incidents/incident.ts';

/** https://docs.slack.dev/reference/methods/conversations.setTopic, "too_long". */
const longest = 250;

/** The topic of an incident's channel, at most 250 characters with its escapes; `link` leads to where it was declared. */
export function roomTopic(
  { number, severity, status, title }: Pick<Incident, 'number' | 'severity' | 'status' | 'title'>,
  link?: string,
): string {
  const before = `#${number} · ${severity} · ${status} · `;
  const after = link === undefined ? '' : ` · ${link}`;
  const room = longest - before.length - (after.length <= 120 ? after.length : 0);
  return `${before}${cut(title, room)}${after.length <= 120 ? after : ''}`;
}

/** Slack reads `&`, `<` and `>` as its own (https://docs.slack.dev/messaging/formatting-message-text#escaping). */
function cut(title: string, limit: number): string {
  let text = '';
  for (const character of title) {
    const shown = entities[character] ?? character;
    if (text.length + shown.length > limit - 1) return `${text.trimEnd()}…`;
    text += shown;
  }
  return text;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
