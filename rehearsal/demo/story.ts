import { buttonTexts, textOf } from '../slack/buttons.ts';
import type { Message, View } from '../slack/screen.ts';

/** What a story is written to. */
export interface Out {
  readonly write: (text: string) => unknown;
}

/** Tells a play as it goes, each line with the seconds since its start. */
export interface Story {
  readonly stage: (title: string) => void;
  readonly did: (who: string, what: string) => void;
  /** A message or modal as people read it. */
  readonly shows: (where: string, what: Message | View) => void;
  /** Ends the play with an Error unless it holds. */
  readonly check: (fact: string, holds: boolean, seen: string) => void;
}

export function tellStory(out: Out, now: () => number): Story {
  const start = now();
  const line = (who: string, what: string): void => {
    const seconds = ((now() - start) / 1_000).toFixed(1).padStart(5);
    out.write(`${seconds} s  ${who.padEnd(6)}  ${what}\n`);
  };
  return {
    stage: (title) => void out.write(`\n${title}\n`),
    did: line,
    shows: (where, what) => {
      line('Slack', where);
      for (const one of readable(what)) out.write(`                  │ ${one}\n`);
    },
    check: (fact, holds, seen) => {
      if (!holds) throw new Error(`not so: ${fact}; seen was: ${seen}`);
      line('✓', fact);
    },
  };
}

/** A message's or modal's blocks as lines of plain text, buttons in brackets. */
export function readable(what: Message | View): readonly string[] {
  const head = 'title' in what ? [`〔${textOf(what.title)}〕`] : [];
  const blocks = (what.blocks ?? []).flatMap((block) => {
    if (block.type === 'actions') return [];
    const field = block.type === 'input' ? [`${textOf(block.label)} ▁▁▁`] : [];
    const elements = Array.isArray(block.elements) ? block.elements.map(textOf) : [];
    return [textOf(block.text), ...field, elements.join(' · ')].filter((text) => text !== '');
  });
  const buttons = 'ts' in what ? buttonTexts(what as Message).map((text) => `[ ${text} ]`) : [];
  const lines = [...head, ...blocks, buttons.join(' ')].flatMap((text) => plain(text).split('\n'));
  return lines.filter((text) => text.trim() !== '');
}

/** mrkdwn as a reader sees it. Source: https://docs.slack.dev/messaging/formatting-message-text */
function plain(text: string): string {
  return text
    .replace(/<!date\^[^|<>]*\|([^<>]*)>/g, '$1')
    .replace(/<@U0([A-Z]+)>/g, (_, name: string) => `@${name.toLowerCase()}`)
    .replace(/<#C0([A-Z]+)>/g, (_, name: string) => `#${name.toLowerCase()}`)
    .replace(/<[^|<>]*\|([^<>]*)>/g, '$1')
    .replace(/\*([^*\n]+)\*/g, '$1')
    .replaceAll('`', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
