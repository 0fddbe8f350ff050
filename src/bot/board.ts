import type { OpenedGroup } from '../alerts/group.ts';
import { type BoardDrawing, type Desk, startCalls } from './board-calls.ts';
import { newStorm, type Storm } from './board-digest.ts';
import { firstPostOf, type Opening, startOpening } from './board-opening.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createRefusals, type Refusals } from './refusals.ts';

/** Draws the alert groups of channels until it is stopped. */
export interface Board {
  /** Makes Slack show all groups of a channel as they stand; throws when Slack does not answer, and goes on from there when called again. */
  readonly draw: (channel: string) => Promise<void>;
  /** Something was committed that people wait for: it is drawn now, by the board at work if there is one. What fails is left to `draw`. */
  readonly drawNow: (channel: string) => void;
  /**
   * The same for a group of which nothing was shown, while it is being committed: where its channel is calm its post is made ready
   * meanwhile, without a look at others, and sent when `committed` is true.
   */
  readonly drawOpened: (opened: OpenedGroup, committed: Promise<boolean>) => void;
  /** Something was committed: a board at work looks again at once if it could post something. */
  readonly wake: () => void;
  /** Lets the calls in flight end and makes no more; what is not shown then is drawn at the next start. */
  readonly stop: () => void;
}

/** Whether a board at work was asked to look once more since its last look began. */
interface Asked {
  again: boolean;
}

/** How long nothing is looked at while calls wait for their turn, in milliseconds. */
const lookAgainMs = 500;

/**
 * Draws all alert groups of a channel together: what matters most first, each time with the newest state, until nothing
 * differs. What Slack counts apart is called side by side; whatever is not among the calls that are due next is not loaded.
 */
export function createBoard(drawing: BoardDrawing): Board {
  const inTurn = oneAtATime();
  const storms = new Map<string, Storm>();
  const refusals = new Map<string, Refusals>();
  const sleepers = new Set<() => void>();
  /** The channels whose boards are at work. */
  const atWork = new Map<string, Asked>();
  /** The channels where nothing was left to do when their board was last put away. */
  const calm = new Set<string>();
  let isStopped = false;

  const mayPost = (channel: string) => drawing.pace.wait('chat.postMessage', channel, true) === 0;
  const work = async (channel: string, opening?: Opening): Promise<void> => {
    calm.delete(channel);
    const claim = drawing.claim(channel, opening && firstPostOf(opening.opened, drawing.now()));
    // Heard of where it is awaited, which may be after it has failed.
    claim.catch(() => undefined);
    const asked: Asked = { again: false };
    atWork.set(channel, asked);
    const desk: Desk = {
      channel,
      claim,
      storm: kept(storms, channel, newStorm),
      refusals: kept(refusals, channel, () => createRefusals(drawing.now)),
      plans: new Map(),
      busy: new Map(),
      look: 0,
    };
    try {
      if (opening !== undefined) {
        await startOpening(opening, desk, drawing);
        if (desk.busy.size > 0) await pause(desk, asked, lookAgainMs);
      }
      while (!isStopped && desk.failure === undefined) {
        asked.again = false;
        const wait = await startCalls(desk, drawing);
        if (wait === undefined && desk.busy.size === 0 && !asked.again) {
          calm.add(channel);
          break;
        }
        if (wait !== 0) await pause(desk, asked, Math.min(wait ?? lookAgainMs, lookAgainMs));
      }
    } finally {
      atWork.delete(channel);
      await Promise.all(desk.busy.values());
      await (await claim).release();
    }
    if (desk.failure !== undefined) throw desk.failure;
  };
  const pause = async (desk: Desk, asked: Asked, ms: number): Promise<void> => {
    const canPost = !desk.busy.has('post') && mayPost(desk.channel);
    if (canPost && asked.again) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        sleepers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      if (canPost) sleepers.add(end);
      for (const call of desk.busy.values()) call.then(end);
    });
  };
  const draw = (channel: string) => inTurn(channel, () => work(channel));
  const drawNow = (channel: string): void => {
    const asked = atWork.get(channel);
    if (asked === undefined) {
      draw(channel).catch(later(channel));
      return;
    }
    asked.again = true;
    wake();
  };
  const later = (channel: string) => (error: unknown) =>
    drawing.log.info({ error, channel }, 'not drawn yet');
  const wake = (): void => {
    for (const wakeUp of sleepers) wakeUp();
  };
  return {
    draw,
    drawNow,
    drawOpened: (opened, committed) => {
      const { channel } = opened.group.routing;
      const known = committed.then(
        (isCommitted) => isCommitted && !isStopped,
        () => false,
      );
      // Also where it is posted below: if that cannot be done at once, it is drawn with the others.
      known.then((isCommitted) => isCommitted && drawNow(channel));
      if (calm.has(channel) && mayPost(channel)) {
        inTurn(channel, () => work(channel, { opened, committed: known })).catch(later(channel));
      }
    },
    wake,
    stop: () => {
      isStopped = true;
    },
  };
}

function kept<T>(all: Map<string, T>, name: string, make: () => T): T {
  const found = all.get(name) ?? make();
  all.set(name, found);
  return found;
}
