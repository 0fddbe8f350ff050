/**
 * A message of Slack's own markup (https://docs.slack.dev/messaging/formatting-message-text) as plain text: entities are read,
 * mentions become `@U0CAROL`, channels `#name`, and links their label with the address.
 */
export function plainMessage(text: string): string {
  return text
    .replace(/<([^<>\n]{1,2000})>/g, (_, inner: string) => mark(inner))
    .replace(/&(amp|lt|gt);/g, (_, entity: string) => (entity === 'amp' ? '&' : entity === 'lt' ? '<' : '>'));
}

function mark(inner: string): string {
  const [first = '', label] = inner.split('|', 2);
  if (first.startsWith('@')) return `@${label ?? first.slice(1)}`;
  if (first.startsWith('#')) return `#${label ?? first.slice(1)}`;
  if (first.startsWith('!')) return `@${(label ?? first.slice(1)).replace(/^@/, '')}`;
  return label === undefined || label === first ? first : `${label} (${first})`;
}
