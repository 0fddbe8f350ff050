import { Failure } from '../errors.ts';
import type { Unshown } from './show.ts';

/** Messages that Slack refused lately: they must not keep all others from being shown. */
export interface Refusals {
  /** Whether just this was refused within the last minutes. */
  readonly has: (unshown: Unshown) => boolean;
  /** Takes an error; false when it is no refusal, or one too many in a row, so that more is wrong than this message. */
  readonly bears: (unshown: Unshown, error: unknown) => boolean;
  /** Something was taken: what is refused is the message's own fault. */
  readonly forget: () => void;
}

/** How long a refused message is left alone, in milliseconds, and how many in a row are borne. */
const pause = 5 * 60_000;
const inARow = 2;

/** Starts with nothing refused. */
export function createRefusals(now: () => number): Refusals {
  const refused = new Map<string, { readonly digest: string; readonly until: number }>();
  let row = 0;
  const name = ({ stream, surface }: Unshown): string => `${stream} ${surface.key}`;
  return {
    has: (unshown) => {
      const found = refused.get(name(unshown));
      if (found === undefined) return false;
      if (found.digest === unshown.digest && now() < found.until) return true;
      refused.delete(name(unshown));
      return false;
    },
    bears: (unshown, error) => {
      if (!(error instanceof Failure) || error.code !== 'slack-refused') return false;
      refused.set(name(unshown), { digest: unshown.digest, until: now() + pause });
      row += 1;
      return row <= inARow;
    },
    forget: () => {
      row = 0;
    },
  };
}
