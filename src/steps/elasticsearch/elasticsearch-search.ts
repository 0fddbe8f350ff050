import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { defineStep, type Evidence, satisfied, unsatisfied } from '../step.ts';
import { clusterAddress, withElasticsearch } from './elasticsearch-connection.ts';
import { IndexName } from './index-name.ts';

const With = z.strictObject({
  ...clusterAddress,
  index: IndexName,
  query: z.record(z.string(), z.unknown()).meta({ description: 'in the query DSL: {match: {title: chair}}' }),
  finds: z
    .strictObject({
      id: z.string().optional().meta({ description: 'the id of a document that must be among the hits' }),
      field: z.string().optional().meta({ description: 'a field of the hits, dotted where it is deeper' }),
      equals: z
        .union([z.string(), z.number(), z.boolean()])
        .optional()
        .meta({ description: 'what `field` must be in one of the hits' }),
      min: z.int().min(1).default(1).meta({ description: 'how many hits there must be at least' }),
    })
    .refine(
      ({ field, equals }) => (field === undefined) === (equals === undefined),
      '`field` and `equals` together',
    )
    .prefault({}),
  among: z
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .meta({ description: 'how many of the best hits are looked at for `id` and `equals`' }),
  latency: Duration.prefault('1s').meta({ description: 'what 95 of 100 searches must not take longer than' }),
  samples: z.int().min(1).max(100).default(5),
});
type With = z.output<typeof With>;

interface Hit {
  readonly _id?: string | undefined;
  readonly _source?: unknown;
}

/** A search finds what it must, and fast enough; the time is that of the whole round trip on an open connection. */
export const elasticsearchSearch = defineStep({
  uses: 'elasticsearch/search',
  summary: 'A search finds a known document, fast enough.',
  with: With,
  timeout: '1m',
  check: (wanted, { signal }) =>
    withElasticsearch(wanted, signal, async ({ client, where }) => {
      const { index, query, among } = wanted;
      const search = () => client.search({ index, query, size: among, track_total_hits: true });
      const { hits } = await search();
      const total = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? hits.hits.length);
      const spans: number[] = [];
      for (let sample = 0; sample < wanted.samples; sample += 1) {
        const began = performance.now();
        await search();
        spans.push(performance.now() - began);
      }
      const slow = percentile95(spans);
      const ids = hits.hits.slice(0, 10).map(({ _id }) => _id);
      const evidence: Evidence = {
        asked: `POST /${index}/_search ${JSON.stringify({ query })}, once and ${spans.length} times more`,
        of: where,
        answered: `${total} hits; the first: ${ids.join(', ') || 'none'}; p95 ${milliseconds(slow)} of ${spans.map(milliseconds).join(', ')}`,
      };
      const lacking = lack(wanted, total, hits.hits);
      if (lacking) return unsatisfied(`The search in ${index} at ${where} ${lacking}.`, evidence);
      if (slow > wanted.latency) {
        const because = `The search in ${index} at ${where} takes ${milliseconds(slow)} (p95 of ${spans.length}), wanted is at most ${milliseconds(wanted.latency)}.`;
        return unsatisfied(because, evidence);
      }
      return satisfied(evidence);
    }),
});

function lack({ finds, among }: With, total: number, hits: readonly Hit[]): string | undefined {
  const { id, field, equals, min } = finds;
  if (total < min) return `finds ${total} documents, wanted are at least ${min}`;
  if (id !== undefined && !hits.some(({ _id }) => _id === id)) {
    return `does not have document ${id} among its best ${among} hits`;
  }
  if (field !== undefined && !hits.some(({ _source }) => valuesAt(_source, field).includes(String(equals)))) {
    return `has no document whose ${field} is "${equals}" among its best ${among} hits`;
  }
  return undefined;
}

function valuesAt(source: unknown, path: string): readonly string[] {
  const values = path
    .split('.')
    .reduce<unknown[]>((above, name) => above.flatMap((one) => inner(one, name)), [source]);
  return values.map(String);
}

function inner(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const found: unknown = Reflect.get(value, name);
  return found === undefined ? [] : [found].flat();
}

function percentile95(spans: readonly number[]): number {
  return spans.toSorted((a, b) => a - b)[Math.ceil(spans.length * 0.95) - 1] ?? 0;
}

function milliseconds(span: number): string {
  return `${Math.round(span * 10) / 10} ms`;
}
