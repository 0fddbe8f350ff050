import { stripVTControlCharacters } from 'node:util';
import type { Logger } from 'pino';
import { sha256 } from '../canonical.ts';
import type { AttemptKey } from '../store/output.ts';
import { storable } from '../text.ts';
import type { Redact } from './redact.ts';

/** How often what was said is written, in milliseconds. */
const writeEvery = 500;

/** The beginning and the end of an attempt's output that are kept, in characters; what is between is only counted. */
const longestHead = 224_000;
const longestTail = 32_000;

/** A line without an end is cut here, and its own end is left out: a secret that the cut halves stands there. */
const longestLine = 32_000;
const cutAway = 12_000;

/** Where an attempt's output is kept and what proves it: the SHA-256 of its first `pieces` put together. */
export interface OutputReference extends AttemptKey {
  readonly pieces: number;
  readonly hash: string;
  /** Set when the rest could not be written. */
  readonly incomplete?: true;
}

/** Takes what one attempt of a step says. */
export interface StepOutput {
  /** Takes a piece of any size; what comes after the end is not kept. */
  readonly log: (text: string) => void;
  /** Writes what is left and tells what there is, undefined when nothing was said; never throws. */
  readonly end: () => Promise<OutputReference | undefined>;
}

interface Collecting {
  readonly key: AttemptKey;
  readonly redact: Redact;
  /** Writes a piece, counted from 1, or writes it anew; it is on the disk when this returns. */
  readonly write: (seq: number, text: string) => Promise<void>;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * Collects what an attempt says: whole lines, as a terminal would show them, without secrets, bounded, written twice a second.
 * That something cannot be written is logged and never stops the step.
 */
export function collectOutput({ key, redact, write, log }: Collecting): StepOutput {
  const written: string[] = [];
  const lines = wholeLines(redact);
  let head = '';
  let room = longestHead;
  let tail = '';
  let leftOut = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isTailWritten = true;
  let isOver = false;
  let isTold = false;

  const take = (text: string): void => {
    const fits = text.slice(0, room);
    head += fits;
    room -= fits.length;
    if (fits.length === text.length) return;
    tail += text.slice(fits.length);
    leftOut += Math.max(0, tail.length - longestTail);
    tail = tail.slice(-longestTail);
    isTailWritten = false;
  };
  const flush = async (): Promise<boolean> => {
    try {
      if (head !== '') {
        const text = storable(head);
        const { length } = head;
        await write(written.length + 1, text);
        written.push(text);
        head = head.slice(length);
      }
      // The end changes until the attempt is over, so it is one piece that is written anew each time.
      if (!isTailWritten && head === '') {
        isTailWritten = true;
        await write(written.length + 1, endOf(tail, leftOut)).catch((error: unknown) => {
          isTailWritten = false;
          throw error;
        });
      }
      return true;
    } catch (error) {
      if (!isTold) log.warn({ error, ...key }, 'output of a step not written');
      isTold = true;
      return false;
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(flush).then((isDone) => {
        if (!isDone && !isOver) soon();
      });
    }, writeEvery);
  };
  return {
    log: (text) => {
      if (isOver) return;
      take(lines.next(text));
      if (head !== '' || !isTailWritten) soon();
    },
    end: async () => {
      if (!isOver) take(lines.rest());
      isOver = true;
      clearTimeout(timer);
      await writing;
      const isWhole = await flush();
      const pieces = isWhole && leftOut + tail.length > 0 ? [...written, endOf(tail, leftOut)] : written;
      if (pieces.length === 0 && isWhole) return undefined;
      const proof = { ...key, pieces: pieces.length, hash: sha256(pieces.join('')) };
      return isWhole ? proof : { ...proof, incomplete: true };
    },
  };
}

function endOf(tail: string, leftOut: number): string {
  return storable(leftOut === 0 ? tail : `\n… ${leftOut} characters left out …\n${tail}`);
}

/** Puts pieces together to whole lines; only those can be redacted, since a secret may come in two pieces. */
function wholeLines(redact: Redact) {
  let open = '';
  let isCut = false;
  const closed = (line: string): string => {
    const wasCut = isCut;
    isCut = false;
    return wasCut ? '' : `${asShown(line)}\n`;
  };
  return {
    next: (text: string): string => {
      const [first = '', ...others] = text.split('\n');
      open += first;
      let lines = '';
      for (const line of others) {
        lines += closed(open);
        open = line;
      }
      const whole = redact(lines);
      if (open.length <= longestLine) return whole;
      const cut = isCut
        ? ''
        : `${redact(asShown(open.slice(0, longestLine))).slice(0, -cutAway)} … cut here …\n`;
      isCut = true;
      open = '';
      return whole + cut;
    },
    rest: (): string => (open === '' || isCut ? '' : `${redact(asShown(open))}\n`),
  };
}

/** A line as a terminal shows it in the end: without colours, and where it overwrites itself, as progress bars do, what it was last. */
function asShown(line: string): string {
  const plain = stripVTControlCharacters(line).replace(/\r+$/, '');
  return plain.slice(plain.lastIndexOf('\r') + 1);
}
