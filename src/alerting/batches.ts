import { Failure } from '../errors.ts';

/** How work that comes piece by piece is done many pieces at a time. */
export interface Batching<Item, Result> {
  /** Pieces with equal keys are done one after the other, in the order in which they came. */
  readonly keyOf: (item: Item) => string;
  readonly weightOf: (item: Item) => number;
  /** The most pieces of a batch, and the most that they weigh together; a heavier one is done alone. */
  readonly most: number;
  readonly heaviest: number;
  /** How many batches are under way at a time; of those that are too heavy at most one. */
  readonly lanes: number;
  /** Milliseconds after which nobody waits for a piece any more: the caller is told `store-unreachable`, and what has not begun is dropped. */
  readonly patienceFor: (item: Item) => number;
  /** Does a batch and settles each of its pieces, in their order. */
  readonly work: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly settle: (result: PromiseSettledResult<Result>) => void;
}

/** Does each piece at once when nothing is under way, and with all that came meanwhile when something was. */
export function inBatches<Item, Result>(batching: Batching<Item, Result>): (item: Item) => Promise<Result> {
  const { keyOf, weightOf, most, heaviest, lanes, patienceFor, work } = batching;
  let waiting: readonly Waiting<Item, Result>[] = [];
  const busy = new Set<string>();
  let underWay = 0;
  let heavyUnderWay = false;
  const isHeavy = ({ item }: Waiting<Item, Result>) => weightOf(item) > heaviest;

  const take = (): readonly Waiting<Item, Result>[] => {
    const taken: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    const keys = new Set(busy);
    let weight = 0;
    for (const one of waiting) {
      const key = keyOf(one.item);
      const fits = isHeavy(one)
        ? taken.length === 0 && !heavyUnderWay
        : taken.length < most && weight + weightOf(one.item) <= heaviest;
      if (fits && !keys.has(key)) {
        taken.push(one);
        weight += weightOf(one.item);
      } else left.push(one);
      // Also when it is left: what comes after it must not overtake it.
      keys.add(key);
    }
    waiting = left;
    return taken;
  };

  const run = async (taken: readonly Waiting<Item, Result>[]): Promise<void> => {
    const heavy = taken.some(isHeavy);
    underWay += 1;
    heavyUnderWay ||= heavy;
    for (const { item } of taken) busy.add(keyOf(item));
    const results = await work(taken.map(({ item }) => item)).catch((reason: unknown) =>
      taken.map(() => ({ status: 'rejected' as const, reason })),
    );
    underWay -= 1;
    if (heavy) heavyUnderWay = false;
    for (const [index, { item, settle }] of taken.entries()) {
      busy.delete(keyOf(item));
      settle(results[index] ?? { status: 'rejected', reason: new RangeError('a batch lost a piece') });
    }
    start();
  };

  const start = (): void => {
    while (underWay < lanes) {
      const taken = take();
      if (taken.length === 0) return;
      void run(taken);
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      const one: Waiting<Item, Result> = {
        item,
        settle: (result) => {
          clearTimeout(timer);
          if (result.status === 'fulfilled') resolve(result.value);
          else reject(result.reason);
        },
      };
      const patience = patienceFor(item);
      const timer = setTimeout(() => {
        waiting = waiting.filter((other) => other !== one);
        reject(new Failure('store-unreachable', `Nothing was committed within ${patience} ms.`));
      }, patience);
      waiting = [...waiting, one];
      start();
    });
}
