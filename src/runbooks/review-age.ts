/** For how many days a review is believed. */
const reviewedDays = 90;

const day = 86_400_000;

/** How a review stands: how many days ago it was, or that there was none, or that its day is still to come. */
export type ReviewAge =
  | { readonly kind: 'fresh' | 'old'; readonly days: number }
  | { readonly kind: 'never' | 'future' };

/**
 * How old a review of a day such as `2026-11-22` is at an instant, in days. The day may be one ahead of UTC's, since it is written
 * where the sun is further on.
 */
export function reviewAge(reviewed: string | undefined, now: number): ReviewAge {
  if (reviewed === undefined) return { kind: 'never' };
  const days = Math.floor((now - Date.parse(`${reviewed}T00:00:00Z`)) / day);
  if (days < -1) return { kind: 'future' };
  return { kind: days > reviewedDays ? 'old' : 'fresh', days: Math.max(0, days) };
}

/** The age of a review in words, such as `reviewed 12 days ago`. */
export function reviewInWords(age: ReviewAge): string {
  switch (age.kind) {
    case 'never':
      return 'never reviewed';
    case 'future':
      return 'reviewed on a day still to come';
    default:
      return age.days === 0
        ? 'reviewed today'
        : age.days === 1
          ? 'reviewed yesterday'
          : `reviewed ${age.days} days ago`;
  }
}
