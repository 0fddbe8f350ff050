const broadcast = /<!(?:channel|here|everyone|subteam\^[A-Z0-9]+)(?:\|[^>]*)?>/g;

/**
 * Finds every mention that would wake a crowd: `<!channel>`, `<!here>`, `<!everyone>`, `<!subteam^ID>` in mrkdwn, in a
 * message's own text and in attachments, and the same as rich text elements. A mention listed in `allowed`, written
 * without its label (`<!subteam^S0ONCALL>`), is left out. A plain_text object mentions nobody and is not searched.
 * Source: docs.slack.dev/messaging/formatting-message-text#special-mentions
 */
export function crowdMentions(value: unknown, allowed: readonly string[]): string[] {
  if (typeof value === 'string') {
    return (value.match(broadcast) ?? []).filter(
      (found) => !allowed.includes(found.replace(/\|[^>]*>/, '>')),
    );
  }
  if (Array.isArray(value)) return value.flatMap((item) => crowdMentions(item, allowed));
  if (typeof value !== 'object' || value === null) return [];

  const fields = new Map<string, unknown>(Object.entries(value));
  const type = fields.get('type');
  if (type === 'plain_text') return [];
  if (type === 'broadcast') return onlyRefused(`<!${String(fields.get('range'))}>`, allowed);
  if (type === 'usergroup') return onlyRefused(`<!subteam^${String(fields.get('usergroup_id'))}>`, allowed);

  // What the app sends only to itself is shown to nobody.
  const unseen = new Set(['value', 'private_metadata', 'metadata', 'action_id', 'block_id']);
  return [...fields].flatMap(([name, item]) => (unseen.has(name) ? [] : crowdMentions(item, allowed)));
}

function onlyRefused(mention: string, allowed: readonly string[]): string[] {
  return allowed.includes(mention) ? [] : [mention];
}
