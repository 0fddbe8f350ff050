import type { GroupEvent } from './events.ts';
import type { AlertGroup, Page } from './group.ts';
import { isUntold, pagesOf } from './pages-of.ts';

type PageEvent = Extract<
  GroupEvent,
  { type: 'PageWanted' | 'PageTold' | 'PageRefused' | 'PageFollowed' | 'Reassigned' }
>;

type WantedPage = Extract<PageEvent, { type: 'PageWanted' }>['page'];

const otherPagesKept = 10;

/** The pages after what was wanted of PagerDuty, what it answered, and what was done there. */
export function evolvePages(group: AlertGroup, event: PageEvent): AlertGroup {
  switch (event.type) {
    case 'PageWanted':
      return wanted(group, event.page);
    case 'PageTold':
      return gone(
        withPages(group, (page) => (page.turn === event.turn ? { ...page, told: event.status } : page)),
      );
    case 'PageRefused':
      return withPages(group, (page) =>
        page.turn === event.turn ? { ...page, refused: event.because } : page,
      );
    case 'PageFollowed':
      return withPages(group, (page) => {
        if (page.dedupKey !== event.dedupKey || page.wanted === 'resolved') return page;
        const { refused: _, ...rest } = page;
        return { ...rest, wanted: event.status, told: event.status };
      });
    case 'Reassigned':
      return withPages(group, (page) =>
        page.wanted === 'resolved' ? page : { ...page, assignees: event.assignees },
      );
  }
}

/** What PagerDuty has yet to close when the group opens anew; of one incident once. */
export function leftOpen(group: AlertGroup): readonly Page[] {
  const pages = pagesOf(group).filter((page) => page.wanted === 'resolved' && isUntold(page));
  return pages.filter((page) => newestOf(pages, page)?.turn === page.turn).slice(0, otherPagesKept);
}

function wanted(group: AlertGroup, { key, dedupKey, wanted }: WantedPage): AlertGroup {
  const turn = group.pageTurns + 1;
  const asked = { ...group, pageTurns: turn };
  const standing = newestOf(pagesOf(group), { key, dedupKey });
  const isNew = standing === undefined || (standing.wanted === 'resolved' && wanted === 'triggered');
  if (!isNew) {
    return withPages(asked, (page) =>
      page.turn === standing.turn ? { ...unrefused(page), wanted, turn } : page,
    );
  }
  // One of an earlier round stays beside it until it is closed, lest PagerDuty takes the trigger for more of the old incident.
  const fresh: Page = { key, dedupKey, wanted, turn };
  if (group.page === undefined) return { ...asked, page: fresh };
  return { ...asked, otherPages: [...group.otherPages, fresh].slice(-otherPagesKept) };
}

function newestOf(pages: readonly Page[], { key, dedupKey }: Pick<Page, 'key' | 'dedupKey'>) {
  return pages
    .filter((page) => page.key === key && page.dedupKey === dedupKey)
    .toSorted((one, other) => other.turn - one.turn)[0];
}

function unrefused({ refused: _, ...page }: Page): Page {
  return page;
}

function withPages(group: AlertGroup, change: (page: Page) => Page): AlertGroup {
  const { page, otherPages } = group;
  return { ...group, ...(page !== undefined && { page: change(page) }), otherPages: otherPages.map(change) };
}

function gone(group: AlertGroup): AlertGroup {
  const otherPages = group.otherPages.filter(
    ({ wanted, told }) => wanted !== 'resolved' || told !== 'resolved',
  );
  return otherPages.length === group.otherPages.length ? group : { ...group, otherPages };
}
