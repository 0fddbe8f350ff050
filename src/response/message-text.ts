/**
 * A message's text as people read it: mentions by their ids, links by their words and addresses, without Slack's escapes. It is
 * text from outside still. Source: https://docs.slack.dev/messaging/formatting-message-text
 */
export function messageText(text: string): string {
  return text
    .replace(
      /<([@#!]?)([^<>|]{0,2000})(?:\|([^<>]{0,2000}))?>/g,
      (_, mark: string, what: string, label?: string) => {
        if (mark === '@') return `@${label ?? what}`;
        if (mark === '#') return `#${label ?? what}`;
        if (mark === '!') return label ?? `@${what.replace(/^subteam\^/, '')}`;
        return label === undefined || label === what ? what : `${label} (${what})`;
      },
    )
    .replace(/&(amp|lt|gt);/g, (_, name: string) => entities[name] ?? '');
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>' };
