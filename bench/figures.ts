/** One line of the table: a measured number and, where there is a goal, the most or the least that it should be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
  readonly least?: number;
}

/** The value that a share of all values does not exceed, by the nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The figures as an aligned table with what was wanted and whether it was met. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, goal, least }) => [
    what,
    shown(value, unit),
    ...(goal === undefined ? [] : [`≤ ${shown(goal, unit)}`, value <= goal ? 'met' : 'missed']),
    ...(least === undefined ? [] : [`≥ ${shown(least, unit)}`, value >= least ? 'met' : 'missed']),
  ]);
  const all = [['', 'value', 'goal', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(([what = '', value = '', goal = '', verdict = '']) =>
      [what.padEnd(widths[0] ?? 0), value.padStart(widths[1] ?? 0), goal.padStart(widths[2] ?? 0), verdict]
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(value: number, unit: string): string {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`.trim();
}
