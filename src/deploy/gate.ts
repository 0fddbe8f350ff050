import type { Approval, Gate } from './deployment.ts';

/**
 * How many of a gate's approvals are filled by distinct people, each counting for one group: a maximum matching, so that
 * somebody in two groups is used where they are needed.
 */
export function filled(gate: Gate, people: readonly Pick<Approval, 'by' | 'groups'>[]): number {
  const seats = Object.entries(gate.approvals).flatMap(([group, count]) => Array<string>(count).fill(group));
  const taken = new Map<number, number>();
  const seat = (person: number, tried: Set<number>): boolean =>
    seats.some((group, index) => {
      if (tried.has(index) || !people[person]?.groups.includes(group)) return false;
      tried.add(index);
      const holder = taken.get(index);
      if (holder !== undefined && !seat(holder, tried)) return false;
      taken.set(index, person);
      return true;
    });
  return people.reduce((count, _, person) => count + (seat(person, new Set()) ? 1 : 0), 0);
}

/** How many approvals a gate wants in all. */
export function wanted(gate: Gate): number {
  return Object.values(gate.approvals).reduce((sum, count) => sum + count, 0);
}

/** Whether the members of the groups, without the one who asks, could open the gate. */
export function canBeMet(
  gate: Gate,
  members: Readonly<Record<string, readonly string[]>>,
  without: string | undefined,
): boolean {
  const groupsOf = new Map<string, string[]>();
  for (const group of Object.keys(gate.approvals)) {
    for (const person of members[group] ?? []) {
      if (person !== without) groupsOf.set(person, [...(groupsOf.get(person) ?? []), group]);
    }
  }
  const people = [...groupsOf].map(([by, groups]) => ({ by, groups }));
  return filled(gate, people) === wanted(gate);
}
