import type { Refusal } from '../../deploy/decision.ts';
import type { Instant } from '../../deploy/deployment.ts';
import { reasons } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { clip, code, escaped, link, mention, sentence } from './escape.ts';
import { moment } from './moment.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';
import { sign } from './signs.ts';
import { shown } from './titles.ts';

/** A word that `/deploy` takes after it, how it is written and what it does. */
export interface Word {
  readonly word: string;
  readonly usage: string;
  readonly does: string;
}

/** All words of `/deploy`, besides the names of environments. */
export const words: readonly Word[] = [
  {
    word: 'plan',
    usage: 'plan production v2.4.1',
    does: 'shows what a deployment would do and who must approve',
  },
  { word: 'status', usage: 'status production', does: 'shows what is active and what it waits for' },
  { word: 'history', usage: 'history production', does: 'shows the last ten deployments' },
  {
    word: 'rollback',
    usage: 'rollback production',
    does: 'takes the last deployment back, after asking how',
  },
  { word: 'abort', usage: 'abort production', does: 'stops the active deployment where it is' },
  { word: 'lock', usage: 'lock production 2h database move', does: 'lets nobody deploy for a while' },
  {
    word: 'unlock',
    usage: 'unlock production',
    does: 'opens a locked environment, after asking for the cause',
  },
  { word: 'help', usage: 'help', does: 'shows this' },
];

/** What can be typed, with an example of each. */
export function helpReply(environments: readonly string[] = ['production'], command = '/deploy'): Reply {
  const first = environments[0] ?? 'production';
  const line = (usage: string, does: string) =>
    `${code(`${command} ${usage.replace('production', first)}`)}  ${does}`;
  return reply(
    '*What you can type*',
    line('production', 'deploys the last version that went well again, or `latest` when none did'),
    line('production v2.4.1', 'deploys this version'),
    ...words.map(({ usage, does }) => line(usage, does)),
    `Environments: ${environments.map((name) => code(name)).join(', ')}`,
  );
}

/** The answer to a word that is neither an environment nor a command: what was probably meant, or what there is. */
export function unknownReply(
  typed: string,
  environments: readonly string[] = ['production'],
  command = '/deploy',
): Reply {
  const said = code(clip(typed, 80)) || 'Nothing';
  const meant = nearest(typed.slice(0, 80), [...words.map(({ word }) => word), ...environments]);
  if (meant !== undefined) {
    return reply(
      `${said} is not known here. Did you mean ${code(`${command} ${meant}`)}?`,
      `${code(`${command} help`)} shows everything.`,
    );
  }
  const known = [...environments, ...words.map(({ word }) => word)].map((word) => code(word));
  return reply(
    `${said} is not known here. There is ${known.join(', ')}.`,
    `${code(`${command} help`)} shows examples.`,
  );
}

/** Who holds an environment while somebody else asks for it. */
export interface Holder {
  readonly environment: string;
  readonly by: string;
  readonly since: Instant;
  readonly version: string;
  /** The address of the card, as Slack gave it. */
  readonly link?: string;
}

/** The answer to a second asker: who holds the environment, since when, and where to look. */
export function busyReply({ environment, by, since, version, link: url }: Holder): Reply {
  const look = url === undefined ? '' : ` ${link(url, 'Look at it')}.`;
  return reply(
    `${sign.refused} ${mention(by)} holds *${shown(environment)}* with ${shown(version)} since ${moment(since)}.${look}`,
    'One deployment at a time: wait until it has ended, or ask there to abort it.',
  );
}

/** Who locked an environment, why, and until when. */
export interface Lock {
  readonly environment: string;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  readonly until?: Instant;
}

/** The answer when an environment is locked: by whom, why, until when, and how to open it. */
export function lockedReply(lock: Lock, command = '/deploy'): Reply {
  return reply(
    lockLine(lock),
    `Once the cause is known: ${code(`${command} unlock ${clip(lock.environment, 80)}`)}`,
  );
}

/** A lock as one line of mrkdwn. */
export function lockLine({ environment, by, reason, at, until }: Lock): string {
  const end = until === undefined ? 'until somebody unlocks it' : `until ${moment(until)}`;
  const why = clip(escaped(reason), 250);
  return `${sign.locked} *${shown(environment)}* is locked by ${mention(by)} since ${moment(at)}, ${end}: ${why}`;
}

/** Why something was not done, for the one who asked: what the code means and what this person should know. */
export function refusalReply({ code: reason, detail }: Refusal): Reply {
  const says = `${sign.refused} ${reasons[reason].says}`;
  return reply(detail === '' ? says : `${says} ${sentence(detail)}`);
}
