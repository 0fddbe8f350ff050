import type { Element, Message } from './screen.ts';

/** What the local Slack needs to know of a click. */
export type ClickedAction = {
  readonly type: string;
  readonly action_id: string | undefined;
  readonly block_id: string | undefined;
  readonly value?: string | undefined;
  readonly text?: unknown;
  readonly selected_option?: unknown;
};

/** What has blocks to click in: a message, or a home tab. */
type Shown = Pick<Message, 'blocks'> & { readonly text?: string };

type Clickable = { readonly label: string; readonly option?: string; readonly action: ClickedAction };

/**
 * Finds a button by its text or action id, or an entry of an overflow or select menu by its text or value, in a message
 * as the person sees it; throws an Error that lists what could have been clicked.
 */
export function findAction(message: Shown, wanted: string): ClickedAction {
  const all = clickables(message);
  const found =
    all.find(({ action }) => action.action_id === wanted) ??
    all.find(({ label, option }) => label === wanted || option === wanted);
  if (found !== undefined) return found.action;
  const labels = all.map(({ label, action }) => `“${label}” (${action.action_id})`);
  throw new Error(
    `there is no button “${wanted}” in “${message.text ?? 'the home tab'}”; there is ${labels.join(', ') || 'none'}`,
  );
}

/** The texts of everything that can be clicked in a message, in the order of the page. */
export function buttonTexts(message: Message): string[] {
  return clickables(message).map(({ label }) => label);
}

function clickables(message: Shown): Clickable[] {
  return (message.blocks ?? []).flatMap((block) => {
    const elements = Array.isArray(block.elements) && block.type === 'actions' ? block.elements : [];
    const all: Element[] = block.accessory === undefined ? elements : [...elements, block.accessory];
    return all.flatMap((element) => fromElement(element, block.block_id));
  });
}

function fromElement(element: Element, block_id: string | undefined): Clickable[] {
  const { type, action_id, value, text } = element;
  if (type === 'button') {
    return [{ label: textOf(text), action: { type, action_id, block_id, value, text } }];
  }
  const options = Array.isArray(element.options) ? element.options : [];
  return options.map((option) => ({
    label: textOf(option?.text),
    option: String(option?.value),
    action: { type, action_id, block_id, selected_option: option },
  }));
}

/** The characters of a text object, empty for anything else. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('text' in value)) return '';
  return String(value.text);
}
