interface Needing {
  readonly id: string;
  readonly needs: readonly string[];
}

/** The circles in which phases need each other, each once as ids in the order of needing; empty when there are none. */
export function circlesIn(phases: readonly Needing[]): string[][] {
  const needs = new Map(phases.map((phase) => [phase.id, phase.needs]));
  const circles: string[][] = [];
  const done = new Set<string>();
  const way: string[] = [];

  const follow = (id: string): void => {
    const begun = way.indexOf(id);
    if (begun >= 0) {
      circles.push(way.slice(begun));
      return;
    }
    if (done.has(id)) return;
    way.push(id);
    for (const need of needs.get(id) ?? []) follow(need);
    way.pop();
    done.add(id);
  };

  for (const { id } of phases) follow(id);
  return circles;
}
