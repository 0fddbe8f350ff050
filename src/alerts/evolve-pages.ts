import type { GroupEvent } from './events.ts';
import type { AlertGroup, Page } from './group.ts';
import { isUntold, pagesOf } from './pages-of.ts';

type PageEvent = Extract<
  GroupEvent,
  { type: 'PageWanted' | 'PageTold' | 'PageRefused' | 'PageFollowed' | 'Reassigned' }
>;

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

/** What PagerDuty has yet to close when the group opens anew. */
export function leftOpen(group: AlertGroup): readonly Page[] {
  return pagesOf(group)
    .filter((page) => page.wanted === 'resolved' && isUntold(page))
    .slice(0, otherPagesKept);
}

function wanted(
  group: AlertGroup,
  { key, dedupKey, wanted }: Extract<PageEvent, { type: 'PageWanted' }>['page'],
) {
  const turn = group.pageTurns + 1;
  const isIt = (page: Page) => page.key === key && page.dedupKey === dedupKey;
  const { page, otherPages } = group;
  const asked = { ...group, pageTurns: turn };
  const standing = pagesOf(group).find(isIt);
  const isReopened = standing?.wanted === 'resolved' && wanted === 'triggered';
  // What PagerDuty was told of a page that is to be closed may be overtaken by the call that closes it: it is triggered anew.
  const fresh: Page = { key, dedupKey, wanted, turn };
  const changed = standing === undefined || isReopened ? fresh : { ...unrefused(standing), wanted, turn };
  if (page === undefined) {
    const others = otherPages.filter((one) => !isIt(one));
    return wanted === 'triggered'
      ? { ...asked, page: changed, otherPages: others }
      : { ...asked, otherPages: [...others, changed] };
  }
  if (isIt(page)) return { ...asked, page: changed };
  return {
    ...asked,
    otherPages: [...otherPages.filter((one) => !isIt(one)), changed].slice(-otherPagesKept),
  };
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
