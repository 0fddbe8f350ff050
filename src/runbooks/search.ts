import { setImmediate } from 'node:timers/promises';
import MiniSearch from 'minisearch';
import type { Part, Runbook } from './runbook.ts';
import { synonymsOf, termOf, wordsOf } from './search-terms.ts';

/** Where words of a runbook are looked for, and how much they weigh there. */
const boost = { name: 4, alerts: 5, title: 4, tags: 4, headings: 1.5, text: 1 };

export type SearchField = keyof typeof boost;

/** A runbook that a query found; a higher score is a better match. */
export interface Found {
  readonly runbook: Runbook;
  readonly score: number;
  /** The words of the runbook that were found, as they are looked up, with where each stands. */
  readonly matched: Readonly<Record<string, readonly SearchField[]>>;
}

/** Finds runbooks, the best first, at most `limit`. */
export type Search = (query: string, limit: number) => readonly Found[];

/** What somebody types is a few words; more of them only cost time. */
const mostTerms = 16;
const longestQuery = 300;

/** The beginning of a long text says what it is about. */
const longestText = 20_000;

const isField = (name: string): name is SearchField => Object.hasOwn(boost, name);

/** Forgives about one typo in four letters; of short words none, since another one is another thing. */
const fuzzy = (term: string): number | boolean =>
  term.length < 4 || /\d/.test(term) ? false : term.length < 6 ? 1 : 0.25;

/** The words of a query are taken apart before it is asked. */
const asTyped = {
  boost,
  weights: { fuzzy: 0.4, prefix: 0.6 },
  tokenize: (text: string) => [text],
  processTerm: (term: string) => term,
};

/** An index of runbooks: full text, typos forgiven, where alert names, tags and title weigh more than the text. */
export function searchIndex(runbooks: readonly Runbook[]): Search {
  const { search, add } = emptyIndex();
  for (const runbook of runbooks) add(runbook);
  return search;
}

/** An index whose runbooks change while it is in use. */
export interface ChangingIndex {
  readonly search: Search;
  /** Makes these the runbooks that are found, with pauses in which others can work. The one before must have ended. */
  readonly become: (runbooks: readonly Runbook[]) => Promise<void>;
}

/** An index without runbooks, which takes in only what is new to it. */
export function changingIndex(): ChangingIndex {
  const { search, add, discard } = emptyIndex();
  let known: ReadonlySet<Runbook> = new Set();
  return {
    search,
    become: async (runbooks) => {
      const wanted = new Set(runbooks);
      for (const runbook of known) if (!wanted.has(runbook)) discard(runbook);
      for (const runbook of wanted) {
        if (known.has(runbook)) continue;
        add(runbook);
        await setImmediate();
      }
      known = wanted;
    },
  };
}

function emptyIndex() {
  const index = new MiniSearch({
    fields: Object.keys(boost),
    tokenize: wordsOf,
    processTerm: (word) => termOf(word),
  });
  const runbooks = new Map<number, Runbook>();
  const ids = new Map<Runbook, number>();
  let last = 0;
  const add = (runbook: Runbook): void => {
    last += 1;
    runbooks.set(last, runbook);
    ids.set(runbook, last);
    index.add({ id: last, ...fieldsOf(runbook) });
  };
  const discard = (runbook: Runbook): void => {
    const id = ids.get(runbook);
    if (id === undefined) return;
    index.discard(id);
    runbooks.delete(id);
    ids.delete(runbook);
  };
  const search: Search = (query, limit) => {
    const words = wordsOf(query.slice(0, longestQuery)).flatMap((word) => termOf(word) ?? []);
    const terms = [...new Set(words)].slice(0, mostTerms);
    if (terms.length === 0) return [];
    const asked = terms.flatMap((term) => [
      { queries: [term], fuzzy, prefix: term.length > 2 },
      ...synonymsOf(term).map((other) => ({ queries: [other], boostTerm: () => 0.5 })),
    ]);
    const found = index.search({ combineWith: 'OR', queries: asked }, asTyped);
    return found.slice(0, limit).flatMap(({ id, score, match }) => {
      const runbook = runbooks.get(Number(id));
      if (runbook === undefined) return [];
      const places = Object.entries(match).map(([word, fields]) => [word, fields.filter(isField)] as const);
      return [{ runbook, score, matched: Object.fromEntries(places) }];
    });
  };
  return { search, add, discard };
}

function fieldsOf({ name, title, alerts, tags, sections }: Runbook): Record<SearchField, string> {
  return {
    name,
    title,
    alerts: alerts.join(' '),
    tags: tags.join(' '),
    headings: sections.map(({ heading }) => heading).join(' '),
    text: sections
      .flatMap(({ parts }) => parts.map(textOf))
      .join('\n')
      .slice(0, longestText),
  };
}

function textOf(part: Part): string {
  switch (part.kind) {
    case 'text':
      return part.markdown;
    case 'task':
      return `${part.markdown} ${part.more}`;
    case 'step':
      return `${part.title ?? ''} ${part.uses}`;
  }
}
