import { oneLine } from '../alerts/one-line.ts';
import type { Fault } from './library.ts';
import type { Letter, News, ReportedRemark, Unanswered } from './report.ts';
import { reviewAge } from './review-age.ts';
import type { Runbook } from './runbook.ts';

/** The most entries of a list, and characters of what comes from outside: a stream is loaded whole. */
const most = { entries: 30, text: 300, name: 150 } as const;

/** Everything that a week's report is made of. */
export interface Week {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly runbooks: readonly Runbook[];
  readonly faults: readonly Fault[];
  readonly unanswered: readonly Unanswered[];
  /** The owner of each is that of the runbook today, else `owner`. */
  readonly remarks: readonly (ReportedRemark & { readonly owner?: string })[];
  /** The people of each group that has any; what other owners own, nobody does. */
  readonly people: Readonly<Record<string, readonly string[]>>;
  /** Where is told what nobody owns. */
  readonly announce?: string;
}

/**
 * The letters of a week, one for each owner who has something to be told. What nobody owns is told in the channel, or to every
 * owner of a runbook when there is no channel.
 */
export function lettersOf(week: Week): readonly Letter[] {
  const { people, announce } = week;
  const ownerOf = ownersIn(week);
  const everyone = [...new Set(week.runbooks.flatMap(({ owner }) => owner ?? []))].filter((owner) =>
    Object.hasOwn(people, owner),
  );
  const letters = [
    ...new Set([...everyone, ...week.remarks.flatMap(({ name, owner }) => ownerOf(name, owner) ?? [])]),
  ]
    .sort()
    .flatMap((owner): Letter[] => {
      const news = newsFor(week, owner, announce === undefined);
      return hasNews(news) ? [{ owner, people: people[owner] ?? [], news }] : [];
    });
  const orphaned = newsFor(week, undefined, true);
  if (announce === undefined || !hasNews(orphaned)) return letters;
  return [...letters, { people: [], channel: announce, news: orphaned }];
}

/** What an owner is told; `undefined` owns what nobody does, and `all` adds that to an owner's own. */
function newsFor(week: Week, owner: string | undefined, all: boolean): News {
  const ownerOf = ownersIn(week);
  const isTold = (name: string, given?: string): boolean => {
    const own = ownerOf(name, given);
    return own === owner || (all && own === undefined);
  };
  const stale = week.runbooks
    .filter(({ name, reviewed }) => isTold(name) && reviewAge(reviewed, week.now).kind !== 'fresh')
    .map(({ name, title, reviewed }) => ({
      name,
      title: oneLine(title, most.name),
      ...(reviewed !== undefined && { reviewed }),
    }));
  const remarks = week.remarks
    .filter(({ name, owner: given }) => isTold(name, given))
    .map(({ name, part, text, by, at }) => ({
      ...{ name, text: oneLine(text, most.text), by, at },
      ...(part !== undefined && { part }),
    }));
  const faults = week.faults
    .filter(({ file }) => isTold(file.replace(/\.md$/, '')))
    .map(({ file, line, message }) => ({
      ...{ file: oneLine(file, most.name), message: oneLine(message, most.text) },
      ...(line !== undefined && { line }),
    }));
  const unanswered = !all
    ? []
    : week.unanswered
        .map(({ alert, times }) => ({ alert: oneLine(alert, most.name), times }))
        .toSorted((a, b) => b.times - a.times || (a.alert < b.alert ? -1 : 1));
  const left = [unanswered, stale, remarks, faults].reduce(
    (sum, list) => sum + Math.max(0, list.length - most.entries),
    0,
  );
  return {
    unanswered: unanswered.slice(0, most.entries),
    stale: stale.slice(0, most.entries),
    remarks: remarks.slice(0, most.entries),
    faults: faults.slice(0, most.entries),
    left,
  };
}

/** Who owns a runbook by its name: a group with people, or nobody. */
function ownersIn({ runbooks, people }: Week): (name: string, given?: string) => string | undefined {
  const known = new Map(runbooks.map(({ name, owner }) => [name, owner] as const));
  return (name, given) => {
    const owner = known.has(name) ? known.get(name) : given;
    return owner !== undefined && Object.hasOwn(people, owner) ? owner : undefined;
  };
}

function hasNews({ unanswered, stale, remarks, faults }: News): boolean {
  return unanswered.length + stale.length + remarks.length + faults.length > 0;
}
