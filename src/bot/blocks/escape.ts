// Characters that are drawn as nothing or turn the reading order: controls, bidi and zero-width marks, lone surrogates, Hangul fillers.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu;
const breaks = /\r\n?|[\u0085\u2028\u2029\v\f]/gu;
const pile = /(\p{M}{3})\p{M}+/gu;
const shout = /@(?=channel|here|everyone)/giu;
const long = /&(?:amp|lt|gt);|<[@!#h][^<>\n]{0,400}>|[\ud800-\udbff][\udc00-\udfff]/g;
const token = /&(?:amp|lt|gt);|<[@!#h][^<>\n]{0,400}>|[\s\S]/gu;

/**
 * Text from outside as one line of mrkdwn that says what it says and does nothing: no mention, link, emoji, emphasis, line break
 * or hidden mark. mrkdwn has no escape for its own marks, so these become lookalikes. Source:
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escaped(text: string): string {
  return entities(line(text))
    .replace(/[*~`]/gu, lookalike)
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ')
    .replace(/:(?=[\p{L}\p{N}_+'-]+:)/gu, '∶')
    .replace(/^(?:&gt;)+/u, '›')
    .replace(shout, '＠');
}

/** Text from outside as one line for a plain_text object, where only hidden marks and line breaks can do harm. */
export function plain(text: string): string {
  return line(text);
}

/** Text from outside as inline code, on one line; blank text gives an empty string. */
export function code(text: string): string {
  const inner = entities(line(text)).replaceAll('`', 'ˋ').replace(shout, '＠');
  return inner === '' ? '' : `\`${inner}\``;
}

/** Text from outside as a block of code of at most `limit` characters with its fences; blank text gives an empty string. */
export function codeBlock(text: string, limit: number): string {
  const inner = codeText(text).replaceAll('`', 'ˋ').trim();
  return inner === '' ? '' : `\`\`\`\n${clip(inner, Math.max(1, limit - 8))}\n\`\`\``;
}

/**
 * Text from outside as it stands within a block of code, its lines, indents and backticks kept so that it can be pasted, without
 * the fences; what would end the block becomes lookalikes.
 */
export function codeText(text: string): string {
  return entities(clean(text))
    .replace(/`{3,}/g, (marks) => 'ˋ'.repeat(marks.length))
    .replace(shout, '＠');
}

/** Text from outside as quoted lines of mrkdwn, at most `most` of them with a count of the rest; blank text gives an empty string. */
export function quote(text: string, most = 10): string {
  const lines = clean(text).trim().split('\n').map(escaped);
  const shown = lines.length > most ? [...lines.slice(0, most - 1), more(lines.length - most + 1)] : lines;
  return shown.join('') === '' ? '' : shown.map((one) => `> ${one}`).join('\n');
}

/** A rule's own sentence with the mentions of people and channels that the rule put into it; everything else that mrkdwn would act on is escaped. */
export function sentence(text: string): string {
  return line(text)
    .split(/(<@[UW][A-Z0-9]+>|<#[CG][A-Z0-9]+>)/u)
    .map((part, index) => (index % 2 === 1 ? part : entities(part).replace(shout, '＠')))
    .join('');
}

/** At most `limit` characters, an entity, a mention or a surrogate pair never split, with a count of the characters left out. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const longest = ` … +${text.length} characters`.length;
  const isRoomy = limit >= longest * 2;
  const room = isRoomy ? limit - longest : limit - 1;
  if (room < 0) return '';
  let kept = 0;
  for (const { 0: one, index } of text.matchAll(token)) {
    if (index + one.length > room) break;
    kept = index + one.length;
  }
  const left = text.slice(kept).replace(long, 'x').length;
  const start = text.slice(0, kept).trimEnd();
  return isRoomy ? `${start} … +${left} characters` : `${start}…`;
}

/** A person as a Slack mention; whoever is not a Slack user id, such as `slipway` itself, by name. */
export function mention(id: string): string {
  return /^[UW][A-Z0-9]{1,30}$/.test(id) ? `<@${id}>` : clip(escaped(id), 60);
}

/** Several people as mentions, `nobody` when there are none. */
export function mentioned(ids: readonly string[]): string {
  return ids.length === 0 ? 'nobody' : ids.map(mention).join(', ');
}

/** A link to a web address of at most 300 characters; only its label when the address is longer or not http or https. */
export function link(url: string, label: string): string {
  const words = clip(escaped(label), 80);
  const address = entities(url);
  const isWeb = address.length <= 300 && clean(url) === url && /^https?:\/\/[^\s<>|`]+$/u.test(url);
  return isWeb && words !== '' ? `<${address}|${words}>` : words;
}

/** How a fold says how much it left out. */
export function more(count: number): string {
  return `… ${count} more`;
}

function clean(text: string): string {
  return text
    .replace(breaks, '\n')
    .replaceAll('\t', '  ')
    .replace(unseen, (one) => (one === '\n' ? one : ''))
    .replace(pile, '$1');
}

function line(text: string): string {
  return clean(text).replace(/\s+/gu, ' ').trim();
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function lookalike(mark: string): string {
  return mark === '*' ? '∗' : mark === '~' ? '∼' : 'ˋ';
}
