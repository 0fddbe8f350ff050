import type { AlertGroup } from './group.ts';

const prefix = 'board.';

/** The board of a channel: all alert groups that are shown there, which are drawn together since Slack counts by channel. */
export function boardOf(channel: string): string {
  return prefix + channel;
}

/** The channel of a board, or undefined for the name of anything else. */
export function channelOf(board: string): string | undefined {
  return board.startsWith(prefix) ? board.slice(prefix.length) : undefined;
}

/** The key of the message that shows a group; rounds of a flapping group share one. */
export function messageKeyOf({ message }: Pick<AlertGroup, 'message'>): string {
  return `message-${message}`;
}
