import { join } from 'node:path';
import { Transform } from 'node:stream';

/**
 * The places of a host that lie below a folder of this machine when the host is played; everything else, such as /usr/bin, /proc
 * and /tmp, is this machine's own.
 */
const played =
  /(?<![\w.$}/-])\/(?:etc|srv|run|var|sbin|usr\/sbin|usr\/local\/sbin|usr\/bin\/node|proc\/net)(?![\w-])/g;

/** A shell command as the played host has to run it: each of its own places becomes one below `root`. */
export function intoRoot(root: string, text: string): string {
  return text.replace(played, (place) => root + place);
}

/** One path of the played host as a path of this machine. */
export function pathIn(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path : path.replace(played, (place) => root + place);
}

/** Takes `root` out of everything that passes, so that paths read as on the host; a part of it at the end waits for the rest. */
export function outOfRoot(root: string): Transform {
  const whole = Buffer.from(root).toString('latin1');
  let held = '';
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const text = (held + chunk.toString('latin1')).replaceAll(whole, '');
      const end = beginningAtEnd(text, whole);
      held = text.slice(text.length - end);
      done(null, Buffer.from(text.slice(0, text.length - end), 'latin1'));
    },
    flush: (done) => done(null, Buffer.from(held, 'latin1')),
  });
}

/** How many characters at the end of a text may be the beginning of the word. */
function beginningAtEnd(text: string, word: string): number {
  for (let length = Math.min(word.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(word.slice(0, length))) return length;
  }
  return 0;
}

/** Where the stand-in programs lie; it comes first in the played host's PATH. */
export function programsIn(root: string): string {
  return join(root, 'usr/sbin');
}

/** Where the stand-in programs keep what the real ones keep in the kernel or in files of their own. */
export function stateIn(root: string, name: string): string {
  return join(root, 'var/lib/played', name);
}
