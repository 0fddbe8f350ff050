import type { AnyBlock } from '@slack/types';

interface Loose {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly elements?: unknown;
  readonly label?: unknown;
  readonly element?: unknown;
}

/** Blocks as a person reads them, a line each: buttons in brackets, dates by their fallback. */
export function textOf(blocks: readonly AnyBlock[]): string {
  return blocks
    .flatMap(linesOf)
    .join('\n')
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1');
}

/** The labels of all buttons, in order. */
export function buttonsOf(blocks: readonly AnyBlock[]): string[] {
  return blocks.flatMap((block) => (block.type === 'actions' ? elementsOf(block).map(said) : []));
}

/** The values of all buttons by their labels. */
export function valuesOf(blocks: readonly AnyBlock[]): Record<string, unknown> {
  const buttons = blocks.flatMap((block) => (block.type === 'actions' ? elementsOf(block) : []));
  return Object.fromEntries(
    buttons.map((one) => [
      said(one),
      'value' in one && typeof one.value === 'string' ? JSON.parse(one.value) : undefined,
    ]),
  );
}

function linesOf(block: AnyBlock): string[] {
  const { type, text, label, element }: Loose = block;
  if (type === 'actions')
    return [
      elementsOf(block)
        .map((one) => `[${said(one)}]`)
        .join(' '),
    ];
  if (type === 'context') return [elementsOf(block).map(said).join(' | ')];
  if (type === 'input')
    return [`${said({ text: label })}: (${said({ text: (element as Loose | undefined)?.type })})`];
  return [said({ text })];
}

function elementsOf(block: Loose): Loose[] {
  return Array.isArray(block.elements) ? block.elements : [];
}

function said({ text }: Loose): string {
  if (typeof text === 'string') return text;
  if (typeof text === 'object' && text !== null && 'text' in text) return String(text.text);
  return '';
}
