import type { Instant } from '../../../alerts/group.ts';
import { faceOf, instantOf, isTimeZone, wallClock } from '../../../alerts/wall-clock.ts';
import type { SilenceAnswers } from '../../blocks/alerts/silence-answers.ts';

const hour = 3_600_000;
/** What the rules of alert groups allow. */
const longest = 30 * 24 * hour;

/** How long the fixed choices last, in milliseconds. */
const spans = { '30m': hour / 2, '2h': 2 * hour, '8h': 8 * hour } as const;

/** The next time after `now` that a clock in the zone shows 09:00 on a Monday to Friday. */
export function nextWorkingHours(zone: string, now: Instant): Instant {
  for (let ahead = 0; ; ahead += 1) {
    const { year, month, day: ofMonth } = wallClock(zone, now);
    const at = instantOf(zone, Date.UTC(year, month - 1, ofMonth + ahead, 9));
    if (at > now && wallClock(zone, at).weekday <= 5) return at;
  }
}

/** When a silence ends that was asked for like this, or what is wrong with the answer, by the name of its field. */
export function silenceUntil(
  { span, date, time }: Pick<SilenceAnswers, 'span' | 'date' | 'time'>,
  zone: string,
  now: Instant,
): { readonly until: Instant } | { readonly wrong: Readonly<Record<string, string>> } {
  if (span === undefined) return { wrong: { span: 'Choose for how long.' } };
  if (span === 'working-hours') return { until: nextWorkingHours(zone, now) };
  if (span !== 'custom') return { until: now + spans[span] };
  if (date === undefined || time === undefined) {
    return {
      wrong: { [date === undefined ? 'date' : 'time']: 'Choose the date and the time at which it ends.' },
    };
  }
  const face = faceOf(`${date}T${time}`);
  if (face === undefined) return { wrong: { date: 'No calendar has this date.' } };
  const until = instantOf(zone, face);
  if (until <= now) return { wrong: { date: `That is over already, by the clock of ${zone}.` } };
  if (until > now + longest) return { wrong: { date: 'A silence lasts 30 days at most.' } };
  return { until };
}

/** The time zone that Slack says somebody is in, where it is one. */
export function knownZone(name: string | undefined): string | undefined {
  return name !== undefined && name.length <= 60 && isTimeZone(name) ? name : undefined;
}
