import type { Instant } from '../../deploy/deployment.ts';
import { readable } from '../../duration.ts';

/** A moment in each reader's own time, with UTC where Slack cannot show that. Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export function moment(at: Instant): string {
  const fallback = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time}|${fallback}>`;
}

/** A moment with how long ago it was, which Slack itself keeps up to date, so that nothing must be drawn anew for it. */
export function ago(at: Instant): string {
  return moment(at).replace('{time}', '{time} ({ago})');
}

/** A text with its moments in UTC and without stars, for notifications, where Slack formats nothing. */
export function unformatted(text: string): string {
  return text.replace(/<!date\^[^|<>]*\|([^<>]*)>/g, '$1').replaceAll('*', '');
}

/** A span that is still growing, coarse so that a message need not be redrawn often: to 10 s under 10 min, then to the minute. */
export function growing(span: number): string {
  const grain = span < 600_000 ? 10_000 : 60_000;
  const whole = Math.floor(Math.max(0, span) / grain) * grain;
  return whole === 0 ? '0 s' : readable(whole);
}
