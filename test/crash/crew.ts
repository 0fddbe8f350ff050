import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Message } from '../../rehearsal/slack/screen.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import { newestStreams } from '../../src/store/record.ts';
import type { Slipway } from '../support/slipway.ts';

/** People who see runs through: they ask, approve, answer and settle in Slack, and try again when nothing comes of it. */
export interface Crew {
  /** Plays one run of an environment to its end, and returns it as it ended. */
  readonly play: (environment: string, version: string) => Promise<Deployment>;
  /** Waits until the run of this version is as the predicate wants, whatever the people have to do for it. */
  readonly playUntil: (
    environment: string,
    version: string,
    isReached: (run: Deployment) => boolean,
  ) => Promise<Deployment>;
}

export interface CrewOptions {
  /** Where the record is. */
  readonly pool: pg.Pool;
  /** What alice answers when nobody knows whether a step was applied. */
  readonly verdict?: 'done' | 'again';
  readonly limitMs?: number;
}

/** Somebody looks at the channel this often, in milliseconds. */
const lookMs = 250;

/** What a person does next about a run: a button on a message, and for a dialogue what goes into it. */
interface Deed {
  readonly user: string;
  readonly button: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Gathers the people of a workspace. */
export function gatherCrew({ people }: Pick<Slipway, 'people'>, options: CrewOptions): Crew {
  const { pool, verdict = 'done', limitMs = 240_000 } = options;
  // The workspace shows one dialogue at a time, whoever opened it.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };

  const find = async (environment: string, version: string): Promise<Deployment | undefined> => {
    const newest = await newestStreams<Deployment>(pool, 'run', environment, 3);
    return newest.find((run) => run.version === version);
  };

  const dialogue = async (message: Message, { user, button, fields = {} }: Deed): Promise<void> => {
    await atMost(1_000, people.closeModal(user));
    await atMost(3_000, people.click(user, message, button));
    await people.waitForModal({ timeoutMs: 4_000 });
    await atMost(3_000, people.submitModal(user, fields));
    await atMost(1_000, people.closeModal(user));
  };

  const act = async (run: Deployment, { user, button, fields }: Deed): Promise<void> => {
    const message = people
      .messages(run.environment)
      .find(
        (one) => people.buttons(one).includes(button) && JSON.stringify(one.blocks).includes(`${run.id}\\"`),
      );
    if (message === undefined) return;
    if (fields === undefined) await atMost(3_000, people.click(user, message, button));
    else await dialogue(message, { user, button, fields });
  };

  const help = async (run: Deployment): Promise<void> => {
    for (const deed of deedsFor(run, verdict)) {
      // Whatever goes wrong is seen by the person, who looks again and tries once more.
      const acted = deed.fields === undefined ? act(run, deed) : inTurn(() => act(run, deed));
      await acted.catch(() => undefined);
    }
  };

  const playUntil: Crew['playUntil'] = async (environment, version, isReached) => {
    const until = performance.now() + limitMs;
    let askedAt = Number.NEGATIVE_INFINITY;
    let run: Deployment | undefined;
    while (performance.now() < until) {
      // While the database is away nobody sees anything.
      run = await find(environment, version).catch(() => run);
      if (run !== undefined && isReached(run)) return run;
      if (run !== undefined) await help(run);
      else if (performance.now() - askedAt > 3_000) {
        askedAt = performance.now();
        const text = `${environment} ${version}`;
        await atMost(3_000, people.command('alice', environment, '/deploy', text));
      }
      await sleep(lookMs);
    }
    throw new Error(`${environment} ${version} did not get there: ${JSON.stringify(run?.phases)}`);
  };
  return {
    playUntil,
    play: (environment, version) => playUntil(environment, version, ({ status }) => status === 'ended'),
  };
}

/** A click on a bot that has just been killed may never be answered. */
async function atMost(span: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), sleep(span)]);
}

function deedsFor(run: Deployment, verdict: 'done' | 'again'): readonly Deed[] {
  if (run.status !== 'running') return [];
  return Object.values(run.phases).flatMap((phase): Deed[] => {
    if (phase.status === 'gated') return [{ user: 'bob', button: 'Approve' }];
    // A host that is asked by many at once may refuse a connection; that is told, and tried again by people.
    if (phase.status === 'failed') return [{ user: 'alice', button: 'Retry' }];
    return Object.values(phase.steps).flatMap((step): Deed[] => {
      if (step.status === 'asking' && step.answers.length === 0) {
        return [{ user: 'carol', button: 'Confirm', fields: { answer: 'All green.' } }];
      }
      if (step.status === 'in-doubt' && step.doubt === 'open') {
        const button = verdict === 'done' ? 'It was done' : 'Run it again';
        return [{ user: 'alice', button, fields: { reason: 'I looked at the host.' } }];
      }
      return [];
    });
  });
}
