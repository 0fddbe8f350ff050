import { readable } from '../duration.ts';
import { markdown } from './markdown.ts';
import { type Measure, measuresOf } from './measures.ts';
import { openingsOf } from './openings.ts';
import { list, prompt, type Writing } from './review-writing.ts';

/** What was hit: each alert with how many of it and from when to when, and the environments. */
export function impact({ record, clock }: Writing): string {
  const openings = openingsOf(record);
  const environments = new Set([
    ...openings.map(({ environment }) => environment),
    ...record.happenings
      .filter(({ type }) => type === 'RunRequested')
      .map(({ data }) => (typeof data.environment === 'string' ? data.environment : undefined)),
  ]);
  const places = [...environments].filter((one) => one !== undefined).map((one) => markdown(one, 60));
  const alerts = openings.map(({ name, severity, environment, count, since, openedAt, closedAt }) => {
    const from = since ?? openedAt;
    const span = [
      from === undefined ? 'from an unknown time' : `from ${clock.time(from)}`,
      closedAt === undefined ? 'not closed' : `to ${clock.time(closedAt)}`,
    ].join(' ');
    const what = [severity, environment].filter((one) => one !== undefined).map((one) => markdown(one, 60));
    const facts = [...what, `${count} alert${count === 1 ? '' : 's'}`, span];
    return `${markdown(name, 120)}: ${facts.join(', ')}`;
  });
  const where = places.length === 0 ? '' : `\n\nEnvironments: ${places.join(', ')}`;
  return [
    list(alerts, 'No alert is linked.'),
    where,
    `\n\n${prompt('Who noticed what, how many of them, and for how long?')}`,
  ].join('');
}

const measured = {
  detect: 'Time to detect',
  acknowledge: 'Time to acknowledge',
  mitigate: 'Time to mitigate',
  resolve: 'Time to resolve',
} as const;

/** A row for each measure, with the times that it lies between. */
export function measures({ record, clock }: Writing): string {
  const found = measuresOf(record);
  const row = (name: keyof typeof measured) => {
    const measure: Measure | undefined = found[name];
    const cells =
      measure === undefined
        ? ['not known', '', '']
        : [readable(measure.ms), clock.time(measure.from), clock.time(measure.to)];
    return `| ${[measured[name], ...cells].join(' | ')} |`;
  };
  return [
    '| Measure | Span | From | To |',
    '| --- | --- | --- | --- |',
    row('detect'),
    row('acknowledge'),
    row('mitigate'),
    row('resolve'),
  ].join('\n');
}
