import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The lines of passwd(5) and group(5), each as its fields. */
export interface Accounts {
  readonly users: readonly (readonly string[])[];
  readonly groups: readonly (readonly string[])[];
}

/** Reads the accounts and groups of a played host. */
export function readAccounts(root: string): Accounts {
  return { users: lines(root, 'passwd'), groups: lines(root, 'group') };
}

/** Writes them, each file whole or not at all. */
export function writeAccounts(root: string, { users, groups }: Accounts): void {
  for (const [name, entries] of Object.entries({ passwd: users, group: groups })) {
    const file = join(root, 'etc', name);
    writeFileSync(`${file}.new`, entries.map((fields) => `${fields.join(':')}\n`).join(''));
    renameSync(`${file}.new`, file);
  }
}

/** The first free number: below 1000 for what no person logs in with, login.defs(5). */
export function freeNumber(entries: readonly (readonly string[])[], isSystem: boolean): string {
  const taken = new Set(entries.map((fields) => fields[2]));
  let number = isSystem ? 999 : 1_000;
  while (taken.has(String(number))) number += isSystem ? -1 : 1;
  return String(number);
}

/** The groups with an account among the members of exactly these. */
export function withMember(
  groups: Accounts['groups'],
  user: string,
  names: readonly string[],
): Accounts['groups'] {
  return groups.map(([name = '', password = '', number = '', members = '']) => {
    const others = members.split(',').filter((one) => one !== '' && one !== user);
    const all = names.includes(name) ? [...others, user] : others;
    return [name, password, number, all.join(',')];
  });
}

function lines(root: string, name: string): readonly (readonly string[])[] {
  const text = readFileSync(join(root, 'etc', name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}
