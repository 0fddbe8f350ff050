import { boundedAddress, boundedKey, boundedLabels, bounds, clipped } from './bounds.ts';
import type { GroupCommand } from './commands.ts';
import type { Settled } from './episode.ts';
import { equalLabels } from './episode.ts';
import type { AlertGroup } from './group.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

/** What a delivery says of a group as a whole. */
export type About = Pick<AlertGroup, 'commonLabels' | 'commonAnnotations' | 'externalUrl' | 'truncated'>;

/** What makes a group the one that it is. What comes in is bounded where it is read; what is kept in the state is bounded here all the same. */
export function identityOf({ id, source, receiver, groupKey, groupLabels, ruling }: Deliver) {
  return {
    id,
    source,
    receiver: clipped(receiver, bounds.name),
    groupKey: boundedKey(groupKey),
    groupLabels: boundedLabels(Object.entries(groupLabels)),
    dedupKey: ruling.dedupKey,
  };
}

/** What is said of the whole group counts only when the delivery knows the whole group. */
export function aboutOf(group: AlertGroup | undefined, command: Deliver, { opens, isWhole }: Settled): About {
  const externalUrl = boundedAddress(command.externalUrl);
  if (group !== undefined && !opens && !isWhole) {
    const { commonLabels, commonAnnotations, truncated } = group;
    return { commonLabels, commonAnnotations, truncated, externalUrl };
  }
  return {
    commonLabels: boundedLabels(Object.entries(command.commonLabels)),
    commonAnnotations: boundedLabels(Object.entries(command.commonAnnotations)),
    truncated: command.truncated,
    externalUrl,
  };
}

/** Whether this is news of a group that fires; that peers have different addresses is none. */
export function saysMore(group: AlertGroup, about: About): boolean {
  return (
    group.status === 'firing' &&
    !(
      group.truncated === about.truncated &&
      equalLabels(group.commonLabels, about.commonLabels) &&
      equalLabels(group.commonAnnotations, about.commonAnnotations)
    )
  );
}
