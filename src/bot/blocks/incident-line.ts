import { clip, escaped } from './escape.ts';
import { sign } from './signs.ts';

/** The line on the message of an alert or a run that leads to its incident's channel. */
export function incidentLine({
  number,
  channel,
}: {
  readonly number: number;
  readonly channel: string;
}): string {
  return `${sign.warning} Incident #${number} in ${channelMention(channel)}`;
}

/** A channel as a Slack mention; what is no channel id by its text. */
export function channelMention(id: string): string {
  return /^[CG][A-Z0-9]{1,30}$/.test(id) ? `<#${id}>` : clip(escaped(id), 60);
}
