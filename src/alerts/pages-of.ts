import type { UntimedGroupEvent } from './events.ts';
import type { AlertGroup, Page, PageStatus } from './group.ts';

/** All pages of a group: that of this round first. */
export function pagesOf({ page, otherPages }: AlertGroup): readonly Page[] {
  return page === undefined ? otherPages : [page, ...otherPages];
}

/** The page that a call is about, or undefined when something newer is wanted of it by now. */
export function pageOfTurn(group: AlertGroup, turn: number): Page | undefined {
  return pagesOf(group).find((page) => page.turn === turn);
}

/** Whether PagerDuty still has to be told what is wanted of a page. */
export function isUntold({ wanted, told, refused }: Page): boolean {
  return wanted !== told && refused === undefined;
}

/** Whether PagerDuty shows the page as something that goes on, as far as is known. */
export function isOpen({ wanted, told, refused }: Page): boolean {
  return wanted !== 'resolved' && (told !== undefined || refused === undefined);
}

/** What is wanted now of the open pages of a group. */
export function wantPages(group: AlertGroup, wanted: PageStatus): readonly UntimedGroupEvent[] {
  return pagesOf(group)
    .filter((page) => isOpen(page) && page.wanted !== wanted)
    .map(({ key, dedupKey }) => ({ type: 'PageWanted', page: { key, dedupKey, wanted } }));
}
