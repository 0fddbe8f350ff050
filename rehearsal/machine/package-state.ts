import { join } from 'node:path';
import { readLines, writeLines } from './program.ts';

const file = 'var/lib/dpkg/installed';

/** The packages of a played host, by name, with their versions. */
export function installedPackages(root: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readLines(join(root, file)).map(([name = '', version = '']) => [name, version]));
}

export function keepPackages(root: string, packages: Readonly<Record<string, string>>): void {
  writeLines(join(root, file), Object.entries(packages).sort());
}

/** Tells what the sources offer, where apt-cache looks. */
export function keepOffers(root: string, versions: Readonly<Record<string, string>>): void {
  writeLines(join(root, 'var/lib/apt/offers'), Object.entries(versions));
}
