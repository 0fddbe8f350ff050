import type { Environment } from './config.ts';

type Groups = Readonly<Record<string, readonly string[]>>;

/**
 * Says why a gate could never be met in an environment: each approval must come from another person, and not from who asked
 * unless the environment lets them. A group with a Slack user group (S…) in it counts as large enough, since only Slack knows it.
 */
export function gateProblem(
  approvals: Readonly<Record<string, number>>,
  groups: Groups,
  environment: Pick<Environment, 'name' | 'may' | 'selfApproval'>,
): string | undefined {
  const wanted = Object.entries(approvals)
    .map(([group, count]) => `${count} of ${group}`)
    .join(' and ');
  if (!canBeMet(approvals, groups)) {
    const present = Object.keys(approvals)
      .map((group) => `${group} has ${new Set(groups[group]).size}`)
      .join(', ');
    return `wants ${wanted} from different people, which can never be: ${present}`;
  }
  const askers = environment.may.deploy.flatMap((group) => groups[group] ?? []);
  if (environment.selfApproval || askers.length === 0) return undefined;
  // An asking user group is never a seated member, so it counts as somebody else who may ask.
  if (askers.some((asker) => canBeMet(approvals, groups, asker))) return undefined;
  return `wants ${wanted}, but whoever may deploy to ${environment.name} is needed to approve, and nobody approves their own request; add people or allow selfApproval`;
}

// Each approval wanted is a seat; a seat takes a free member, or one whose own seat can be taken by somebody else.
function canBeMet(approvals: Readonly<Record<string, number>>, groups: Groups, without?: string): boolean {
  const seats = Object.entries(approvals)
    .map(([group, count]) => ({ members: groups[group] ?? [], count }))
    .filter(({ members }) => !members.some(isUserGroup))
    .flatMap(({ members, count }) =>
      Array.from({ length: count }, () => members.filter((id) => id !== without)),
    );
  const seatOf = new Map<string, number>();
  const seated = (seat: number, asked: Set<string>): boolean => {
    for (const person of seats[seat] ?? []) {
      if (asked.has(person)) continue;
      asked.add(person);
      const taken = seatOf.get(person);
      if (taken === undefined || seated(taken, asked)) {
        seatOf.set(person, seat);
        return true;
      }
    }
    return false;
  };
  return seats.every((_members, seat) => seated(seat, new Set()));
}

function isUserGroup(id: string): boolean {
  return id.startsWith('S');
}
