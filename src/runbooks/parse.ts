import { cleaned } from '../alerts/bounds.ts';
import { oneLine } from '../alerts/one-line.ts';
import { sha256 } from '../canonical.ts';
import { partedFile } from './front-matter.ts';
import type { Runbook } from './runbook.ts';
import { sectionsOf } from './sections.ts';
import type { TextFault } from './small-yaml.ts';

/** The most bytes that the file of a runbook may have. */
export const largestRunbook = 262_144;

const name = /^[a-z0-9][a-z0-9-]{0,79}$/;
const mostFaults = 50;

/** A runbook, or everything that is wrong with its file (at most 50 sentences). */
export type ParsedRunbook = { readonly runbook: Runbook } | { readonly faults: readonly TextFault[] };

/**
 * Reads the text of a runbook's file, whose name without `.md` is `named`. Control marks and marks that turn the reading order
 * become U+FFFD, line ends become `\n`. Never throws, and takes a time in proportion to the text's length.
 */
export function parseRunbook(named: string, text: string): ParsedRunbook {
  if (!name.test(named)) {
    const message =
      'its name is none for a runbook: lower-case letters, digits and hyphens, at most 80 characters, and .md';
    return { faults: [{ message }] };
  }
  if (Buffer.byteLength(text) > largestRunbook) return { faults: [{ message: 'it is larger than 256 KB' }] };
  const lines = cleaned(text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')).split('\n');
  const file = partedFile(lines);
  if ('faults' in file) return told(file.faults);
  const { front, body, above } = file.parted;
  const { sections, faults } = sectionsOf(body, above);
  if (faults.length > 0) return told(faults);
  return { runbook: { name: named, ...front, hash: sha256(text), sections } };
}

function told(faults: readonly TextFault[]): ParsedRunbook {
  return {
    faults: faults
      .slice(0, mostFaults)
      .map(({ line, message }) => ({ ...(line !== undefined && { line }), message: oneLine(message, 300) })),
  };
}
