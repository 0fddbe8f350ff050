import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from '@slack/types';
import { clip, more, plain } from './escape.ts';
import { limits } from './limits.ts';

/** A button as the message says it; `value` comes from `encode`, and `action` is made unique where it stands. */
export interface Press {
  readonly text: string;
  readonly action: string;
  readonly value?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: {
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    readonly no: string;
  };
  readonly url?: string;
}

const blank = '–';

/** A mrkdwn text of at most `limit` characters in which Slack makes nothing of addresses and names by itself. */
export function mrkdwn(text: string, limit: number): MrkdwnElement {
  const said = text.trim() === '' ? blank : clip(text, limit);
  return { type: 'mrkdwn', text: said, verbatim: true };
}

/** A plain text of at most `limit` characters in which `:name:` stays as it is. */
export function plainText(text: string, limit: number): PlainTextElement {
  const said = clip(plain(text), limit);
  return { type: 'plain_text', text: said === '' ? blank : said, emoji: false };
}

/** A section of mrkdwn, clipped to 3000 characters; what comes from outside must be escaped before. */
export function section(text: string): SectionBlock {
  return { type: 'section', text: mrkdwn(text, limits.section) };
}

/** A header of plain text, clipped to 150 characters. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: plainText(text, limits.header) };
}

/** Small mrkdwn texts side by side, at most ten; the last one counts what is left out. */
export function context(...texts: readonly string[]): ContextBlock {
  const most = limits.contextElements;
  const shown = texts.length > most ? [...texts.slice(0, most - 1), more(texts.length - most + 1)] : texts;
  const elements = (shown.length === 0 ? [blank] : shown).map((text) => mrkdwn(text, limits.contextText));
  return { type: 'context', elements };
}

/** Label and value pairs in two columns, ten to a section; labels and values are mrkdwn. */
export function fields(pairs: readonly (readonly [label: string, value: string])[]): SectionBlock[] {
  return chunks(pairs, limits.fields).map((some) => ({
    type: 'section',
    fields: some.map(([label, value]) => mrkdwn(`*${label}*\n${value}`, limits.field)),
  }));
}

/** Lines of mrkdwn in as few sections as hold them, a line clipped to 500 characters. */
export function lines(texts: readonly string[]): SectionBlock[] {
  const packed: string[] = [];
  for (const text of texts) {
    const one = clip(text, 500);
    const last = packed.at(-1);
    if (last === undefined || last.length + 1 + one.length > limits.section) packed.push(one);
    else packed[packed.length - 1] = `${last}\n${one}`;
  }
  return packed.map(section);
}

/** A button within Slack's limits; throws a RangeError for a value over 2000 or an address over 3000 characters, which cannot be cut. */
export function button({ text, action, value, style, confirm, url }: Press): Button {
  if ((value?.length ?? 0) > limits.buttonValue) throw new RangeError(`the value of ${action} is too long`);
  if ((url?.length ?? 0) > limits.url) throw new RangeError(`the address of ${action} is too long`);
  return {
    type: 'button',
    text: plainText(text, limits.buttonLabel),
    action_id: clip(action, limits.actionId),
    ...(value === undefined || value === '' ? {} : { value }),
    ...(style === undefined ? {} : { style }),
    ...(url === undefined ? {} : { url }),
    ...(confirm === undefined ? {} : { confirm: dialog(confirm) }),
  };
}

/** Buttons in rows of at most 25; none gives no block. A repeated action gets `:1`, `:2` …, since ids are unique in a block. */
export function actions(buttons: readonly Press[]): ActionsBlock[] {
  return chunks(buttons, limits.actions).map((some) => {
    const seen = new Map<string, number>();
    const elements = some.map((press) => {
      const before = seen.get(press.action) ?? 0;
      seen.set(press.action, before + 1);
      return button(before === 0 ? press : { ...press, action: `${press.action}:${before}` });
    });
    return { type: 'actions', elements };
  });
}

function dialog({ title, text, yes, no }: NonNullable<Press['confirm']>) {
  return {
    title: plainText(title, limits.confirmTitle),
    text: plainText(text, limits.confirmText),
    confirm: plainText(yes, limits.confirmButton),
    deny: plainText(no, limits.confirmButton),
  };
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
