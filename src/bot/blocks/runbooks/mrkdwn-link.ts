import type { Labels } from '../../../alerts/alert.ts';
import { filledText } from '../../../runbooks/fill-in.ts';
import { code, escaped } from '../escape.ts';

/** The most characters of an address and of a label that become a link; Slack takes 3000 in a whole section. */
const longest = { address: 1_500, label: 600 } as const;

const leads = /^(?:https?:\/\/[^/]|mailto:[^/])/i;

// What may not stand in an address, or would end it in mrkdwn.
const harmful = /[\s<>|"`\\^{}\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * A link as mrkdwn, `<address|label>`. What leads nowhere on the web (`javascript:`, `data:`, `file:`, a path) and what is too long
 * for Slack is its label with the address as text, which may be longer than a section; a file of the folder is the command that
 * opens it.
 */
export function mrkdwnLink(label: string, href: string, labels: Labels): string {
  const address = addressOf(href, labels);
  const words = escaped(filledText(label, labels)).replaceAll('|', '∣');
  if (address !== undefined && words.length <= longest.label) {
    return `<${address}|${words === '' ? 'link' : words}>`;
  }
  const shown = code(commandOf(href) ?? filledText(href, labels));
  if (label.trim() === href.trim()) return shown;
  return `${words} ${shown === '' ? '' : `(${shown})`}`.trim();
}

/** The address that a link leads to, with the values of labels encoded, or undefined when it is none for Slack. */
function addressOf(href: string, labels: Labels): string | undefined {
  const encoded = Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, encodeURIComponent(value.toWellFormed())]),
  );
  const address = filledText(href.trim(), encoded)
    .toWellFormed()
    .replace(harmful, (one) => encodeURIComponent(one))
    .replaceAll('&', '&amp;');
  const isOne = leads.test(address) && address.length <= longest.address && URL.canParse(address);
  return isOne ? address : undefined;
}

/** Another runbook of the folder is opened by its name. */
function commandOf(href: string): string | undefined {
  const [, name] = /^(?:\.\/)?([a-z0-9][a-z0-9-]{0,79})\.md$/.exec(href) ?? [];
  return name === undefined ? undefined : `/runbook open ${name}`;
}
